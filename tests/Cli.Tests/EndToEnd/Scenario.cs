using System.Text.Json.Nodes;
using Cli.Tests.Running;
using Serverless.Cli;

namespace Cli.Tests.EndToEnd;

/// <summary>A day in the life of workflows, by command lines alone. The same whatever stands behind the tool.</summary>
/// <param name="target">Options that say where the API is.</param>
/// <param name="hasCode">True when an application answers, which can run queries.</param>
internal sealed class Scenario(string[] target, bool hasCode)
{
    public async Task RunAsync(string prefix)
    {
        var hello = $"{prefix}-hello";
        await GreetAsync(hello);
        await FindAsync(hello);
        await EndAsync(prefix);
        await RemoveAsync(hello);
    }

    private async Task GreetAsync(string hello)
    {
        var started = await OkAsync("workflow", "start", "Greeting", "--id", hello, "--arg", "\"Ada\"");
        Assert.AreEqual(hello, (string?)started["id"]);
        await FailsAsync(ExitCode.Conflict, "workflow", "start", "Greeting", "--id", hello, "--arg", "\"Ada\"");
        Assert.AreEqual("Running", (string?)(await OkAsync("workflow", "describe", hello))["status"]);
        await OkAsync("workflow", "signal", hello, "setSalutation", "--arg", "\"Hi\"");
        if (hasCode)
        {
            Assert.AreEqual("Hi, Ada!", (string?)(await OkAsync("workflow", "query", hello, "greeting"))["result"]);
        }

        (await RunAsync("workflow", "result", hello)).Expect(ExitCode.StillRunning);
        await OkAsync("workflow", "signal", hello, "finish");
        Assert.AreEqual("Hi, Ada!", (string?)(await OkAsync("workflow", "result", hello, "--wait", "--timeout", "60s"))["result"]);
    }

    private async Task FindAsync(string hello)
    {
        var query = $"WorkflowId = '{hello}' AND ExecutionStatus = 'Completed'";
        await Eventually.TrueAsync(async () => (long?)(await OkAsync("workflow", "count", "-q", query))["count"] == 1, "The list shows that the greeting completed");
        Assert.AreEqual(hello, (string?)(await OkAsync("workflow", "list", "-q", query))[0]!["id"]);
        var events = (await RunAsync("workflow", "show", hello, "-o", "jsonl")).Expect(ExitCode.Ok).Lines.Select(static line => (string?)JsonNode.Parse(line)!["type"]).ToList();
        Assert.AreEqual("WorkflowStarted", events[0]);
        Assert.AreEqual("WorkflowCompleted", events[^1]);
        await FailsAsync(ExitCode.Usage, "workflow", "list", "-q", "WorkflowId =");
    }

    private async Task EndAsync(string prefix)
    {
        var transfer = await OkAsync("workflow", "start", "MoneyTransfer", "--id", $"{prefix}-t", "--arg", $$"""{"from":"{{prefix}}-a","to":"{{prefix}}-b","amount":25}""", "--wait", "--timeout", "60s");
        Assert.AreEqual("Completed", (string?)transfer["result"]!["status"]);

        await OkAsync("workflow", "start", "Subscription", "--id", $"{prefix}-s", "--arg", $$"""{"customer":"{{prefix}}-a","price":1}""");
        await OkAsync("workflow", "cancel", $"{prefix}-s", "--reason", "moved");
        Assert.IsTrue((bool)(await OkAsync("workflow", "result", $"{prefix}-s", "--wait", "--timeout", "60s"))["result"]!["wasCancelled"]!);

        await OkAsync("workflow", "start", "Greeting", "--id", $"{prefix}-g", "--arg", "\"Ben\"");
        await FailsAsync(ExitCode.Usage, "workflow", "terminate", $"{prefix}-g");
        await OkAsync("workflow", "terminate", $"{prefix}-g", "--yes", "--reason", "enough");
        var ended = await RunAsync("workflow", "result", $"{prefix}-g");
        Assert.AreEqual("Terminated", (string?)ended.Expect(ExitCode.WorkflowFailed).Json["status"]);
        await FailsAsync(ExitCode.Conflict, "workflow", "signal", $"{prefix}-g", "finish");
    }

    private async Task RemoveAsync(string hello)
    {
        await OkAsync("workflow", "delete", hello, "--yes");
        await FailsAsync(ExitCode.NotFound, "workflow", "describe", hello);
    }

    /// <summary>One JSON document, and nothing else, on standard output.</summary>
    private async Task<JsonNode> OkAsync(params string[] args) => (await RunAsync(args)).Expect(ExitCode.Ok).Json;

    private async Task FailsAsync(ExitCode code, params string[] args)
    {
        var run = await RunAsync(args);
        run.Expect(code);
        Assert.AreEqual("", run.Out);
        Assert.StartsWith("error: ", run.Error);
    }

    private Task<CliRun> RunAsync(params string[] args) => CliProcess.RunAsync([.. args, .. target]);
}
