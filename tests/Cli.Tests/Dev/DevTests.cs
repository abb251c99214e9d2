using System.Diagnostics;
using System.Globalization;
using App.Tests.Running;
using Cli.Tests.Running;
using Serverless.Cli;
using Serverless.Testbed;

namespace Cli.Tests.Dev;

/// <summary>An app of its own, in a folder of its own, run and rebuilt.</summary>
[TestClass]
public sealed class DevTests
{
    private static readonly TimeSpan _limit = TimeSpan.FromMinutes(3);

    [TestMethod]
    public async Task ABuild_RestartsTheApp()
    {
        using var folder = new TempFolder();
        await WriteAppAsync(folder.Path, "one");
        var port = AppProcess.FreePort();
        await using var dev = new DevProcess(folder.Path, port);
        await dev.SaysAsync("Running. UI: ", 1);
        Assert.AreEqual("one", await dev.AskAsync());

        await WriteAppAsync(folder.Path, "two");
        (await CliProcess.RunAsync("dotnet", ["build", folder.Path, "-c", AppBuild.Configuration, "-v", "quiet", "-nologo"], input: null)).Expect(ExitCode.Ok);
        await dev.SaysAsync("Running. UI: ", 2);
        Assert.AreEqual("two", await dev.AskAsync());

        await dev.StopAsync();
        Assert.AreEqual(ExitCode.Cancelled, (ExitCode)dev.ExitCode);
        (await CliProcess.RunAsync("workflow", "count", "--address", dev.Address)).Expect(ExitCode.Unreachable);
    }

    [TestMethod]
    public async Task WatchingSources_BuildsByItselfAndKeepsTheAppWhenTheBuildFails()
    {
        using var folder = new TempFolder();
        await WriteAppAsync(folder.Path, "one");
        await using var dev = new DevProcess(folder.Path, AppProcess.FreePort(), "--watch-sources");
        await dev.SaysAsync("Running. UI: ", 1);

        await WriteAppAsync(folder.Path, "broken\" this is no C#");
        await dev.SaysAsync("error CS", 1);
        Assert.AreEqual("one", await dev.AskAsync());

        await WriteAppAsync(folder.Path, "three");
        await dev.SaysAsync("Running. UI: ", 2);
        Assert.AreEqual("three", await dev.AskAsync());
        await dev.StopAsync();
    }

    private static async Task WriteAppAsync(string folder, string answer)
    {
        await File.WriteAllTextAsync(Path.Combine(folder, "Program.cs"), $$"""
            using Serverless.Functions;
            using Serverless.Workflows;

            var builder = WebApplication.CreateBuilder(args);
            builder.AddServerlessWorkflows(o => o.AddWorkflow<Ask>());
            var app = builder.Build();
            app.MapServerlessWorkflows();
            await app.RunAsync();

            [Workflow]
            public class Ask
            {
                [WorkflowRun]
                public Task<string> RunAsync() => Task.FromResult("{{answer}}");
            }
            """);
        await File.WriteAllTextAsync(Path.Combine(folder, "Asked.csproj"), $"""
            <Project Sdk="Microsoft.NET.Sdk.Web">
              <PropertyGroup>
                <TargetFramework>net10.0</TargetFramework>
                <ImplicitUsings>enable</ImplicitUsings>
                <NuGetAudit>false</NuGetAudit>
              </PropertyGroup>
              <ItemGroup>
                <ProjectReference Include="{RepositoryRoot.PathOf("functions", "Serverless.Functions", "Serverless.Functions.csproj")}" />
              </ItemGroup>
            </Project>
            """);
    }

    /// <summary>The running tool. Disposing it ends it and, through it, the app.</summary>
    private sealed class DevProcess : IAsyncDisposable
    {
        private readonly Process _process;
        private readonly List<(string Text, int Count, TaskCompletionSource Said)> _waits = [];
        private readonly List<string> _lines = [];

        public DevProcess(string folder, int port, params string[] args)
        {
            Address = $"http://127.0.0.1:{port}";
            string[] all = ["dev", "--project", folder, "--port", port.ToString(CultureInfo.InvariantCulture), "-c", AppBuild.Configuration, .. args, "--", "--Logging:LogLevel:Default=Warning"];
            _process = Process.Start(CliProcess.Start(CliProcess.Executable, all))!;
            _process.OutputDataReceived += (_, line) => Note(line.Data);
            _process.ErrorDataReceived += (_, line) => Note(line.Data);
            _process.BeginOutputReadLine();
            _process.BeginErrorReadLine();
        }

        public string Address { get; }

        public int ExitCode => _process.ExitCode;

        public async Task<string?> AskAsync() =>
            (string?)(await CliProcess.RunAsync("workflow", "start", "Ask", "--wait", "--timeout", "60s", "--address", Address)).Expect(Serverless.Cli.ExitCode.Ok).Json["result"];

        /// <summary>Waits until so many lines have had the text.</summary>
        public async Task SaysAsync(string text, int count)
        {
            var said = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            lock (_lines)
            {
                _waits.Add((text, count, said));
                Check();
            }

            try
            {
                await said.Task.WaitAsync(_limit);
            }
            catch (TimeoutException)
            {
                lock (_lines)
                {
                    Assert.Fail($"'{text}' was not said {count} times within {_limit}, but:\n{string.Join('\n', _lines)}");
                }
            }
        }

        public async Task StopAsync()
        {
            using var signal = Process.Start("kill", ["-TERM", _process.Id.ToString(CultureInfo.InvariantCulture)]);
            await _process.WaitForExitAsync().WaitAsync(_limit);
        }

        public async ValueTask DisposeAsync()
        {
            if (!_process.HasExited)
            {
                await StopAsync();
            }

            _process.Dispose();
        }

        private void Note(string? line)
        {
            lock (_lines)
            {
                _lines.Add(line ?? "");
                Check();
            }
        }

        private void Check()
        {
            foreach (var (text, count, said) in _waits)
            {
                if (_lines.Count(line => line.Contains(text, StringComparison.Ordinal)) >= count)
                {
                    said.TrySetResult();
                }
            }
        }
    }
}
