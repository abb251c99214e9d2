using System.Diagnostics;
using App.Tests.Running;
using Serverless.Testbed;

namespace Cli.Tests.Running;

/// <summary>The tool as a process of its own, with nothing of this process's environment that concerns it.</summary>
internal static class CliProcess
{
    private static readonly TimeSpan _limit = TimeSpan.FromMinutes(2);

    public static string Executable { get; } = RepositoryRoot.PathOf("cli", "Serverless.Cli", "bin", AppBuild.Configuration, "net10.0", "Serverless.Cli");

    public static Task<CliRun> RunAsync(params string[] args) => RunAsync(Executable, args, input: null);

    public static async Task<CliRun> RunAsync(string program, IEnumerable<string> args, string? input, params (string Key, string Value)[] environment)
    {
        using var process = Process.Start(Start(program, args, environment))!;
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        await process.StandardInput.WriteAsync(input);
        process.StandardInput.Close();
        try
        {
            await process.WaitForExitAsync().WaitAsync(_limit);
        }
        catch (TimeoutException)
        {
            process.Kill();
            throw new InvalidOperationException($"{program} {string.Join(' ', args)} did not end in {_limit}. It said: {await output}{await error}");
        }

        return new CliRun(process.ExitCode, await output, await error);
    }

    public static ProcessStartInfo Start(string program, IEnumerable<string> args, params (string Key, string Value)[] environment)
    {
        var start = new ProcessStartInfo(program, args) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var name in new[] { "SERVERLESS_ADDRESS", "SERVERLESS_API_KEY", "SERVERLESS_TOKEN", "SERVERLESS_STORAGE", "SERVERLESS_HUB", "ASPNETCORE_URLS", "ASPNETCORE_ENVIRONMENT", "AzureWebJobsStorage" })
        {
            start.Environment.Remove(name);
        }

        foreach (var (key, value) in environment)
        {
            start.Environment[key] = value;
        }

        return start;
    }
}
