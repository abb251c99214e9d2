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
        Assert.AreEqual("Looking: 10 of 20\nchecked 20, findings 1.\n", run.Error);
    }

    [TestMethod]
    [DataRow(true, ExitCode.Ok)]
    [DataRow(false, ExitCode.Incomplete)]
    public async Task Doctor_Repairing_IsDoneWhenAllIsRepaired(bool repaired, object code)
    {
        var api = new FakeApi().Answer(
            "POST /api/hub/doctor", $$"""{"kind":"lostWakeUp","detail":"d","repair":"r","repaired":{{(repaired ? "true" : "false")}}}""" + "\n" + """{"summary":{"found":1}}""");

        (await CliRun.PipedAsync(api, "hub", "doctor", "--repair", "--rebuild")).Expect((ExitCode)code);

        Assert.AreEqual("""{"repair":true,"rebuild":true}""", api.Body!.ToJsonString());
    }

    [TestMethod]
    public async Task Purge_AtATerminal_CountsBeforeItAsks()
    {
        const string run = """{"workflowId":"w","runId":"r","type":"T","status":"Failed","closeTime":"2026-11-24T11:00:00+00:00"}""";
        var api = new FakeApi()
            .Answer("POST /api/hub/purge", run + "\n" + """{"summary":{"found":1,"wouldRemove":1}}""")
            .Answer("POST /api/hub/purge", run + "\n" + """{"summary":{"found":1,"removed":1}}""");

        var purge = await CliRun.RunAsync(["hub", "purge", "-q", "q"], CliRun.With(api, isTerminal: true, "y\n"));

        Assert.AreEqual(
            """
            STATUS  WORKFLOW  RUN  TYPE  CLOSED
            Failed  w         r    T     2026-11-24 12:00:00 (1h ago)

            """,
            purge.Expect(ExitCode.Ok).Out);
        Assert.Contains("Deleting these workflows (found 1, would remove 1) can't be undone. Go on? [y/N] ", purge.Error);
        Assert.AreEqual("""{"query":"q","dryRun":false}""", api.Body!.ToJsonString());
    }

    [TestMethod]
    public async Task Purge_Dry_NeedsNoYes()
    {
        var api = new FakeApi().Answer("POST /api/hub/purge", """{"summary":{"found":7}}""");

        (await CliRun.PipedAsync(api, "hub", "purge", "-q", "q")).Expect(ExitCode.Usage);
        var run = await CliRun.PipedAsync(api, "hub", "purge", "-q", "q", "--dry-run");

        Assert.AreEqual("[]\n", run.Expect(ExitCode.Ok).Out);
        Assert.AreEqual("found 7.\n", run.Error);
        Assert.HasCount(1, api.Requests);
    }

    [TestMethod]
    public async Task WhatFailsOnTheWay_IsAnErrorAsAnyOther()
    {
        var api = new FakeApi().Answer("GET /api/hub/export", """{"progress":{"done":1,"total":null}}""" + "\n" + """{"error":{"code":"storage-unavailable","detail":"It is away."}}""");

        var run = await CliRun.PipedAsync(api, "hub", "export");

        Assert.AreEqual("Exporting: 1\nerror: It is away. (storage-unavailable)\n", run.Expect(ExitCode.Unreachable).Error);
        Assert.AreEqual("", run.Out);
    }

    [TestMethod]
    public async Task Export_WritesLinesAsTheyCame()
    {
        using var folder = new TempFolder();
        var file = Path.Combine(folder.Path, "histories.jsonl");
        const string histories = """
            {"format":1, "workflowId":"a","value":1.50}
            {"format":1,"workflowId":"b","text":"\u00e9"}
            {"summary":{"workflows":2}}

            """;
        var api = new FakeApi().Answer("GET /api/hub/export", histories.Replace("{\"summary", "{\"progress\":{\"done\":1,\"total\":2}}\n{\"summary", StringComparison.Ordinal));

        Assert.AreEqual(histories, (await CliRun.PipedAsync(api, "hub", "export", "-q", "q")).Expect(ExitCode.Ok).Out);
        var run = await CliRun.PipedAsync(api, "hub", "export", "--file", file);

        Assert.AreEqual("", run.Expect(ExitCode.Ok).Out);
        Assert.AreEqual("Exporting: 1 of 2\nExported: workflows 2.\n", run.Error);
        Assert.AreEqual(histories, await File.ReadAllTextAsync(file));
    }

    [TestMethod]
    public async Task Export_ToABlob_WritesNothingHere()
    {
        var api = new FakeApi().Answer("GET /api/hub/export", """{"summary":{"workflows":2}}""");

        Assert.AreEqual("", (await CliRun.PipedAsync(api, "hub", "export", "--blob", "b")).Expect(ExitCode.Ok).Out);
        Assert.AreEqual("GET /api/hub/export?blob=b", api.Requests.Single());
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
    public async Task Import_SendsTheFileAndNamesWhatItLeftAlone()
    {
        using var folder = new TempFolder();
        var file = Path.Combine(folder.Path, "histories.jsonl");
        await File.WriteAllTextAsync(file, """{"workflowId":"a"}""");
        var api = new FakeApi().Answer("POST /api/hub/import", """
            {"workflowId":"a","runId":"r","skipped":"its workflow id is in use"}
            {"summary":{"complete":1,"imported":0,"skipped":1}}
            """);

        var run = await CliRun.PipedAsync(api, "hub", "import", file, "--merge");

        Assert.AreEqual("a", (string?)run.Expect(ExitCode.Ok).Json[0]!["workflowId"]);
        Assert.AreEqual("imported 0, skipped 1.\n", run.Error);
        Assert.AreEqual("POST /api/hub/import?merge=true", api.Requests.Single());
        Assert.AreEqual("""{"workflowId":"a"}""", api.Body!.ToJsonString());
    }

    [TestMethod]
    public async Task Import_OfAnExportThatWasCutOff_IsIncomplete()
    {
        var api = new FakeApi().Answer("POST /api/hub/import", """{"summary":{"complete":0,"imported":1,"skipped":0}}""");

        (await CliRun.PipedAsync(api, "hub", "import", "--blob", "b")).Expect(ExitCode.Incomplete);
        (await CliRun.PipedAsync(api, "hub", "import")).Expect(ExitCode.Usage);
        (await CliRun.PipedAsync(api, "hub", "import", "file", "--blob", "b")).Expect(ExitCode.Usage);

        Assert.AreEqual("POST /api/hub/import?blob=b", api.Requests.Single());
    }

    [TestMethod]
    public async Task Progress_AtATerminal_IsABar()
    {
        var api = new FakeApi().Answer("POST /api/hub/purge", "{\"progress\":{\"done\":3,\"total\":4}}\n{\"summary\":{\"found\":4}}");
        var around = CliRun.With(api, isTerminal: false) with { ErrorIsTerminal = true };

        var run = await CliRun.RunAsync(["hub", "purge", "-q", "q", "--yes"], around);

        Assert.AreEqual("[]\n", run.Expect(ExitCode.Ok).Out);
        Assert.Contains("Deleting 3", run.Error);
        Assert.Contains("100%", run.Error);
    }
}
