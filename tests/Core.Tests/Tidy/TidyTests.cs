namespace Core.Tests.Tidy;

/// <summary>The rules of the house, applied to the whole repository. <see cref="TidyRuleTests"/> shows that each can fail.</summary>
[TestClass]
public sealed class TidyTests
{
    private static readonly string[] BinaryKinds = [".bin", ".png", ".ico", ".gz", ".zip", ".db", ".woff2"];

    /// <summary>The rules' own samples of what is forbidden.</summary>
    private const string OwnSamples = "tests/Core.Tests/Tidy/";

    [TestMethod]
    public void Files_AreShort() => Clean(SourceTree.Sources.SelectMany(ShapeRules.Files));

    [TestMethod]
    public void Methods_AreShort() => Clean(SourceTree.Sources.SelectMany(ShapeRules.Methods));

    [TestMethod]
    public void Constructors_TakeFewParameters() => Clean(SourceTree.Sources.SelectMany(ShapeRules.Constructors));

    [TestMethod]
    public void Interfaces_HaveFewMembers() => Clean(SourceTree.Sources.SelectMany(ShapeRules.Interfaces));

    [TestMethod]
    public void Types_HaveNamesThatSaySomething() => Clean(SourceTree.Sources.SelectMany(ShapeRules.TypeNames));

    [TestMethod]
    public void Sources_HaveNoRegionsAndNothingUnfinished() => Clean(SourceTree.Sources.SelectMany(ShapeRules.Leftovers));

    [TestMethod]
    public void Core_CallsNothingThatBreaksDeterminism() =>
        Clean(SourceTree.Sources.Where(s => s.Path.StartsWith("core/Serverless.Core/", StringComparison.Ordinal)).SelectMany(BannedApiRules.Check));

    [TestMethod]
    public void Namespaces_KnowOnlyWhatIsBelow() => Clean(SourceTree.Sources.SelectMany(DependencyRules.Namespaces));

    [TestMethod]
    public void Projects_ReferenceOnlyWhatIsBelow() =>
        Clean(SourceTree.Files.Where(f => f.EndsWith(".csproj", StringComparison.Ordinal)).SelectMany(f => DependencyRules.Projects(f, SourceTree.Read(f).Text)));

    [TestMethod]
    public void Files_HoldNoPathOfAMachine() => Clean(Texts().SelectMany(f => TextRules.MachinePaths(f.Path, f.Text)));

    [TestMethod]
    public void Files_NameNoPackageRegistry() => Clean(Texts().SelectMany(f => TextRules.RegistryHosts(f.Path, f.Text)));

    [TestMethod]
    public void Files_HoldNoSecrets() => Clean(Texts().SelectMany(f => TextRules.Secrets(f.Path, f.Text)));

    [TestMethod]
    public void Docs_HaveNoDeadLinks() => Clean(Pages().SelectMany(f => TextRules.DeadLinks(f.Path, f.Text, SourceTree.Exists)));

    [TestMethod]
    public void Docs_HaveNoDeadAnchors() => Clean(Pages().SelectMany(
        f => TextRules.DeadAnchors(f.Path, f.Text, static path => SourceTree.Exists(path) ? SourceTree.Read(path).Text : null)));

    [TestMethod]
    public void Threats_HaveTheirTests() => Clean(SecurityRules.Tests(
        "SECURITY.md", SourceTree.Read("SECURITY.md").Text, [.. SourceTree.Sources.Where(static s => s.Path.StartsWith("tests/", StringComparison.Ordinal)).SelectMany(SecurityRules.NamesOfTests)]));

    [TestMethod]
    public void Sources_AreFound()
    {
        Assert.IsTrue(SourceTree.Sources.Any(s => s.Path == "core/Serverless.Core/History/EventCodec.cs"));
        Assert.IsFalse(SourceTree.Sources.Any(s => s.Path.Contains("/obj/", StringComparison.Ordinal)));
    }

    private static IEnumerable<SourceFile> Texts() => SourceTree.Files
        .Where(f => !BinaryKinds.Contains(Path.GetExtension(f)) && !f.StartsWith(OwnSamples, StringComparison.Ordinal))
        .Select(SourceTree.Read);

    private static IEnumerable<SourceFile> Pages() => Texts().Where(f => f.Path.EndsWith(".md", StringComparison.Ordinal));

    private static void Clean(IEnumerable<Violation> violations)
    {
        var list = violations.Select(v => v.ToString()).Order(StringComparer.Ordinal).ToList();
        Assert.IsEmpty(list, Environment.NewLine + string.Join(Environment.NewLine, list));
    }
}
