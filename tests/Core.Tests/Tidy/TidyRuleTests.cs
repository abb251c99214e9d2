namespace Core.Tests.Tidy;

/// <summary>Each rule finds what it is there to find, and nothing else.</summary>
[TestClass]
public sealed class TidyRuleTests
{
    [TestMethod]
    public void Files_OneLineTooMany_IsFound()
    {
        Assert.IsEmpty(ShapeRules.Files(Source(Lines(400))));
        Assert.AreEqual("x.cs:1: the file has 401 lines, at most 400 are allowed: split it by concept", Single(ShapeRules.Files(Source(Lines(401)))));
    }

    [TestMethod]
    public void Methods_OneLineTooMany_IsFound()
    {
        Assert.IsEmpty(ShapeRules.Methods(Source(Method(60))));
        Assert.AreEqual("x.cs:1: M has 61 lines, at most 60 are allowed", Single(ShapeRules.Methods(Source(Method(61)))));
        Assert.HasCount(1, ShapeRules.Methods(Source("class C { int P { get {\n" + Lines(61) + "\n} } }")));
    }

    [TestMethod]
    [DataRow("class C { C(int a, int b, int c, int d, int e, int f, int g, int h) {} }")]
    [DataRow("class C(int a, int b, int c, int d, int e, int f, int g, int h);")]
    public void Constructors_EightParameters_IsFound(string text) =>
        Assert.AreEqual("x.cs:1: the constructor of C has 8 parameters, at most 7 are allowed", Single(ShapeRules.Constructors(Source(text))));

    [TestMethod]
    public void Constructors_SevenParameters_Pass() => Assert.IsEmpty(ShapeRules.Constructors(Source("class C(int a, int b, int c, int d, int e, int f, int g);")));

    [TestMethod]
    public void Interfaces_NineMembers_IsFound()
    {
        Assert.IsEmpty(ShapeRules.Interfaces(Source(Interface(8))));
        Assert.AreEqual("x.cs:1: I has 9 members, at most 8 are allowed: split it by consumer", Single(ShapeRules.Interfaces(Source(Interface(9)))));
    }

    [TestMethod]
    [DataRow("class StringUtils;", 1)]
    [DataRow("static class PathHelper { }", 1)]
    [DataRow("record struct TimerManager;", 1)]
    [DataRow("enum CommonKinds { }", 1)]
    [DataRow("class Commonplace;", 0)]
    [DataRow("class Utility;", 0)]
    public void TypeNames_EmptyWords_AreFound(string text, int count) => Assert.HasCount(count, ShapeRules.TypeNames(Source(text)));

    [TestMethod]
    [DataRow("#region A\nclass C;\n#endregion", 1)]
    [DataRow("class C; // TODO later", 1)]
    [DataRow("/* FIXME */ class C;", 1)]
    [DataRow("/// <summary>TODO</summary>\nclass C;", 1)]
    [DataRow("class C { string S = \"TODO\"; int ToDo; }", 0)]
    public void Leftovers_InCommentsAndDirectives_AreFound(string text, int count) => Assert.HasCount(count, ShapeRules.Leftovers(Source(text)));

    [TestMethod]
    [DataRow("await t.ConfigureAwait(false);", "ConfigureAwait(false): it leaves the workflow's scheduler")]
    [DataRow("await f()?.ConfigureAwait(false);", "ConfigureAwait(false): it leaves the workflow's scheduler")]
    [DataRow("Task.Run(() => 1);", "Task.Run: it leaves the workflow's scheduler")]
    [DataRow("System.Threading.Tasks.Task.Run(f);", "Task.Run: it leaves the workflow's scheduler")]
    [DataRow("await foreach (var x in c.Reader.ReadAllAsync()) { }", "ReadAllAsync: it leaves the workflow's scheduler; loop over WaitToReadAsync and TryRead")]
    [DataRow("await foreach (var x in Task.WhenEach(l)) { }", "Task.WhenEach: it leaves the workflow's scheduler: use WhenAny")]
    [DataRow("await s.CancelAsync();", "CancelAsync: it leaves the workflow's scheduler; use Cancel")]
    [DataRow("var d = DateTime.UtcNow;", "DateTime.UtcNow: ask the TimeProvider")]
    [DataRow("var d = System.DateTimeOffset.Now;", "DateTimeOffset.Now: ask the TimeProvider")]
    [DataRow("var d = Stopwatch.StartNew();", "Stopwatch: ask the TimeProvider")]
    [DataRow("var d = Guid.NewGuid();", "Guid.NewGuid: take ids by constructor")]
    [DataRow("var d = Random.Shared.Next();", "Random.Shared: take random numbers by constructor")]
    [DataRow("var d = new Random();", "new Random(): take a seed")]
    [DataRow("Thread.Sleep(1);", "Thread.Sleep: await TimeProvider's delay")]
    public void BannedApis_Called_AreFound(string code, string message) => Assert.AreEqual($"x.cs:1: {message}", Single(BannedApiRules.Check(Source(code))));

    [TestMethod]
    [DataRow("await t.ConfigureAwait(true); await t.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);")]
    [DataRow("/// <summary><see cref=\"Guid.NewGuid\"/> DateTime.UtcNow</summary>\nclass C;")]
    [DataRow("var r = new Random(5); var t = time.GetUtcNow(); await Workflow.Run(); await service.CancelAsync(id);")]
    public void BannedApis_NamedOrMeantOtherwise_Pass(string code) => Assert.IsEmpty(BannedApiRules.Check(Source(code)));

    [TestMethod]
    [DataRow("History", "using Serverless.Engine;")]
    [DataRow("History", "using static Serverless.Replay.X;")]
    [DataRow("Replay", "using S = Serverless.Storage.IRowStore;")]
    [DataRow("Replay", "class C { Storage.IRowStore s; }")]
    [DataRow("Workflows", "class C { object o = Engine.Journal.Create(); }")]
    [DataRow("Workflows", "class C { global::Serverless.Storage.IRowStore s; }")]
    [DataRow("Storage/Memory", "using Serverless.History;")]
    public void Namespaces_PointingUp_AreFound(string folder, string text) =>
        Assert.HasCount(1, DependencyRules.Namespaces(new SourceFile($"core/Serverless.Core/{folder}/x.cs", text)));

    [TestMethod]
    [DataRow("Engine", "using Serverless.Storage; using Serverless.Replay; using Serverless.History;")]
    [DataRow("Replay", "using Serverless.History; using Serverless.Workflows;")]
    [DataRow("History", "using Serverless.Converters; namespace Serverless.History;")]
    public void Namespaces_PointingDown_Pass(string folder, string text) =>
        Assert.IsEmpty(DependencyRules.Namespaces(new SourceFile($"core/Serverless.Core/{folder}/x.cs", text)));

    [TestMethod]
    [DataRow("core/Serverless.Core/Serverless.Core.csproj", "../Serverless.Storage.Sqlite/Serverless.Storage.Sqlite.csproj", 1)]
    [DataRow("core/Serverless.Storage.Azure/A.csproj", "..\\..\\functions\\Serverless.Functions\\Serverless.Functions.csproj", 1)]
    [DataRow("core/Serverless.Storage.Azure/A.csproj", "../Serverless.Storage.Sqlite/Serverless.Storage.Sqlite.csproj", 1)]
    [DataRow("core/Serverless.Storage.Azure/A.csproj", "../Serverless.Core/Serverless.Core.csproj", 0)]
    [DataRow("functions/F/F.csproj", "../../core/Serverless.Storage.Azure/Serverless.Storage.Azure.csproj", 0)]
    [DataRow("functions/F/F.csproj", "../../tests/Core.Tests/Core.Tests.csproj", 1)]
    [DataRow("functions/F/F.csproj", "../../cli/Cli.csproj", 1)]
    [DataRow("tests/T/T.csproj", "../../functions/F/F.csproj", 0)]
    public void Projects_PointingUp_AreFound(string path, string reference, int count) =>
        Assert.HasCount(count, DependencyRules.Projects(path, $"<Project><ItemGroup><ProjectReference Include=\"{reference}\" /></ItemGroup></Project>"));

    [TestMethod]
    [DataRow("see /home/ann/src", 1)]
    [DataRow("C:\\Users\\ann", 1)]
    [DataRow("cd /work/src", 1)]
    [DataRow("/home/site/wwwroot and ~/home/x and https://x.org/home/ann", 0)]
    public void MachinePaths_AreFound(string text, int count) => Assert.HasCount(count, TextRules.MachinePaths("a.md", text));

    [TestMethod]
    [DataRow("\"resolved\": \"https://registry.example.org:8080/x.tgz\"", 1)]
    [DataRow("<add value=\"http://nuget.corp/v3/index.json\" />", 1)]
    [DataRow("https://www.nuget.org/packages/X and https://learn.microsoft.com/x", 0)]
    public void RegistryHosts_AreFound(string text, int count) => Assert.HasCount(count, TextRules.RegistryHosts("a.json", text));

    [TestMethod]
    public void Secrets_AreFoundAndTheEmulatorKeyIsNone()
    {
        var key = new string('a', 86) + "==";
        Assert.HasCount(1, TextRules.Secrets("a.json", $"AccountName=x;AccountKey={key}"));
        Assert.HasCount(1, TextRules.Secrets("a.json", "https://x/y?sv=1&sig=" + new string('b', 43) + "%3D"));
        Assert.HasCount(1, TextRules.Secrets("a.txt", "-----BEGIN RSA PRIVATE KEY-----"));
        Assert.HasCount(1, TextRules.Secrets("a.txt", "ghp_" + new string('c', 36)));
        Assert.IsEmpty(TextRules.Secrets("a.txt", "AccountKey=Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="));
    }

    [TestMethod]
    public void DeadLinks_AreFoundWhereverTheyLead()
    {
        const string text = "[a](b.md) [c](../README.md#x) [d](https://x.y/z) [e](#here) ![f](img/f.png) [g](/docs/b.md)\n```\n[h](code.md)\n```\n[i](gone.md)";
        Assert.IsEmpty(TextRules.DeadLinks("docs/a.md", text, p => p is "docs/b.md" or "README.md" or "docs/img/f.png" or "docs/gone.md"));
        Assert.AreEqual("docs/a.md:5: the link to gone.md leads nowhere", Single(TextRules.DeadLinks("docs/a.md", text, p => p != "docs/gone.md")));
        Assert.HasCount(5, TextRules.DeadLinks("docs/a.md", text, _ => false));
    }

    [TestMethod]
    public void DeadAnchors_AreFound()
    {
        const string text = "# A, `b` & C-d\n[x](#a-b--c-d) [y](b.md#two-1) [z](gone.md#x) [n](b.md)\n[w](#two) [v](b.md#two-2)\n```\n# no heading\n[u](#u)\n```";
        var found = TextRules.DeadAnchors("a.md", text, static path => path == "b.md" ? "## Two ##\n### two" : null).Select(static v => v.ToString());
        CollectionAssert.AreEqual(new[] { "a.md:3: a.md has no heading #two", "a.md:3: b.md has no heading #two-2" }, found.ToList());
    }

    [TestMethod]
    public void Threats_WithoutATest_AreFound()
    {
        var tests = SecurityRules.NamesOfTests(new("tests/x.cs", "class A { [TestMethod] public void T() { } public void Other() { } [TestMethod, DataRow(1)] public async Task U() { } }")).ToHashSet();
        CollectionAssert.AreEquivalent(new[] { "A.T", "A.U" }, tests.ToList());

        const string text = "| asset | where |\n|---|---|\n| x | y |\n\n| threat | what is done | test |\n|---|---|---|\n| **Part** | | |\n| a | b | `A.T`, `A.U` |\n| c | d | |\n| e | f | `A.T`, `A.Gone` |\n";
        CollectionAssert.AreEqual(
            new[] { "SECURITY.md:9: this threat has no test", "SECURITY.md:10: there is no test A.Gone" }, SecurityRules.Tests("SECURITY.md", text, tests).Select(static v => v.ToString()).ToList());
        Assert.HasCount(1, SecurityRules.Tests("SECURITY.md", "no table", tests));
    }

    private static string Single(IEnumerable<Violation> violations) => violations.Single().ToString();

    private static SourceFile Source(string text) => new("x.cs", text);

    private static string Lines(int count) => string.Join('\n', Enumerable.Repeat("//", count));

    private static string Method(int lines) => "class C { void M() {\n" + string.Join('\n', Enumerable.Repeat("//", lines - 2)) + "\n} }";

    private static string Interface(int members) => $"interface I {{ {string.Concat(Enumerable.Range(0, members).Select(i => $"void M{i}();"))} }}";
}
