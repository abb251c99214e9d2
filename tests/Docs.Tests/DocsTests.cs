using Serverless.Testbed;

namespace Serverless.Tests.Docs;

/// <summary>
/// All C# of the documentation compiles, its examples run, and print what the pages say. <see cref="PageCheckTests"/> shows that the check can fail.
/// </summary>
[TestClass]
public sealed class DocsTests
{
    private const string Concepts = "docs/concepts/";
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    public static IEnumerable<string> Pages
    {
        get
        {
            var root = RepositoryRoot.PathOf();
            return Directory.EnumerateFiles(RepositoryRoot.PathOf("docs"), "*.md", SearchOption.AllDirectories)
                .Select(file => Path.GetRelativePath(root, file).Replace('\\', '/'))
                .Append("README.md")
                .Order(StringComparer.Ordinal);
        }
    }

    [TestMethod]
    [DynamicData(nameof(Pages))]
    public async Task Page_CompilesAndPrintsWhatItSays(string path)
    {
        var problems = await PageCheck.RunAsync(PageCheck.Read(path), PageCheck.GlobalUsingsOf(path), Limit);
        Assert.IsEmpty(problems, Environment.NewLine + string.Join(Environment.NewLine, problems));
    }

    [TestMethod]
    public void EveryConceptHasAnExampleThatIsRunAndShowsWhatItPrints()
    {
        var concepts = Pages.Where(static p => p.StartsWith(Concepts, StringComparison.Ordinal)).Select(PageCheck.Read).ToList();
        Assert.IsNotEmpty(concepts);
        Assert.IsEmpty(concepts.Where(static p => !p.Blocks.Any(b => b.Kind == BlockKind.Run && p.TextAfter(b) is not null)).Select(static p => p.Path));
    }

    [TestMethod]
    public void EveryPageIsListedInTheIndex()
    {
        const string Folder = "docs/";
        var index = File.ReadAllText(RepositoryRoot.PathOf(PageCheck.Index));
        var pages = Pages.Where(static p => p.StartsWith(Folder, StringComparison.Ordinal) && p != PageCheck.Index);
        Assert.IsEmpty(pages.Where(p => !index.Contains($"]({p[Folder.Length..]})", StringComparison.Ordinal)));
    }
}
