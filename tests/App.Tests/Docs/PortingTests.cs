using Serverless.Testbed;

namespace App.Tests.Docs;

/// <summary>The porting page names all of Temporal's public members and says nothing that is not so. <see cref="PortingTableTests"/> shows that the checks can fail.</summary>
[TestClass]
public sealed class PortingTests
{
    private const string Theirs = "Temporalio.";

    /// <summary>Names of the SDK 1.18, one a line, with their kinds in parentheses. Members of raw services are left out.</summary>
    private static readonly IReadOnlyList<string> Members =
        [.. File.ReadLines(RepositoryRoot.PathOf("tests", "App.Tests", "Docs", "temporal-members.txt")).Select(line => line[..line.LastIndexOf('(')])];

    private static readonly IReadOnlyList<PortingRow> Rows = PortingTable.Read(File.ReadAllText(RepositoryRoot.PathOf("docs", "porting-from-temporal.md")));

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
    public void EveryRow_HasAState_AndWhatItSaysIsHereIsHere()
    {
        var problems = Rows.Select(row => row.Problem()).OfType<string>().ToList();
        Assert.IsEmpty(problems, Environment.NewLine + string.Join(Environment.NewLine, problems));
    }
}
