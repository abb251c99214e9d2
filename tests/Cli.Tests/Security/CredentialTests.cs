using System.Net;
using Cli.Tests.Running;
using Serverless.Cli;
using Serverless.Testbed;

namespace Cli.Tests.Security;

/// <summary>Keys and tokens are sent to the application that was named, and shown nowhere.</summary>
[TestClass]
public sealed class CredentialTests
{
    private const string Secret = "a-secret-0123456789";

    [TestMethod]
    [DataRow("--token", "SERVERLESS_API_KEY", "Bearer line", null)]
    [DataRow("--api-key", "SERVERLESS_TOKEN", null, "line")]
    [DataRow("", "SERVERLESS_TOKEN", "Bearer environment", null)]
    [DataRow("", "SERVERLESS_API_KEY", null, "environment")]
    public async Task KeyOrToken_IsSentAsSuch_AndTheCommandLineGoesFirst(string option, string variable, string? authorization, string? key)
    {
        var api = new FakeApi().Answer("GET /api/workflows/count", """{"count":0}""");

        (await CliRun.RunAsync(["workflow", "count", .. option.Length > 0 ? new[] { option, "line" } : []], CliRun.With(api, isTerminal: false, "", (variable, "environment")))).Expect(ExitCode.Ok);

        Assert.AreEqual((authorization, key), (api.Authorization, api.Key));
    }

    [TestMethod]
    public async Task KeyAndToken_ExcludeEachOther()
    {
        var line = await CliRun.PipedAsync(new FakeApi(), "workflow", "count", "--api-key", Secret, "--token", Secret);
        var environment = await CliRun.RunAsync(["workflow", "count"], CliRun.With(new FakeApi(), isTerminal: false, "", ("SERVERLESS_API_KEY", Secret), ("SERVERLESS_TOKEN", Secret)));

        foreach (var run in new[] { line, environment })
        {
            Assert.DoesNotContain(Secret, run.Expect(ExitCode.Usage).Error);
        }
    }

    [TestMethod]
    [DataRow($"{Secret}\n")]
    [DataRow($"{Secret} x")]
    [DataRow($"{Secret}ä")]
    public async Task Credential_ThatNoHeaderHolds_IsRefusedWithoutShowingIt(string secret)
    {
        foreach (var option in new[] { "--api-key", "--token" })
        {
            Assert.DoesNotContain(Secret, (await CliRun.PipedAsync(new FakeApi(), "workflow", "count", option, secret)).Expect(ExitCode.Usage).Error);
        }
    }

    [TestMethod]
    [DataRow($"AccountName=x;AccountKey={Secret}", ExitCode.Usage)]
    [DataRow($"AccountName=x;AccountKey={Secret};;=;", ExitCode.Usage)]
    [DataRow("TableEndpoint=http://127.0.0.1:1/x;QueueEndpoint=http://127.0.0.1:1/x;BlobEndpoint=http://127.0.0.1:1/x;SharedAccessSignature=sv=2024-01-01&sig=" + Secret, ExitCode.Unreachable)]
    [DataRow(Secret, ExitCode.NotFound)]
    public async Task ConnectionString_ThatDoesNotWork_IsNotShown(string storage, object expected)
    {
        var run = await CliRun.PipedAsync(new FakeApi(), "workflow", "count", "--storage", storage);

        Assert.DoesNotContain(Secret, run.Expect((ExitCode)expected).Error);
    }

    [TestMethod]
    public async Task Redirect_IsNotFollowed()
    {
        var api = new FakeApi().Answer("GET /api/workflows/count", "", HttpStatusCode.PermanentRedirect);

        Assert.Contains("answered with status 308", (await CliRun.PipedAsync(api, "workflow", "count", "--api-key", Secret)).Expect(ExitCode.Failed).Error);
    }

    [TestMethod]
    public async Task CompletionOfPowerShell_QuotesNamesThatOthersChose()
    {
        var script = await File.ReadAllTextAsync(RepositoryRoot.PathOf("cli", "Serverless.Cli", "Completion", "Scripts", "pwsh.ps1"));

        Assert.Contains("EscapeSingleQuotedStringContent($_)", script);
        Assert.Contains("CompletionResult]::new($text, $_,", script);
    }
}
