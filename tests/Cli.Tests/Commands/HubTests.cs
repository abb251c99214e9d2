using App.Tests.Running;
using Cli.Tests.Running;
using Serverless.Cli;

namespace Cli.Tests.Commands;

[TestClass]
public sealed class HubTests
{
    [TestMethod]
    public async Task Status_AtATerminal_ShowsCountsAndQueues()
    {
        var api = new FakeApi().Answer("GET /api/hub", """
            {"hub":"default","store":"SQLite .data/default.db","counts":{"Completed":1200,"Running":3},"queues":[{"name":"workflows","messages":2,"poison":0}],"blocked":1}
            """);

        var run = await CliRun.AtTerminalAsync(api, "hub", "status");

        Assert.AreEqual(
            """
            hub      default
            store    SQLite .data/default.db
            blocked  1

            Workflows
            STATUS     COUNT
            Completed  1,200
            Running        3

            Queues
            NAME       MESSAGES  POISON
            workflows         2       0

            """,
            run.Expect(ExitCode.Ok).Out);
    }

    [TestMethod]
    public async Task Doctor_WithFindings_IsIncomplete()
    {
        var api = new FakeApi().Answer("GET /api/hub/doctor", """
            {"progress":{"done":10,"total":20}}
            {"kind":"poisonMessage","workflowId":"w","detail":"a message in workflows-poison","repair":"send it again"}
            {"summary":{"checked":20,"findings":1}}
            """);

        var run = await CliRun.PipedAsync(api, "hub", "doctor");

        Assert.AreEqual("poisonMessage", (string?)run.Expect(ExitCode.Incomplete).Json[0]!["kind"]);
        Assert.AreEqual("Looking: 10 of 20\nchecked 20, findings 1\n", run.Error);
    }

    [TestMethod]
    public async Task Doctor_Repairing_SaysSo()
    {
        var api = new FakeApi().Answer("POST /api/hub/doctor", """{"summary":{"checked":20}}""");

        Assert.AreEqual("[]\n", (await CliRun.PipedAsync(api, "hub", "doctor", "--repair", "--rebuild")).Expect(ExitCode.Ok).Out);
        Assert.AreEqual("""{"repair":true,"rebuild":true}""", api.Body!.ToJsonString());
    }

    [TestMethod]
    public async Task Purge_AtATerminal_CountsBeforeItAsks()
    {
        var api = new FakeApi().Answer("POST /api/hub/purge", """{"summary":{"matched":7,"deleted":0}}""").Answer("POST /api/hub/purge", """{"summary":{"matched":7,"deleted":7}}""");
        var around = CliRun.With(api, isTerminal: true, "y\n") with { ErrorIsTerminal = true };

        var run = await CliRun.RunAsync(["hub", "purge", "-q", "q"], around);

        Assert.AreEqual("matched  7\ndeleted  7\n", run.Expect(ExitCode.Ok).Out);
        Assert.Contains("Deleting these workflows (matched 7, deleted 0) can't be undone. Go on? [y/N] ", run.Error);
        Assert.AreEqual("""{"query":"q","dryRun":false}""", api.Body!.ToJsonString());
    }

    [TestMethod]
    public async Task Purge_Dry_NeedsNoYes()
    {
        var api = new FakeApi().Answer("POST /api/hub/purge", """{"summary":{"matched":7}}""");

        (await CliRun.PipedAsync(api, "hub", "purge", "-q", "q")).Expect(ExitCode.Usage);
        Assert.AreEqual(7, (int)(await CliRun.PipedAsync(api, "hub", "purge", "-q", "q", "--dry-run")).Expect(ExitCode.Ok).Json["matched"]!);
        Assert.HasCount(1, api.Requests);
    }

    [TestMethod]
    public async Task Export_WritesHistoriesAndNothingElse()
    {
        using var folder = new TempFolder();
        var file = Path.Combine(folder.Path, "histories.jsonl");
        var api = new FakeApi().Answer("GET /api/hub/export", """
            {"workflowId":"a","events":[]}
            {"progress":{"done":1,"total":2}}
            {"workflowId":"b","events":[]}
            {"summary":{"histories":2}}
            """);
        const string histories = """
            {"workflowId":"a","events":[]}
            {"workflowId":"b","events":[]}

            """;

        Assert.AreEqual(histories, (await CliRun.PipedAsync(api, "hub", "export", "-q", "q")).Expect(ExitCode.Ok).Out);
        var run = await CliRun.PipedAsync(api, "hub", "export", "--file", file);

        Assert.AreEqual("", run.Expect(ExitCode.Ok).Out);
        Assert.AreEqual("Exporting: 1 of 2\nExported: histories 2\n", run.Error);
        Assert.AreEqual(histories, await File.ReadAllTextAsync(file));
    }

    [TestMethod]
    public async Task Export_CutOff_FailsAndLeavesNoFileOfThatName()
    {
        using var folder = new TempFolder();
        var file = Path.Combine(folder.Path, "histories.jsonl");
        var api = new FakeApi().Answer("GET /api/hub/export", """{"workflowId":"a","events":[]}""");

        var run = await CliRun.PipedAsync(api, "hub", "export", "--file", file);

        Assert.AreEqual("error: Exporting was cut off before it was done. It may be repeated.\n", run.Expect(ExitCode.Failed).Error);
        Assert.IsFalse(File.Exists(file));
    }

    [TestMethod]
    public async Task Import_SendsTheFileAsItIs()
    {
        using var folder = new TempFolder();
        var file = Path.Combine(folder.Path, "histories.jsonl");
        await File.WriteAllTextAsync(file, """{"workflowId":"a"}""");
        var api = new FakeApi().Answer("POST /api/hub/import", """{"summary":{"imported":1}}""");

        var run = await CliRun.PipedAsync(api, "hub", "import", file, "--merge");

        Assert.AreEqual(1, (int)run.Expect(ExitCode.Ok).Json["imported"]!);
        Assert.AreEqual("POST /api/hub/import?merge=true", api.Requests.Single());
        Assert.AreEqual("""{"workflowId":"a"}""", api.Body!.ToJsonString());
    }

    [TestMethod]
    public async Task Progress_AtATerminal_IsABar()
    {
        var api = new FakeApi().Answer("POST /api/hub/purge", "{\"progress\":{\"done\":3,\"total\":4}}\n{\"summary\":{\"matched\":4}}");
        var around = CliRun.With(api, isTerminal: false) with { ErrorIsTerminal = true };

        var run = await CliRun.RunAsync(["hub", "purge", "-q", "q", "--yes"], around);

        Assert.AreEqual(4, (int)run.Expect(ExitCode.Ok).Json["matched"]!);
        Assert.Contains("Deleting 3", run.Error);
        Assert.Contains("100%", run.Error);
    }
}
