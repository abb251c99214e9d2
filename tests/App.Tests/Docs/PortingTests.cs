using Serverless.Testbed;

namespace App.Tests.Docs;

/// <summary>The porting pages say nothing is here that is not, and one names all of Temporal's public members. <see cref="PortingTableTests"/> shows that the checks can fail.</summary>
[TestClass]
public sealed class PortingTests
{
    private const string Theirs = "Temporalio.";

    /// <summary>Names of the SDK 1.18, one a line, with their kinds in parentheses. Members of raw services are left out.</summary>
    private static readonly IReadOnlyList<string> Members =
        [.. File.ReadLines(RepositoryRoot.PathOf("tests", "App.Tests", "Docs", "temporal-members.txt")).Select(line => line[..line.LastIndexOf('(')])];

    private static readonly IReadOnlyList<PortingRow> Rows = Read("porting-from-temporal.md");

    [TestMethod]
    public void EveryMemberOfTemporal_IsNamedOnThePage()
    {
        Assert.IsGreaterThan(2000, Members.Count);
        Assert.IsEmpty(PortingTable.Unnamed(Members, Rows));
    }

    [TestMethod]
    public void EveryNameOnThePage_IsOneOfTemporals() =>
        Assert.IsEmpty(Rows.Where(row => row.Namespace.StartsWith(Theirs, StringComparison.Ordinal)).SelectMany(row => row.Names).Except(Members));

    [TestMethod]
    [DataRow("porting-from-temporal.md", 400)]
    [DataRow("porting-from-durable-functions.md", 30)]
    public void EveryRow_HasAState_AndWhatItSaysIsHereIsHere(string page, int rows)
    {
        var all = Read(page);
        Assert.IsGreaterThan(rows, all.Count);

        var problems = all.Select(row => row.Problem()).OfType<string>().ToList();
        Assert.IsEmpty(problems, Environment.NewLine + string.Join(Environment.NewLine, problems));
    }

    private static IReadOnlyList<PortingRow> Read(string page) => PortingTable.Read(File.ReadAllText(RepositoryRoot.PathOf("docs", page)));
}
