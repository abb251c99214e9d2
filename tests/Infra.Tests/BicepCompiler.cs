using System.Diagnostics;
using System.Reflection;

namespace Serverless.Infra.Tests;

/// <summary>The real compiler, as a program.</summary>
internal static class BicepCompiler
{
    private static string Program { get; } = typeof(BicepCompiler).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
        .Single(attribute => attribute.Key == "BicepCompiler").Value!;

    /// <summary>Compiles a file. What it complains about, warnings included, is in the second part.</summary>
    public static async Task<(string Template, string Complaints, int ExitCode)> RunAsync(string command, string file, CancellationToken cancellationToken)
    {
        MakeExecutable();
        var start = new ProcessStartInfo(Program, [command, file, "--stdout"]) { RedirectStandardOutput = true, RedirectStandardError = true };
        using var bicep = Process.Start(start)!;
        var template = bicep.StandardOutput.ReadToEndAsync(cancellationToken);
        var complaints = bicep.StandardError.ReadToEndAsync(cancellationToken);
        await bicep.WaitForExitAsync(cancellationToken);
        return (await template, (await complaints).Trim(), bicep.ExitCode);
    }

    /// <summary>Packages are unpacked without the right to execute.</summary>
    private static void MakeExecutable()
    {
        if (OperatingSystem.IsLinux())
        {
            File.SetUnixFileMode(Program, File.GetUnixFileMode(Program) | UnixFileMode.UserExecute);
        }
        else
        {
            Assert.Inconclusive("The pinned compiler runs on Linux.");
        }
    }
}
