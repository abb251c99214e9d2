using System.Diagnostics;
using System.Text.Json.Nodes;
using App.Tests.Running;
using Serverless.Testbed;

namespace App.Tests.Access;

/// <summary>Script in any field that users fill stays text: in answers, in problem details, and on the page.</summary>
[TestClass]
public sealed class MarkupTests
{
    private static readonly string _id = Uri.EscapeDataString(HostileHub.Id);
    private static readonly string _failedId = Uri.EscapeDataString(HostileHub.FailedId);
    private static readonly string _text = Uri.EscapeDataString(HostileHub.Text.Replace("/", "", StringComparison.Ordinal));

    private static MemoryApp _app = null!;

    [ClassInitialize]
    public static async Task StartAsync(TestContext _) => _app = await HostileHub.StartAsync();

    [ClassCleanup]
    public static Task StopAsync() => _app.DisposeAsync().AsTask();

    public static IEnumerable<object[]> Calls() =>
    [
        ["GET", "/api/workflows", ""],
        ["GET", $"/api/workflows?query={_text}", ""],
        ["GET", $"/api/workflows?pageToken={_text}", ""],
        ["GET", $"/api/workflows/{_id}", ""],
        ["GET", $"/api/workflows/{_id}/history", ""],
        ["GET", $"/api/workflows/{_id}/why", ""],
        ["GET", $"/api/workflows/{_id}/result?wait={_text}", ""],
        ["GET", $"/api/workflows/{_failedId}/result", ""],
        ["GET", $"/api/workflows/{_failedId}/history", ""],
        ["GET", $"/api/workflows/{_id}none", ""],
        ["GET", $"/api/{_text}", ""],
        ["POST", $"/api/workflows/{_id}/queries/Ask", new JsonArray(HostileHub.Text).ToJsonString()],
        ["POST", $"/api/workflows/{_id}/queries/{_text}", ""],
        ["POST", $"/api/workflows/{_id}/updates/{_text}", ""],
        ["POST", "/api/workflows", $$"""{"type":{{JsonValue.Create(HostileHub.Text + "!").ToJsonString()}}}"""],
        ["POST", "/api/workflows", $$"""{{{JsonValue.Create(HostileHub.Text).ToJsonString()}}:1}"""],
        ["POST", "/api/workflows", HostileHub.Text],
        ["GET", "/api/batches", ""],
        ["GET", $"/api/batches/{_id}", ""],
        ["GET", "/api/schedules", ""],
        ["GET", $"/api/schedules/{_id}", ""],
        ["GET", $"/api/schedules/{_id}none", ""],
        ["GET", "/api/hub/export", ""],
        ["GET", "/api/health", ""],
    ];

    [TestMethod]
    [DynamicData(nameof(Calls))]
    public async Task Answer_IsJsonThatNoBrowserTakesForAPage(string method, string path, string body)
    {
        var answer = await _app.SendAsync(method, path, body: body);

        var type = answer.Headers.ContentType.ToString().Split(';')[0];
        CollectionAssert.Contains(new[] { "application/json", "application/problem+json", "application/x-ndjson" }, type);
        Assert.AreEqual("nosniff", answer.Headers.XContentTypeOptions.ToString());
        StringAssert.StartsWith(answer.Headers.ContentSecurityPolicy.ToString(), "default-src 'none'");
        foreach (var line in type == "application/x-ndjson" ? answer.Text.Split('\n', StringSplitOptions.RemoveEmptyEntries) : [answer.Text])
        {
            Assert.IsNotNull(JsonNode.Parse(line));
        }

        // Headers too are made of what users wrote, such as the address of what was started.
        Assert.IsFalse(answer.Headers.Any(static h => h.Value.ToString().Any(static c => c is < ' ' or > '~' or '<')));
    }

    [TestMethod]
    public async Task Answers_HoldTheTextsAsTheyAre()
    {
        var description = JsonNode.Parse((await _app.SendAsync("GET", $"/api/workflows/{_id}")).Text)!;
        var result = JsonNode.Parse((await _app.SendAsync("GET", $"/api/workflows/{_failedId}/result")).Text)!;
        var batch = JsonNode.Parse((await _app.SendAsync("GET", $"/api/batches/{_id}")).Text)!;
        var schedule = JsonNode.Parse((await _app.SendAsync("GET", $"/api/schedules/{_id}")).Text)!;

        Assert.AreEqual(HostileHub.Text, (string?)description["type"]);
        Assert.AreEqual(HostileHub.Text, (string?)description["memo"]![HostileHub.Text]);
        Assert.AreEqual(HostileHub.Text, (string?)description["searchAttributes"]!["Customer"]);
        Assert.AreEqual(HostileHub.Text, (string?)result["failure"]!["cause"]!["message"]);
        Assert.AreEqual(HostileHub.Text, (string?)batch["reason"]);
        Assert.AreEqual(HostileHub.Text, (string?)schedule["state"]!["note"]);
    }

    [TestMethod]
    public async Task Page_ShowsTextsAsText()
    {
        var answers = new JsonObject();
        foreach (var path in new[] { "health", "workflows?pageSize=50", $"workflows/{_id}", $"workflows/{_id}/history", $"workflows/{_failedId}", $"workflows/{_failedId}/history" })
        {
            answers[Uri.UnescapeDataString($"/api/{path}")] = JsonNode.Parse((await _app.SendAsync("GET", $"/api/{path}")).Text);
        }

        foreach (var (hash, expected) in new[] { ("", HostileHub.Id), ($"#{_id}", HostileHub.Text), ($"#{_failedId}", HostileHub.Text), ($"#{_text}", "The server answered 404") })
        {
            using var node = Process.Start(new ProcessStartInfo("node", [RepositoryRoot.PathOf("tests", "App.Tests", "Access", "page.harness.js"),
                RepositoryRoot.PathOf("functions", "Serverless.Functions", "Ui", "page.js"), hash])
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
            })!;
            await node.StandardInput.WriteAsync(answers.ToJsonString());
            node.StandardInput.Close();
            var shown = JsonNode.Parse(await node.StandardOutput.ReadToEndAsync())!;

            Assert.AreEqual("[]", shown["forbidden"]!.ToJsonString());
            var tags = shown["tags"]!.AsArray().Select(static t => (string?)t).Distinct().Except(["table", "thead", "tbody", "tr", "th", "td", "a", "span", "p", "pre", "h2", "button", "div", "main", "form", "input"]);
            Assert.IsEmpty(tags.ToList());
            Assert.IsEmpty(shown["links"]!.AsArray().Where(static l => !((string?)l)!.StartsWith('#')).ToList());
            Assert.IsTrue(shown["texts"]!.AsArray().Any(t => ((string?)t)!.Contains(expected, StringComparison.Ordinal)), $"{hash}: {shown}");
        }
    }
}
