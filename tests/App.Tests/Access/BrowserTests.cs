using App.Tests.Running;
using Microsoft.AspNetCore.Http;

namespace App.Tests.Access;

/// <summary>What browsers are told, and what pages of other sites can't do through them.</summary>
[TestClass]
public sealed class BrowserTests
{
    private const string Key = "0123456789abcdef";

    private static MemoryApp _local = null!;
    private static MemoryApp _keyed = null!;
    private static MemoryApp _hosted = null!;

    [ClassInitialize]
    public static async Task StartAsync(TestContext _)
    {
        _local = await MemoryApp.StartAsync([]);
        _keyed = await MemoryApp.StartAsync([("Serverless:ApiKey", Key)]);
        _hosted = await MemoryApp.StartAsync([("FUNCTIONS_CUSTOMHANDLER_PORT", "7999")]);
    }

    [ClassCleanup]
    public static async Task StopAsync()
    {
        foreach (var app in new[] { _local, _keyed, _hosted })
        {
            await app.DisposeAsync();
        }
    }

    [TestMethod]
    [DataRow("GET", "/api/workflows", 200)]
    [DataRow("GET", "/api/workflows/none", 404)]
    [DataRow("GET", "/api/nowhere", 404)]
    [DataRow("PATCH", "/api/workflows", 404)]
    [DataRow("POST", "/api/workflows", 400)]
    [DataRow("GET", "/api/health", 200)]
    [DataRow("GET", "/", 302)]
    [DataRow("GET", "/ui", 200)]
    [DataRow("GET", "/ui/page.js", 200)]
    public async Task EveryAnswer_HasTheHeaders(string method, string path, int status)
    {
        var answer = await _local.SendAsync(method, path);

        Assert.AreEqual(status, answer.Status, answer.Text);
        HasHeaders(answer, path.StartsWith("/ui", StringComparison.Ordinal) ? "no-cache" : "no-store");
    }

    [TestMethod]
    public async Task Refusals_HaveThemToo()
    {
        HasHeaders(await _keyed.SendAsync("GET", "/api/workflows"), "no-store");
        HasHeaders(await _keyed.SendAsync("POST", "/api/workflows", [("Origin", "https://evil.example")]), "no-store");
    }

    [TestMethod]
    public async Task Page_RunsItsOwnScriptOnly()
    {
        var page = await _local.SendAsync("GET", "/ui");

        var policy = page.Headers.ContentSecurityPolicy.ToString();
        Assert.DoesNotContain("unsafe", policy);
        StringAssert.Contains(policy, "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; require-trusted-types-for 'script'");
        Assert.DoesNotContain("<script>", page.Text);
        Assert.DoesNotContain("<style", page.Text);
        Assert.DoesNotContain(" style=", page.Text);
        Assert.DoesNotContain(" on", page.Text.Replace(" onto", "", StringComparison.Ordinal));
        Assert.AreEqual("text/javascript; charset=utf-8", (await _local.SendAsync("GET", "/ui/page.js")).Headers.ContentType.ToString());
    }

    [TestMethod]
    public async Task Cookies_AreNeitherSetNorRead()
    {
        var answer = await _keyed.SendAsync("GET", "/api/workflows", [("Cookie", $"x-functions-key={Key}; code={Key}")]);

        Assert.AreEqual(401, answer.Status);
        Assert.IsFalse((await _keyed.SendAsync("GET", "/ui")).Headers.ContainsKey("Set-Cookie"));
        Assert.IsFalse(answer.Headers.ContainsKey("Set-Cookie"));
    }

    [TestMethod]
    [DataRow("cross-site", "https://evil.example")]
    [DataRow("cross-site", "")]
    [DataRow("same-site", "http://localhost:3000")]
    [DataRow("same-site", "")]
    [DataRow("", "https://evil.example")]
    [DataRow("", "http://localhost:3000")]
    [DataRow("", "null")]
    public async Task CallFromAnotherSitesPage_IsRefused(string site, string origin)
    {
        foreach (var app in new[] { _local, _keyed, _hosted })
        {
            foreach (var (method, path) in new[] { ("POST", "/api/workflows/none/terminate"), ("DELETE", "/api/workflows/none"), ("GET", "/api/hub/export"), ("OPTIONS", "/api/workflows") })
            {
                var answer = await app.SendAsync(method, path, [.. Headers(site, origin), ("x-functions-key", Key)]);

                Assert.AreEqual((403, "cross-origin"), (answer.Status, answer.Code), $"{method} {path}: {answer.Text}");
            }
        }
    }

    [TestMethod]
    [DataRow("same-origin", "http://localhost:7071")]
    [DataRow("same-origin", "https://behind.a.proxy.example")]
    [DataRow("none", "")]
    [DataRow("", "http://localhost:7071")]
    [DataRow("", "")]
    public async Task CallFromTheOwnPageOrFromAProgram_IsAnswered(string site, string origin)
    {
        Assert.AreEqual("workflow-not-found", (await _local.SendAsync("POST", "/api/workflows/none/terminate", Headers(site, origin))).Code);
    }

    [TestMethod]
    public async Task LinkToThePage_IsFollowed()
    {
        Assert.AreEqual(200, (await _local.SendAsync("GET", "/ui", [("Sec-Fetch-Site", "cross-site")])).Status);
    }

    [TestMethod]
    public async Task Cors_IsOffUnlessAnOriginIsAllowed()
    {
        (string, string)[] preflight = [("Sec-Fetch-Site", "cross-site"), ("Access-Control-Request-Method", "POST"), ("Access-Control-Request-Headers", "x-functions-key")];
        await using var open = await MemoryApp.StartAsync([("Serverless:ApiKey", Key), ("Serverless:AllowedOrigins", "https://ops.example, https://ci.example")]);

        var refused = await _keyed.SendAsync("OPTIONS", "/api/workflows", [("Origin", "https://ops.example"), .. preflight]);
        var foreign = await open.SendAsync("OPTIONS", "/api/workflows", [("Origin", "https://evil.example"), .. preflight]);
        var asked = await open.SendAsync("OPTIONS", "/api/workflows", [("Origin", "https://ops.example"), .. preflight]);
        var called = await open.SendAsync("GET", "/api/workflows", [("Origin", "https://ops.example"), ("Sec-Fetch-Site", "cross-site"), ("x-functions-key", Key)]);
        var without = await open.SendAsync("GET", "/api/workflows", [("Origin", "https://ops.example")]);

        foreach (var answer in new[] { refused, foreign })
        {
            Assert.IsFalse(answer.Headers.Keys.Any(static name => name.StartsWith("Access-Control", StringComparison.Ordinal)));
        }

        Assert.AreEqual(204, asked.Status);
        Assert.AreEqual((200, "https://ops.example"), (called.Status, called.Headers.AccessControlAllowOrigin.ToString()));
        Assert.IsFalse(called.Headers.ContainsKey("Access-Control-Allow-Credentials"));
        Assert.AreEqual(401, without.Status);
    }

    private static List<(string, string)> Headers(string site, string origin) =>
        [.. new[] { ("Sec-Fetch-Site", site), ("Origin", origin) }.Where(static h => h.Item2.Length > 0)];

    private static void HasHeaders(MemoryAnswer answer, string cache)
    {
        StringAssert.Contains(answer.Headers.ContentSecurityPolicy.ToString(), "default-src 'none'");
        StringAssert.Contains(answer.Headers.ContentSecurityPolicy.ToString(), "frame-ancestors 'none'");
        Assert.AreEqual("nosniff", answer.Headers.XContentTypeOptions.ToString());
        Assert.AreEqual("DENY", answer.Headers.XFrameOptions.ToString());
        Assert.AreEqual("no-referrer", answer.Headers["Referrer-Policy"].ToString());
        Assert.AreEqual("same-origin", answer.Headers["Cross-Origin-Resource-Policy"].ToString());
        Assert.AreEqual(cache, answer.Headers.CacheControl.ToString());
        Assert.IsFalse(answer.Headers.ContainsKey("Access-Control-Allow-Origin"));
    }
}
