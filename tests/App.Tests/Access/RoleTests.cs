using App.Tests.Running;

namespace App.Tests.Access;

/// <summary>What each role may do, known by a key or by a bearer token.</summary>
[TestClass]
public sealed class RoleTests
{
    private const string ReaderKey = "reader-key-0123456789";
    private const string OperatorKey = "operator-key-0123456789";
    private const string AdminKey = "admin-key-0123456789";
    private const string SingleKey = "single-key-0123456789";

    private static MemoryApp _app = null!;

    [ClassInitialize]
    public static async Task StartAsync(TestContext _) => _app = await MemoryApp.StartAsync(
    [
        ("Serverless:ApiKey", SingleKey),
        ("Serverless:ApiKeys:0:Key", ReaderKey), ("Serverless:ApiKeys:0:Role", "reader"), ("Serverless:ApiKeys:0:Name", "dashboard"),
        ("Serverless:ApiKeys:1:Key", OperatorKey), ("Serverless:ApiKeys:1:Role", "Operator"),
        ("Serverless:ApiKeys:2:Key", AdminKey), ("Serverless:ApiKeys:2:Role", "admin"),
        .. Tokens.Settings,
    ]);

    [ClassCleanup]
    public static Task StopAsync() => _app.DisposeAsync().AsTask();

    [TestMethod]
    [DataRow("GET", "/api/workflows", "", "reader")]
    [DataRow("GET", "/api/workflows/none/why", "", "reader")]
    [DataRow("GET", "/api/hub", "", "reader")]
    [DataRow("GET", "/api/nowhere", "", "reader")]
    [DataRow("POST", "/api/workflows/none/queries/state", "", "reader")]
    [DataRow("POST", "/api/workflows", "{}", "operator")]
    [DataRow("POST", "/api/workflows/none/signals/go", "", "operator")]
    [DataRow("POST", "/api/workflows/none/terminate", "", "operator")]
    [DataRow("POST", "/api/batches", """{"query":"WorkflowId = 'none'","action":"cancel"}""", "operator")]
    [DataRow("DELETE", "/api/schedules/none", "", "operator")]
    [DataRow("POST", "/api/workflows/none/reset", """{"to":"firstWorkflowTask"}""", "operator")]
    [DataRow("POST", "/api/workflows/serverless-batch:none/reset", """{"to":"firstWorkflowTask"}""", "admin")]
    [DataRow("POST", "/api/workflows/serverless-batch:none/fork", """{"to":"firstWorkflowTask"}""", "admin")]
    [DataRow("POST", "/api/batches", """{"query":"WorkflowId = 'none'","action":"delete"}""", "admin")]
    [DataRow("DELETE", "/api/workflows/none", "", "admin")]
    [DataRow("POST", "/api/hub/purge", """{"query":"WorkflowId = 'none'","dryRun":true}""", "admin")]
    [DataRow("GET", "/api/hub/export", "", "admin")]
    [DataRow("GET", "/api/hub/doctor", "", "admin")]
    public async Task Call_NeedsItsRoleOrAHigherOne(string method, string path, string body, string least)
    {
        string[] roles = ["reader", "operator", "admin"];
        var keys = new Dictionary<string, string> { ["reader"] = ReaderKey, ["operator"] = OperatorKey, ["admin"] = AdminKey };
        foreach (var role in roles)
        {
            foreach (var credential in new[] { ("x-functions-key", keys[role]), ("Authorization", $"Bearer {Tokens.Create(role)}") })
            {
                var answer = await _app.SendAsync(method, path, [credential], body: body);

                var isEnough = Array.IndexOf(roles, role) >= Array.IndexOf(roles, least);
                Assert.AreEqual(isEnough, answer.Code != "forbidden", $"{role} by {credential.Item1}: {answer.Status} {answer.Text}");
                Assert.AreNotEqual(401, answer.Status, answer.Text);
            }
        }

        Assert.AreEqual("unauthorized", (await _app.SendAsync(method, path, body: body)).Code);
    }

    [TestMethod]
    public async Task Refusal_SaysWhichRoleIsNeeded()
    {
        var answer = await _app.SendAsync("DELETE", "/api/workflows/none", [("x-functions-key", ReaderKey)]);

        Assert.AreEqual(403, answer.Status);
        StringAssert.Contains(answer.Text, "This needs the role 'admin'; the caller's is 'reader'.");
    }

    [TestMethod]
    public async Task SingleKey_IsAnAdministrators() =>
        Assert.AreEqual("workflow-not-found", (await _app.SendAsync("DELETE", "/api/workflows/none", [("x-functions-key", SingleKey)])).Code);

    [TestMethod]
    [DataRow("")]
    [DataRow("reader-key-012345678")]
    [DataRow("reader-key-01234567890")]
    [DataRow("READER-KEY-0123456789")]
    [DataRow("reader-key-0123456789,admin-key-0123456789")]
    [DataRow("dashboard")]
    public async Task Key_ThatIsNone_Is401(string key)
    {
        var answer = await _app.SendAsync("GET", "/api/workflows", [("x-functions-key", key)]);

        Assert.AreEqual((401, "unauthorized"), (answer.Status, answer.Code));
        Assert.AreEqual("Bearer", answer.Headers.WWWAuthenticate.ToString());
        Assert.DoesNotContain("0123", answer.Text);
    }

    [TestMethod]
    public async Task Key_InTheAddress_IsNone() => Assert.AreEqual(401, (await _app.SendAsync("GET", $"/api/workflows?code={AdminKey}&x-functions-key={AdminKey}")).Status);

    public static IEnumerable<object[]> BadTokens() =>
    [
        [Tokens.Create("admin", audience: "another"), "another audience"],
        [Tokens.Create("admin", issuer: "https://evil.example"), "another issuer"],
        [Tokens.Create("admin", secret: "another-secret-of-more-than-32-bytes-also"), "not valid"],
        [Tokens.Create("admin", validFor: TimeSpan.FromHours(-1)), "expired"],
        [Tokens.Create("reader") + "x", "not valid"],
        [Tokens.Unsigned("admin"), "not valid"],
        ["nonsense", "not valid"],
    ];

    [TestMethod]
    [DynamicData(nameof(BadTokens))]
    public async Task Token_ThatIsNotOurs_Is401(string token, string reason)
    {
        var answer = await _app.SendAsync("GET", "/api/workflows", [("Authorization", $"Bearer {token}")]);

        Assert.AreEqual(401, answer.Status);
        StringAssert.Contains(answer.Text, reason);
        Assert.DoesNotContain(token, answer.Text);
    }

    [TestMethod]
    public async Task Token_WithoutARole_MayDoNothing()
    {
        foreach (var roles in new object?[] { null, "root", "Serverless", new[] { "a", "b" } })
        {
            Assert.AreEqual("forbidden", (await _app.SendAsync("GET", "/api/workflows", [("Authorization", $"Bearer {Tokens.Create(roles)}")])).Code);
        }
    }

    [TestMethod]
    public async Task Token_WithSeveralRoles_HasTheHighest() =>
        Assert.AreEqual("workflow-not-found", (await _app.SendAsync("DELETE", "/api/workflows/none", [("Authorization", $"Bearer {Tokens.Create(new[] { "reader", "Admin" })}")])).Code);

    [TestMethod]
    public async Task Health_TellsStrangersNothing()
    {
        var stranger = await _app.SendAsync("GET", "/api/health");
        var reader = await _app.SendAsync("GET", "/api/health", [("x-functions-key", ReaderKey)]);
        var nobody = await _app.SendAsync("GET", "/api/health", [("Authorization", $"Bearer {Tokens.Create(null)}")]);

        Assert.AreEqual("""{"status":"ready"}""", stranger.Text);
        Assert.AreEqual(stranger.Text, nobody.Text);
        StringAssert.Contains(reader.Text, "\"hub\"");
    }
}
