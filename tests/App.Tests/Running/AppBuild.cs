using System.Diagnostics;
using Serverless.Testbed;

namespace App.Tests.Running;

/// <summary>The app as this build made it, and as it is deployed.</summary>
internal static class AppBuild
{
    private static readonly Lazy<Task<string>> _published = new(PublishAsync);

    /// <summary>Debug or Release: the folder above the tests' own framework folder.</summary>
    public static string Configuration { get; } = new DirectoryInfo(AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar)).Parent!.Name;

    public static string Executable { get; } = RepositoryRoot.PathOf("functions", "Serverless.App", "bin", Configuration, "net10.0", "Serverless.App");

    /// <summary>Folder of the published function app; made once per test run.</summary>
    public static Task<string> PublishedAsync() => _published.Value;

    private static async Task<string> PublishAsync()
    {
        var output = Directory.CreateTempSubdirectory("serverless-published-").FullName;
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Directory.Delete(output, recursive: true);
        var start = new ProcessStartInfo(
            "dotnet", ["publish", RepositoryRoot.PathOf("functions", "Serverless.App"), "--no-build", "-c", Configuration, "-o", output, "-v", "quiet", "-nologo"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var publish = Process.Start(start)!;
        var errors = publish.StandardError.ReadToEndAsync();
        var text = await publish.StandardOutput.ReadToEndAsync();
        await publish.WaitForExitAsync();
        return publish.ExitCode == 0 ? output : throw new InvalidOperationException($"dotnet publish failed:\n{text}\n{await errors}");
    }
}
