using System.Text.Json.Nodes;
using Cli.Tests.Running;
using Serverless.Cli;

namespace Cli.Tests.EndToEnd;

/// <summary>A day in the life of an operator, by command lines alone: many at once, at certain times, from a point of the past, and the hub as a whole.</summary>
/// <param name="target">Options that say where the API is.</param>
internal sealed class OperationsScenario(string[] target)
{
    public async Task RunAsync(string prefix)
    {
        await BatchAsync(prefix);
        await ScheduleAsync($"{prefix}-nightly");
        await GoBackAsync($"{prefix}-back");
    }

    private async Task BatchAsync(string prefix)
    {
        foreach (var number in Enumerable.Range(1, 3))
        {
            await OkAsync("workflow", "start", "Greeting", "--id", $"{prefix}-many-{number}", "--arg", "\"Ada\"");
        }

        var query = $"WorkflowId STARTS_WITH '{prefix}-many-' AND ExecutionStatus = 'Running'";
        Assert.IsNotNull((await OkAsync("workflow", "explain", "-q", query))["index"]);
        await Eventually.TrueAsync(async () => (long?)(await OkAsync("workflow", "count", "-q", query))["count"] == 3, "Three run");
        var batch = await OkAsync("batch", "start", "terminate", "-q", query, "--id", $"{prefix}-batch", "--reason", "enough", "--yes", "--wait");
        Assert.AreEqual((3L, 0L, "Completed"), ((long)batch["done"]!, (long)batch["failed"]!, (string?)batch["status"]));
        Assert.AreEqual("terminate", (string?)(await OkAsync("batch", "describe", $"{prefix}-batch"))["action"]);
        await ListsAsync("batch", $"{prefix}-batch");
        (await RunAsync("workflow", "result", $"{prefix}-many-2")).Expect(ExitCode.WorkflowFailed);
        (await RunAsync("batch", "start", "cancel", "-q", query, "--id", $"{prefix}-batch", "--yes")).Expect(ExitCode.Conflict);
        (await RunAsync("batch", "describe", "none")).Expect(ExitCode.NotFound);
    }

    private async Task ScheduleAsync(string id)
    {
        string[] create = ["schedule", "create", id, "--type", "Greeting", "--arg", "\"Ada\"", "--cron", "0 2 * * *", "--every", "1d/8h", "--time-zone", "Europe/Berlin", "--overlap", "AllowAll", "--note", "first"];
        await OkAsync(create);
        (await RunAsync(create)).Expect(ExitCode.Conflict);
        await OkAsync("schedule", "trigger", id);
        await Eventually.TrueAsync(async () => (await OkAsync("schedule", "describe", id))["info"]!["recentActions"]!.AsArray().Count == 1, "The trigger started one");
        var started = (string)(await OkAsync("schedule", "describe", id))["info"]!["recentActions"]![0]!["workflowId"]!;
        Assert.AreEqual("Running", (string?)(await OkAsync("workflow", "describe", started))["status"]);

        await OkAsync("schedule", "pause", id, "--note", "away");
        await Eventually.TrueAsync(async () => (bool)(await OkAsync("schedule", "describe", id))["state"]!["paused"]!, "It is paused");
        await OkAsync("schedule", "unpause", id);
        await OkAsync("schedule", "backfill", id, "--start", "2026-11-01T00:00:00Z", "--end", "2026-11-02T00:00:00Z");
        await OkAsync("schedule", "update", id, "--cron", "0 3 * * *", "--note", "second");
        await Eventually.TrueAsync(async () => (string?)(await OkAsync("schedule", "describe", id))["state"]!["note"] == "second", "It is changed");
        var changed = await OkAsync("schedule", "describe", id);
        Assert.AreEqual("Europe/Berlin", (string?)changed["spec"]!["timeZone"]);
        Assert.AreEqual("0 3 * * *", (string?)changed["spec"]!["cron"]![0]);
        Assert.AreEqual("AllowAll", (string?)changed["policy"]!["overlap"]);

        (await CliProcess.RunAsync(CliProcess.Executable, ["schedule", "create", $"{id}-copy", "--from", "-", .. target], changed.ToJsonString())).Expect(ExitCode.Ok);
        await ListsAsync("schedule", $"{id}-copy");
        await OkAsync("schedule", "delete", id, "--yes");
        await OkAsync("schedule", "delete", $"{id}-copy", "--yes");
        (await RunAsync("schedule", "describe", id)).Expect(ExitCode.NotFound);
    }

    private async Task GoBackAsync(string id)
    {
        await OkAsync("workflow", "start", "Greeting", "--id", id, "--arg", "\"Ada\"");

        // What arrives before the first task belongs to the history before it, which a fork from there keeps.
        await Eventually.TrueAsync(
            async () => (await OkAsync("workflow", "show", id)).AsArray().Any(static e => (string?)e!["type"] == "WorkflowTaskCompleted"), "The first task ran");
        await OkAsync("workflow", "signal", id, "setSalutation", "--arg", "\"Hi\"");
        await OkAsync("workflow", "signal", id, "finish");
        await OkAsync("workflow", "result", id, "--wait", "--timeout", "60s");

        var fork = await OkAsync("workflow", "fork", id, "--to", "first", "--id", $"{id}-fork", "--reapply", "none");
        Assert.AreEqual($"{id}-fork", (string?)fork["workflowId"]);
        await OkAsync("workflow", "signal", $"{id}-fork", "finish");
        Assert.AreEqual("Hello, Ada!", (string?)(await OkAsync("workflow", "result", $"{id}-fork", "--wait", "--timeout", "60s"))["result"]);

        await OkAsync("workflow", "reset", id, "--to", "first", "--reason", "again", "--yes");
        Assert.AreEqual("Hi, Ada!", (string?)(await OkAsync("workflow", "result", id, "--wait", "--timeout", "60s"))["result"]);
    }

    /// <summary>Lists follow what they list.</summary>
    private Task ListsAsync(string group, string id) => Eventually.TrueAsync(
        async () => (await OkAsync(group, "list", "--all")).AsArray().Any(item => (string?)item!["id"] == id), $"The {group} {id} is listed");

    private async Task<JsonNode> OkAsync(params string[] args) => (await RunAsync(args)).Expect(ExitCode.Ok).Json;

    private Task<CliRun> RunAsync(params string[] args) => CliProcess.RunAsync([.. args, .. target]);
}
