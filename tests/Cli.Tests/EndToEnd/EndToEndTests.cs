using App.Tests.Running;
using Cli.Tests.Running;
using Serverless.Cli;
using Serverless.Testbed.Azurite;

namespace Cli.Tests.EndToEnd;

/// <summary>The real tool, the real application and real stores.</summary>
[TestClass]
public sealed class EndToEndTests
{
    private static TempFolder _folder = null!;
    private static AppProcess _app = null!;

    private static string Address => _app.Http.BaseAddress!.ToString();

    [ClassInitialize]
    public static async Task StartAsync(TestContext context)
    {
        _ = context;
        _folder = new TempFolder();
        _app = await AppProcess.StartAsync(_folder.Path);
    }

    [ClassCleanup]
    public static async Task StopAsync()
    {
        await _app.DisposeAsync();
        _folder.Dispose();
    }

    [TestMethod]
    public Task OverHttp_EveryVerbWorks() => new Scenario(["--address", Address], hasCode: true).RunAsync("http");

    [TestMethod]
    public Task DirectlyOnAFolder_EveryVerbWorks() => new Scenario(["--storage", Path.Combine(_folder.Path, ".data")], hasCode: false).RunAsync("sqlite");

    [TestMethod]
    public Task OverHttp_EveryOperationWorks() => new OperationsScenario(["--address", Address]).RunAsync("http");

    [TestMethod]
    public Task DirectlyOnAFolder_EveryOperationWorks() => new OperationsScenario(["--storage", Path.Combine(_folder.Path, ".data")]).RunAsync("sqlite");

    [TestMethod]
    public async Task AHubOfItsOwn_IsSeenToOverHttpAndDirectly()
    {
        using var folder = new TempFolder();
        await using var app = await AppProcess.StartAsync(folder.Path);

        await new HubScenario(["--address", app.Http.BaseAddress!.ToString()]).RunAsync("http");
        await new HubScenario(["--storage", Path.Combine(folder.Path, ".data")]).RunAsync("sqlite");
    }

    [TestMethod]
    public async Task DirectlyOnAzurite_EveryVerbWorks()
    {
        var (connection, hub) = (await SharedAzurite.ConnectionStringAsync(), SharedAzurite.NewHub());
        using var folder = new TempFolder();
        await using var app = await AppProcess.StartAsync(folder.Path, null, ("AzureWebJobsStorage", connection), ("Serverless__Hub", hub), ("Serverless__MaxPollInterval", "500ms"));

        await new Scenario(["--storage", connection, "--hub", hub], hasCode: false).RunAsync("azurite");
        (await CliProcess.RunAsync("workflow", "list", "--storage", connection, "--hub", "misspelt")).Expect(ExitCode.NotFound);
    }

    [TestMethod]
    public async Task DirectlyOnStorageThatDoesNotAnswer_IsUnreachable()
    {
        const string nobody = "DefaultEndpointsProtocol=http;AccountName=x;AccountKey=eA==;TableEndpoint=http://127.0.0.1:1/x;QueueEndpoint=http://127.0.0.1:1/x;BlobEndpoint=http://127.0.0.1:1/x";

        (await CliProcess.RunAsync("workflow", "list", "--storage", nobody)).Expect(ExitCode.Unreachable);
    }

    [TestMethod]
    public async Task Directly_TakesNoWork()
    {
        using var folder = new TempFolder();
        await using (await AppProcess.StartAsync(folder.Path))
        {
            // Leaves a hub behind.
        }

        var data = Path.Combine(folder.Path, ".data");
        (await CliProcess.RunAsync("workflow", "start", "Greeting", "--id", "w", "--arg", "\"Ada\"", "--storage", data)).Expect(ExitCode.Ok);
        (await CliProcess.RunAsync("workflow", "result", "w", "--timeout", "3s", "--storage", data)).Expect(ExitCode.StillRunning);
        var history = (await CliProcess.RunAsync("workflow", "show", "w", "-o", "jsonl", "--storage", data)).Expect(ExitCode.Ok);
        Assert.DoesNotContain("WorkflowTaskCompleted", history.Out);

        await using var app = await AppProcess.StartAsync(folder.Path);
        (await CliProcess.RunAsync("workflow", "signal", "w", "finish", "--storage", data)).Expect(ExitCode.Ok);
        (await CliProcess.RunAsync("workflow", "result", "w", "--timeout", "60s", "--storage", data)).Expect(ExitCode.Ok);
    }

    [TestMethod]
    public async Task AnApplicationWithAKey_WantsIt()
    {
        const string key = "0123456789abcdef-cli";
        using var folder = new TempFolder();
        await using var app = await AppProcess.StartAsync(folder.Path, null, ("Serverless__ApiKey", key));

        (await CliProcess.RunAsync("workflow", "count", "--address", app.Http.BaseAddress!.ToString())).Expect(ExitCode.Unauthorized);
        (await CliProcess.RunAsync("workflow", "count", "--address", app.Http.BaseAddress!.ToString(), "--api-key", key)).Expect(ExitCode.Ok);
    }
}
