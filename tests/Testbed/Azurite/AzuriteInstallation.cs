using System.Diagnostics;

namespace Serverless.Testbed.Azurite;

/// <summary>The pinned emulator under <c>tests/azurite</c>; installed by npm when it is first needed.</summary>
internal static class AzuriteInstallation
{
    private static readonly TimeSpan _timeLimit = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan _lockPause = TimeSpan.FromMilliseconds(500);

    private static string Folder { get; } = RepositoryRoot.PathOf("tests", "azurite");

    private static string Script { get; } = Path.Combine(Folder, "node_modules", "azurite", "dist", "src", "azurite.js");

    /// <summary>Written last, so that an interrupted installation is repeated.</summary>
    private static string Stamp { get; } = Path.Combine(Folder, "node_modules", ".installed");

    /// <summary>The script to run with node.</summary>
    /// <exception cref="InvalidOperationException">npm is missing or failed.</exception>
    public static async Task<string> EnsureAsync(CancellationToken cancellationToken)
    {
        if (File.Exists(Stamp))
        {
            return Script;
        }

        using var timeLimit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        timeLimit.CancelAfter(_timeLimit);
        await using var installing = await LockAsync(timeLimit.Token);
        if (!File.Exists(Stamp))
        {
            await RunNpmAsync(timeLimit.Token);
            await File.WriteAllTextAsync(Stamp, "", timeLimit.Token);
        }

        return Script;
    }

    /// <summary>Test projects run side by side, and npm empties the folder first: one at a time.</summary>
    private static async Task<FileStream> LockAsync(CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(Path.Combine(Folder, "obj"));
        while (true)
        {
            try
            {
                return new FileStream(Path.Combine(Folder, "obj", "install.lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException)
            {
                await Task.Delay(_lockPause, cancellationToken);
            }
        }
    }

    private static async Task RunNpmAsync(CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo(OperatingSystem.IsWindows() ? "npm.cmd" : "npm", ["ci", "--no-audit", "--no-fund", "--ignore-scripts"])
        {
            WorkingDirectory = Folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var npm = Process.Start(start) ?? throw new InvalidOperationException("npm did not start. Install Node.js 20 or later.");
        var output = npm.StandardOutput.ReadToEndAsync(cancellationToken);
        var errors = npm.StandardError.ReadToEndAsync(cancellationToken);
        await npm.WaitForExitAsync(cancellationToken);
        if (npm.ExitCode != 0)
        {
            throw new InvalidOperationException($"'npm ci' in tests/azurite failed with {npm.ExitCode}:\n{await output}\n{await errors}");
        }
    }
}
