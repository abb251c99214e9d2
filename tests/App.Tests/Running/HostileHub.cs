using System.Text.Json.Nodes;
using Serverless.Activities;
using Serverless.Common;
using Serverless.Converters;
using Serverless.Exceptions;
using Serverless.Functions;
using Serverless.Workflows;

namespace App.Tests.Running;

/// <summary>A hub in which every field that users fill holds what would run or mislead, if anything showed it as it is.</summary>
internal static class HostileHub
{
    /// <summary>Markup, then what steers terminals: a title, a colour, a colour by one character, a deletion, text that runs backwards, a line end of its own kind.</summary>
    public const string Text = "</script><script>alert(1)</script><img src=x onerror=alert(2)>\"'&\u001b]0;owned\u0007\u001b[31m\u009b31m\u007f\b\r\u202e\u2066\u2028";

    /// <summary>What an id may hold of it.</summary>
    public const string Id = "<img src=x onerror=alert(3)>\"'&$(id)`id`\u202e";

    public const string FailedId = $"{Id}-failed";

    /// <summary>What is shown of ids, where all that is no ASCII is written as a number.</summary>
    public const string Mark = "onerror=alert";

    public static async Task<MemoryApp> StartAsync()
    {
        var app = await MemoryApp.StartAsync(
            [("Serverless:SearchAttributes", "Customer=Keyword")],
            static o => o.AddWorkflow<Hostile>().AddActivities(typeof(HostileActivities)));
        await CallAsync(app, "/api/workflows?wait=30s", 422, Start(FailedId, "fail"));
        await CallAsync(app, "/api/workflows", 201, Start(Id, "wait"));
        await CallAsync(app, $"/api/workflows/{Uri.EscapeDataString(Id)}/signals/{Uri.EscapeDataString(Text.Replace("/", "", StringComparison.Ordinal))}", 202, new JsonArray(Text));
        await CallAsync(app, $"/api/workflows/{Uri.EscapeDataString(Id)}/updates/change?wait=30s", 422, new JsonArray(Text));
        await CallAsync(app, "/api/workflows", 201, Start($"{Id}-terminated", "wait"));
        await CallAsync(app, $"/api/workflows/{Uri.EscapeDataString($"{Id}-terminated")}/terminate", 200, new JsonObject { ["reason"] = Text, ["details"] = new JsonArray(Text) });
        await CallAsync(app, "/api/schedules", 201, new JsonObject
        {
            ["id"] = Id,
            ["action"] = Start($"{Id}-scheduled", "fail"),
            ["spec"] = new JsonObject { ["intervals"] = new JsonArray(new JsonObject { ["every"] = "30d" }) },
            ["state"] = new JsonObject { ["note"] = Text, ["paused"] = true },
            ["memo"] = new JsonObject { [Text] = Text },
        });
        await CallAsync(app, "/api/batches", 201, new JsonObject
        {
            ["id"] = Id,
            ["query"] = $"WorkflowId = '{Text.Replace("'", "''", StringComparison.Ordinal)}'",
            ["action"] = "terminate",
            ["reason"] = Text,
        });
        return app;
    }

    public static JsonObject Start(string id, string what) => new()
    {
        ["type"] = Text,
        ["id"] = id,
        ["args"] = new JsonArray(what, Text),
        ["options"] = new JsonObject
        {
            ["memo"] = new JsonObject { [Text] = Text },
            ["searchAttributes"] = new JsonObject { ["Customer"] = Text },
            ["summary"] = Text,
            ["details"] = Text,
        },
    };

    private static async Task CallAsync(MemoryApp app, string path, int status, JsonNode body)
    {
        var answer = await app.SendAsync("POST", path, body: body.ToJsonString());
        Assert.AreEqual(status, answer.Status, $"{path}: {answer.Text}");
    }

    [Workflow(Text)]
    public sealed class Hostile
    {
        [WorkflowRun]
        public async Task<string> RunAsync(string what, string text)
        {
            Workflow.CurrentDetails = text;
            if (what == "fail")
            {
                await Workflow.ExecuteActivityAsync(Text, [text], new() { StartToCloseTimeout = TimeSpan.FromMinutes(1), Summary = text, RetryPolicy = new() { MaximumAttempts = 1 } });
            }

            // Nobody serves the queue: the activity stays pending.
            await Workflow.ExecuteActivityAsync(Text, [text], new() { StartToCloseTimeout = TimeSpan.FromMinutes(1), Summary = text, TaskQueue = text, ActivityId = text });
            return text;
        }

        [WorkflowSignal(Dynamic = true)]
        public Task HearAsync(string name, IRawValue[] args) => Task.CompletedTask;

        [WorkflowQuery]
        public string Ask(string text) => throw new InvalidOperationException(text);

        [WorkflowUpdate]
        public Task ChangeAsync(string text) => throw new ApplicationFailureException(text, errorType: text, details: [text]);
    }

    public static class HostileActivities
    {
        [Activity(Text)]
        public static void Fail(string text) => throw new ApplicationFailureException(text, errorType: text, details: [text]);
    }
}
