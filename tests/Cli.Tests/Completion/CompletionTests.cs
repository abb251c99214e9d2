using App.Tests.Running;
using Cli.Tests.Running;
using Serverless.Cli;

namespace Cli.Tests.Completion;

[TestClass]
public sealed class CompletionTests
{
    [TestMethod]
    [DataRow("workf", "workflow")]
    [DataRow("workflow des", "describe")]
    [DataRow("workflow list --li", "--limit")]
    [DataRow("batch start term", "terminate")]
    [DataRow("workflow list --output js", "json")]
    public async Task TheTool_SuggestsWhatCouldComeNext(string line, string expected)
    {
        var run = await CliRun.PipedAsync(new FakeApi(), $"[suggest:{line.Length}]", line);

        Assert.Contains(expected, run.Expect(ExitCode.Ok).Lines);
    }

    [TestMethod]
    public async Task WorkflowIds_AreThoseOfTheApplication()
    {
        var api = new FakeApi().Answer("GET /api/workflows", """{"workflows":[{"id":"it's-1"},{"id":"it's-2"}]}""");

        var run = await CliRun.PipedAsync(api, "[suggest:22]", "workflow describe it's");

        CollectionAssert.AreEqual(new[] { "it's-1", "it's-2" }, run.Expect(ExitCode.Ok).Lines.ToList());
        Assert.AreEqual("GET /api/workflows?pageSize=50&query=WorkflowId%20STARTS_WITH%20%27it%27%27s%27", api.Requests.Single());
    }

    [TestMethod]
    public async Task WorkflowTypes_AreThoseOfTheApplication()
    {
        var api = new FakeApi().Answer("GET /api/health", """{"status":"ready","workflowTypes":["Greeting","MoneyTransfer"]}""");

        var run = await CliRun.PipedAsync(api, "[suggest:17]", "workflow start Gr");

        CollectionAssert.AreEqual(new[] { "Greeting" }, run.Expect(ExitCode.Ok).Lines.ToList());
    }

    [TestMethod]
    public async Task WithoutAnApplication_NamesAreNotSuggestedAndNothingIsSaid()
    {
        var around = CliRun.With(new FakeApi(), isTerminal: false) with { Handler = null };

        var run = await CliRun.RunAsync(["[suggest:38]", "workflow describe --address http://127.0.0.1:1 x"], around);

        run.Expect(ExitCode.Ok);
        Assert.AreEqual("", run.Error);
    }

    [TestMethod]
    [DataRow("bash")]
    [DataRow("zsh")]
    [DataRow("fish")]
    [DataRow("pwsh")]
    public async Task EachShell_HasAScriptThatAsksTheTool(string shell)
    {
        var run = await CliRun.PipedAsync(new FakeApi(), "completion", shell);

        Assert.Contains("[suggest:", run.Expect(ExitCode.Ok).Out);
    }

    [TestMethod]
    [DataRow("serverless workflow term", "term", "terminate ")]
    [DataRow("serverless hub ", "", "doctor export import purge status ")]
    [DataRow("serverless schedule cre --type x", "cre", "create ")]
    public async Task TheScriptOfBash_CompletesInBash(string line, string word, string expected)
    {
        using var folder = new TempFolder();
        var script = Path.Combine(folder.Path, "complete.sh");
        await File.WriteAllTextAsync(script, $$"""
            serverless() { "{{CliProcess.Executable}}" "$@"; }
            source <(serverless completion bash)
            complete -p serverless >/dev/null || exit 1
            COMP_LINE='{{line}}' COMP_POINT={{line.IndexOf(word.Length == 0 ? " hub " : word, StringComparison.Ordinal) + (word.Length == 0 ? 5 : word.Length)}}
            COMP_WORDS=('{{word}}') COMP_CWORD=0
            _serverless_complete
            for item in "${COMPREPLY[@]}"; do [[ $item == -* || $item == /* ]] || printf '%s ' "$item"; done
            """);

        var run = await CliProcess.RunAsync("bash", [script], input: null);

        Assert.AreEqual(expected, run.Expect(ExitCode.Ok).Out);
    }

    [TestMethod]
    public async Task TheScriptOfBash_QuotesNamesThatOthersChose()
    {
        using var folder = new TempFolder();
        var script = Path.Combine(folder.Path, "complete.sh");
        await File.WriteAllTextAsync(script, $$"""
            source <("{{CliProcess.Executable}}" completion bash)
            serverless() { printf '%s\n' '$(touch gone)' 'a;b'; }
            COMP_LINE='serverless workflow describe ' COMP_POINT=29 COMP_WORDS=('') COMP_CWORD=0
            _serverless_complete
            for item in "${COMPREPLY[@]}"; do printf '%s ' "$item"; done
            """);

        var run = await CliProcess.RunAsync("bash", [script], input: null);

        Assert.AreEqual("\\$\\(touch\\ gone\\) a\\;b ", run.Expect(ExitCode.Ok).Out);
    }
}
