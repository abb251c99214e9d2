using System.Text.Json.Nodes;
using App.Tests.Running;
using Cli.Tests.Running;
using Serverless.Cli;

namespace Cli.Tests.EndToEnd;

/// <summary>Seeing to a whole hub: how it stands, what is wrong, moving it elsewhere, and making room in it.</summary>
/// <param name="target">Options that say where the API is.</param>
internal sealed class HubScenario(string[] target)
{
    public async Task RunAsync(string prefix)
    {
        var (first, second) = ($"{prefix}-first", $"{prefix}-second");
        foreach (var id in new[] { first, second })
        {
            await OkAsync("workflow", "start", "Greeting", "--id", id, "--arg", "\"Ada\"");
        }

        await OkAsync("workflow", "signal", first, "finish");
        await OkAsync("workflow", "result", first, "--wait", "--timeout", "60s");
        await Eventually.TrueAsync(async () => (string?)(await OkAsync("workflow", "why", second))["waits"]?[0]?["kind"] is "signal" or "condition", "The second waits for its signal");
        Assert.IsNotNull((await OkAsync("hub", "status"))["counts"]!["Running"]);
        Assert.IsEmpty((await OkAsync("hub", "doctor")).AsArray());
        await MoveAsync($"WorkflowId STARTS_WITH '{prefix}-'", [first, second]);
        await PurgeAsync(first, second);
    }

    private async Task MoveAsync(string query, string[] ids)
    {
        using var folder = new TempFolder();
        var file = Path.Combine(folder.Path, "histories.jsonl");
        await Eventually.TrueAsync(async () => (long?)(await OkAsync("workflow", "count", "-q", query))["count"] == ids.Length, "The list shows both");
        Assert.AreEqual("", (await RunAsync("hub", "export", "-q", query, "--file", file)).Expect(ExitCode.Ok).Out);
        var lines = (await RunAsync("hub", "export", "-q", query)).Expect(ExitCode.Ok).Lines;
        Assert.HasCount(ids.Length + 1, lines);
        CollectionAssert.AreEquivalent((await File.ReadAllLinesAsync(file)).ToList(), lines.ToList());

        string[] copy = ["--storage", folder.Path, "--hub", "copy"];
        Assert.AreEqual("[]", (await CliProcess.RunAsync(["hub", "import", file, .. copy])).Expect(ExitCode.Ok).Out.Trim());
        var copied = (await CliProcess.RunAsync(["workflow", "list", .. copy])).Expect(ExitCode.Ok).Json.AsArray();
        CollectionAssert.AreEquivalent(ids, copied.Select(static w => (string?)w!["id"]).ToList());
        (await CliProcess.RunAsync(["hub", "import", file, .. copy])).Expect(ExitCode.Usage);
        var again = (await CliProcess.RunAsync(["hub", "import", file, "--merge", .. copy])).Expect(ExitCode.Ok).Json.AsArray();
        Assert.HasCount(ids.Length, again);
    }

    private async Task PurgeAsync(string closed, string open)
    {
        var query = $"WorkflowId = '{closed}'";
        Assert.AreEqual(closed, (string?)(await OkAsync("hub", "purge", "-q", query, "--dry-run"))[0]!["workflowId"]);
        (await RunAsync("hub", "purge", "-q", query)).Expect(ExitCode.Usage);
        Assert.AreEqual(closed, (string?)(await OkAsync("hub", "purge", "-q", query, "--yes"))[0]!["workflowId"]);
        (await RunAsync("workflow", "describe", closed)).Expect(ExitCode.NotFound);
        Assert.AreEqual("Running", (string?)(await OkAsync("workflow", "describe", open))["status"]);
    }

    private async Task<JsonNode> OkAsync(params string[] args) => (await RunAsync(args)).Expect(ExitCode.Ok).Json;

    private Task<CliRun> RunAsync(params string[] args) => CliProcess.RunAsync([.. args, .. target]);
}
