using System.Net;
using Cli.Tests.Running;
using Serverless.Cli;

namespace Cli.Tests.Commands;

[TestClass]
public sealed class ExitCodeTests
{
    [TestMethod]
    [DataRow(400, "invalid-request", ExitCode.Usage)]
    [DataRow(400, "unknown-workflow-type", ExitCode.Usage)]
    [DataRow(401, "unauthorized", ExitCode.Unauthorized)]
    [DataRow(403, "cross-origin", ExitCode.Unauthorized)]
    [DataRow(404, "workflow-not-found", ExitCode.NotFound)]
    [DataRow(404, "no-such-route", ExitCode.Failed)]
    [DataRow(409, "workflow-already-started", ExitCode.Conflict)]
    [DataRow(409, "workflow-closed", ExitCode.Conflict)]
    [DataRow(413, "too-large", ExitCode.Failed)]
    [DataRow(422, "update-rejected", ExitCode.WorkflowFailed)]
    [DataRow(422, "query-failed", ExitCode.WorkflowFailed)]
    [DataRow(500, "internal", ExitCode.Failed)]
    [DataRow(500, "not-ready", ExitCode.Unreachable)]
    [DataRow(503, "storage-unavailable", ExitCode.Unreachable)]
    [DataRow(503, "stopping", ExitCode.Unreachable)]
    public async Task EveryProblem_HasItsExitCode(int status, string code, object expected)
    {
        var run = await CliRun.PipedAsync(new FakeApi().Problem("GET /api/workflows/w", (HttpStatusCode)status, code), "workflow", "describe", "w");

        run.Expect((ExitCode)expected);
        Assert.AreEqual("", run.Out);
        Assert.Contains($"({code})", run.Error);
    }

    [TestMethod]
    [DataRow(404, ExitCode.Failed)]
    [DataRow(502, ExitCode.Unreachable)]
    public async Task WhatIsNoServerlessApplication_IsNamedAsSuch(int status, object expected)
    {
        var run = await CliRun.PipedAsync(new FakeApi().Answer("GET /api/workflows/w", "<html/>", (HttpStatusCode)status), "workflow", "describe", "w");

        Assert.AreEqual($"error: http://127.0.0.1:7071/ answered with status {status}, and not as a Serverless application does. Is the address right?\n", run.Expect((ExitCode)expected).Error);
    }

    [TestMethod]
    [DataRow("workfow")]
    [DataRow("workflow")]
    [DataRow("workflow describe")]
    [DataRow("workflow list --limit x")]
    [DataRow("workflow list --limit 0")]
    [DataRow("workflow result w --timeout soon")]
    [DataRow("workflow start T --id-reuse-policy Maybe")]
    [DataRow("workflow list --output xml")]
    [DataRow("workflow list --address there")]
    [DataRow("workflow list --address http://x --storage .data")]
    [DataRow("workflow list --hub orders")]
    [DataRow("workflow list --storage UseDevelopmentStorage=true --hub Not-A-Hub")]
    [DataRow("batch start explode --query x")]
    [DataRow("batch start signal --query x")]
    [DataRow("schedule create s --every soon")]
    [DataRow("schedule create s --cron *")]
    public async Task AWrongCommandLine_IsAUsageErrorOnStandardErrorOnly(string line)
    {
        var run = await CliRun.PipedAsync(new FakeApi(), line.Split(' '));

        run.Expect(ExitCode.Usage);
        Assert.AreEqual("", run.Out);
        Assert.StartsWith("error: ", run.Error);
    }

    [TestMethod]
    [DataRow("workflow list --storage nowhere")]
    [DataRow("workflow start T --input nowhere.json")]
    [DataRow("hub import nowhere.jsonl")]
    [DataRow("dev --project nowhere")]
    public async Task WhatIsNotThere_IsNotFound(string line) => (await CliRun.PipedAsync(new FakeApi(), line.Split(' '))).Expect(ExitCode.NotFound);

    [TestMethod]
    public async Task NothingListening_IsUnreachable()
    {
        var around = CliRun.With(new FakeApi(), isTerminal: false) with { Handler = null };

        var run = await CliRun.RunAsync(["workflow", "list", "--address", "http://127.0.0.1:1"], around);

        Assert.StartsWith("error: Nothing answers at http://127.0.0.1:1/: ", run.Expect(ExitCode.Unreachable).Error);
    }

    [TestMethod]
    public async Task Help_NamesEveryExitCode()
    {
        var run = await CliRun.PipedAsync(new FakeApi(), "--help");

        run.Expect(ExitCode.Ok);
        foreach (var (code, meaning) in ExitCodes.All)
        {
            Assert.Contains(meaning, run.Out, code.ToString());
        }
    }

    [TestMethod]
    public async Task AddressAndKey_ComeFromTheEnvironmentUnlessTheCommandLineSaysOtherwise()
    {
        var api = new FakeApi().Answer("GET /api/workflows/count", """{"count":0}""").Answer("GET /base/api/workflows/count", """{"count":0}""");
        var around = CliRun.With(api, isTerminal: false, "", ("SERVERLESS_ADDRESS", "http://there.example/base"), ("SERVERLESS_API_KEY", "from-environment"));

        (await CliRun.RunAsync(["workflow", "count"], around)).Expect(ExitCode.Ok);
        Assert.AreEqual(("GET /base/api/workflows/count", "from-environment"), (api.Requests[0], api.Key));

        (await CliRun.RunAsync(["workflow", "count", "--address", "http://here.example", "--api-key", "from-line"], around)).Expect(ExitCode.Ok);
        Assert.AreEqual(("GET /api/workflows/count", "from-line"), (api.Requests[1], api.Key));
    }
}
