using System.Net;
using App.Tests.Running;

namespace App.Tests.Access;

/// <summary>Who is let in without a key: programs on this machine, and the Functions host.</summary>
[TestClass]
public sealed class LocalCallerTests
{
    private static readonly Lazy<Task<MemoryApp>> _local = new(() => MemoryApp.StartAsync([]));
    private static readonly Lazy<Task<MemoryApp>> _hosted = new(() => MemoryApp.StartAsync([("FUNCTIONS_CUSTOMHANDLER_PORT", "7999")]));
    private static readonly IPAddress _elsewhere = IPAddress.Parse("192.0.2.7");

    [ClassCleanup]
    public static async Task StopAsync()
    {
        await (await _local.Value).DisposeAsync();
        await (await _hosted.Value).DisposeAsync();
    }

    [TestMethod]
    public async Task WithoutKeys_OnlyThisMachineMayCall()
    {
        var app = await _local.Value;

        Assert.AreEqual(200, (await app.SendAsync("GET", "/api/workflows")).Status);
        Assert.AreEqual(200, (await app.SendAsync("GET", "/api/workflows", [("Host", "[::1]:7071")], IPAddress.IPv6Loopback)).Status);
        Assert.AreEqual(200, (await app.SendAsync("GET", "/api/workflows", peer: IPAddress.Parse("::ffff:127.0.0.1"))).Status);
        Assert.AreEqual("cross-origin", (await app.SendAsync("GET", "/api/workflows", peer: _elsewhere)).Code);
    }

    [TestMethod]
    [DataRow("Host", "rebound.example:7071")]
    [DataRow("Host", "localhost.evil.example")]
    [DataRow("X-Forwarded-For", "127.0.0.1")]
    [DataRow("X-Forwarded-Host", "ops.example")]
    [DataRow("Forwarded", "for=127.0.0.1")]
    [DataRow("Via", "1.1 proxy")]
    public async Task WithoutKeys_ARenamedSiteOrAProxy_IsNotThisMachine(string header, string value)
    {
        var app = await _local.Value;

        var answer = await app.SendAsync("GET", "/api/workflows", [(header, value)]);

        Assert.AreEqual((403, "cross-origin"), (answer.Status, answer.Code));
        Assert.AreEqual("""{"status":"ready"}""", (await app.SendAsync("GET", "/api/health", [(header, value)])).Text);
    }

    [TestMethod]
    public async Task WithKeys_ThisMachineNeedsOneToo()
    {
        await using var app = await MemoryApp.StartAsync([("Serverless:ApiKey", "0123456789abcdef")]);

        Assert.AreEqual(401, (await app.SendAsync("GET", "/api/workflows")).Status);
        Assert.AreEqual(200, (await app.SendAsync("GET", "/api/workflows", [("x-functions-key", "0123456789abcdef")], _elsewhere)).Status);
    }

    [TestMethod]
    public async Task UnderFunctions_TheHostAloneMayCall()
    {
        var app = await _hosted.Value;

        // The host has checked its keys; the name by which it was called is the app's.
        Assert.AreEqual(200, (await app.SendAsync("GET", "/api/workflows", [("Host", "app.example"), ("X-Forwarded-For", "192.0.2.7")])).Status);
        Assert.AreEqual("cross-origin", (await app.SendAsync("GET", "/api/workflows", peer: _elsewhere)).Code);
    }

    [TestMethod]
    public async Task UnderFunctions_WithTokens_OneIsNeededToo()
    {
        await using var app = await MemoryApp.StartAsync([("FUNCTIONS_CUSTOMHANDLER_PORT", "7999"), ("Serverless:ApiKey", "0123456789abcdef"), .. Tokens.Settings]);

        Assert.AreEqual("unauthorized", (await app.SendAsync("GET", "/api/workflows")).Code);
        Assert.AreEqual("unauthorized", (await app.SendAsync("GET", "/api/workflows", [("x-functions-key", "0123456789abcdef")])).Code);
        Assert.AreEqual(200, (await app.SendAsync("GET", "/api/workflows", [("Authorization", $"Bearer {Tokens.Create("reader")}")])).Status);
        Assert.AreEqual(500, (await app.SendAsync("POST", "/WorkflowTask", body: "{}")).Status);
    }

    [TestMethod]
    public async Task Trigger_AnswersTheHostOnThisMachineOnly()
    {
        var app = await _hosted.Value;

        foreach (var trigger in new[] { "/WorkflowTask", "/PinnedWorkflowTask", "/ActivityTask", "/TimerTask" })
        {
            // A message that can't be read fails: it was let in.
            Assert.AreEqual(500, (await app.SendAsync("POST", trigger, [("Host", "127.0.0.1:7999")], body: "{}")).Status);
            Assert.AreEqual("cross-origin", (await app.SendAsync("POST", trigger, peer: _elsewhere, body: "{}")).Code);
            Assert.AreEqual("forbidden", (await app.SendAsync("POST", trigger, [("Host", "rebound.example:7999")], body: "{}")).Code);
            Assert.AreEqual("cross-origin", (await app.SendAsync("POST", trigger, [("Origin", "http://page.example")], body: "{}")).Code);
        }
    }

    [TestMethod]
    public async Task Trigger_SelfHosted_DoesNotExist()
    {
        var app = await _local.Value;

        Assert.AreEqual(404, (await app.SendAsync("POST", "/WorkflowTask", body: "{}")).Status);
    }
}
