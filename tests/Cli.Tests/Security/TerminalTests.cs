using App.Tests.Running;
using Cli.Tests.Running;
using Serverless.Cli;

namespace Cli.Tests.Security;

/// <summary>What users wrote into a hub can't steer the terminal of who looks at it, whatever is shown and in whatever form.</summary>
[TestClass]
public sealed class TerminalTests
{
    private static MemoryApp _app = null!;

    [ClassInitialize]
    public static async Task StartAsync(TestContext _) => _app = await HostileHub.StartAsync();

    [ClassCleanup]
    public static Task StopAsync() => _app.DisposeAsync().AsTask();

    [TestMethod]
    [DataRow(ExitCode.Ok, "workflow", "list")]
    [DataRow(ExitCode.Ok, "workflow", "describe", HostileHub.Id)]
    [DataRow(ExitCode.Ok, "workflow", "show", HostileHub.Id)]
    [DataRow(ExitCode.Ok, "workflow", "show", HostileHub.FailedId)]
    [DataRow(ExitCode.Ok, "workflow", "why", HostileHub.Id)]
    [DataRow(ExitCode.WorkflowFailed, "workflow", "result", HostileHub.FailedId)]
    [DataRow(ExitCode.NotFound, "workflow", "describe", $"{HostileHub.Id}none")]
    [DataRow(ExitCode.WorkflowFailed, "workflow", "query", HostileHub.Id, "Ask", "--arg", "\"\\u001b[31m\\u009b\\u202e\"")]
    [DataRow(ExitCode.Usage, "workflow", "list", "-q", HostileHub.Text)]
    [DataRow(ExitCode.Usage, "workflow", HostileHub.Text)]
    [DataRow(ExitCode.Usage, "workflow", "start", "T", "--arg", HostileHub.Text)]
    [DataRow(ExitCode.Ok, "batch", "list")]
    [DataRow(ExitCode.Ok, "batch", "describe", HostileHub.Id)]
    [DataRow(ExitCode.Ok, "schedule", "list")]
    [DataRow(ExitCode.Ok, "schedule", "describe", HostileHub.Id)]
    [DataRow(ExitCode.Ok, "hub", "status")]
    [DataRow(ExitCode.Ok, "hub", "export")]
    public async Task Output_HasNoControlCharacters(object expected, params string[] args)
    {
        var network = CliRun.With(new FakeApi(), isTerminal: true) with { Handler = _app.CreateHandler() };
        foreach (var format in new[] { "table", "json", "jsonl" })
        {
            var run = await CliRun.RunAsync([.. args, "--address", "http://localhost", "-o", format], network);

            run.Expect((ExitCode)expected);
            Assert.DoesNotContain("\u202e", run.Out + run.Error);
            var unsafeOnes = (run.Out + run.Error).Where(static c => (char.IsControl(c) && c != '\n') || c is (>= '\u2028' and <= '\u202e') or (>= '\u2066' and <= '\u2069'));
            Assert.AreEqual("", string.Join(" ", unsafeOnes.Select(static c => $"U+{(int)c:X4}").Distinct()), $"{string.Join(' ', args)} -o {format}");
        }
    }

    [TestMethod]
    public async Task Output_ShowsTheTextAllTheSame()
    {
        var network = CliRun.With(new FakeApi(), isTerminal: true) with { Handler = _app.CreateHandler() };

        var table = await CliRun.RunAsync(["workflow", "show", HostileHub.FailedId, "--address", "http://localhost", "-o", "table"], network);
        var json = await CliRun.RunAsync(["workflow", "describe", HostileHub.Id, "--address", "http://localhost", "-o", "json"], network);

        Assert.Contains("\\u001b[31m", table.Expect(ExitCode.Ok).Out);
        Assert.AreEqual(HostileHub.Text, (string?)json.Expect(ExitCode.Ok).Json["type"]);
    }

    [TestMethod]
    public async Task Question_HasNoControlCharacters()
    {
        var around = CliRun.With(new FakeApi(), isTerminal: true, input: "n\n");

        var run = await CliRun.RunAsync(["workflow", "terminate", "a\u001b]0;owned\u0007b"], around);

        Assert.Contains("a\\u001b]0;owned\\u0007b", run.Expect(ExitCode.Cancelled).Error);
    }
}
