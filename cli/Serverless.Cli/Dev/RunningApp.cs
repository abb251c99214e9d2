using System.Diagnostics;

namespace Serverless.Cli.Dev;

/// <summary>One process of the app, from a copy of one build. Its output is that of the tool.</summary>
internal sealed class RunningApp : IAsyncDisposable
{
    private readonly ShadowCopy _copy;
    private readonly Process _process;

    private RunningApp(ShadowCopy copy, Process process) => (_copy, _process) = (copy, process);

    /// <summary>Ends when the process does.</summary>
    public Task Ended => _process.WaitForExitAsync();

    public int ExitCode => _process.ExitCode;

    public static RunningApp Start(DevSettings settings, string target)
    {
        var copy = new ShadowCopy(target);
        var start = new ProcessStartInfo("dotnet", [copy.Target, .. settings.Args]) { WorkingDirectory = settings.Project.Folder };
        start.Environment["ASPNETCORE_URLS"] = settings.Address;
        start.Environment.TryAdd("ASPNETCORE_ENVIRONMENT", "Development");
        start.Environment.Remove("FUNCTIONS_CUSTOMHANDLER_PORT");
        return new RunningApp(copy, Process.Start(start)!);
    }

    public async ValueTask DisposeAsync()
    {
        await ChildProcess.StopAsync(_process);
        _process.Dispose();
        _copy.Dispose();
    }
}
