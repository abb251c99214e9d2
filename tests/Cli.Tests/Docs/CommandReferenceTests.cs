using Serverless.Testbed;

namespace Cli.Tests.Docs;

[TestClass]
public sealed class CommandReferenceTests
{
    private const string Mark = "<!-- What follows is made from the commands themselves: set SERVERLESS_WRITE_DOCS=1 and run Cli.Tests. -->\n\n";

    [TestMethod]
    public async Task ThePage_HoldsTheReferenceOfToday()
    {
        var path = RepositoryRoot.PathOf("docs", "cli.md");
        var page = await File.ReadAllTextAsync(path);
        var begin = page.IndexOf(Mark, StringComparison.Ordinal);
        Assert.IsGreaterThan(0, begin, $"docs/cli.md has lost its mark: {Mark}");
        var expected = page[..(begin + Mark.Length)] + CommandReference.Create();
        if (Environment.GetEnvironmentVariable("SERVERLESS_WRITE_DOCS") == "1")
        {
            await File.WriteAllTextAsync(path, expected);
        }
        else
        {
            Assert.AreEqual(expected, page, "docs/cli.md is out of date: set SERVERLESS_WRITE_DOCS=1 and run this test.");
        }
    }
}
