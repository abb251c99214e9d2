using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace Serverless.Cli.Dev;

/// <summary>Starts other programs and ends exactly those.</summary>
internal static class ChildProcess
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(10);

    /// <summary>Runs a program to its end and returns all it wrote.</summary>
    public static async Task<(int Code, string Text)> CaptureAsync(string program, IEnumerable<string> args, string folder, CancellationToken cancellationToken)
    {
        using var process = Process.Start(new ProcessStartInfo(program, args)
        {
            WorkingDirectory = folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        process.StandardInput.Close();
        var text = new StringBuilder();
        void Note(string? line)
        {
            lock (text)
            {
                text.AppendLine(line);
            }
        }

        process.OutputDataReceived += (_, line) => Note(line.Data);
        process.ErrorDataReceived += (_, line) => Note(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        try
        {
            await process.WaitForExitAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }

        return (process.ExitCode, text.ToString());
    }

    /// <summary>Asks a process to end, and ends it when it does not.</summary>
    public static async Task StopAsync(Process process)
    {
        if (process.HasExited)
        {
            return;
        }

        if (OperatingSystem.IsWindows())
        {
            process.Kill();
        }
        else
        {
            // The shell's own kill is there on every Unix; a program of that name need not be.
            using var signal = Process.Start("/bin/sh", ["-c", string.Create(CultureInfo.InvariantCulture, $"kill -TERM {process.Id}")]);
            await signal.WaitForExitAsync();
        }

        using var patience = new CancellationTokenSource(_patience);
        try
        {
            await process.WaitForExitAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill();
            await process.WaitForExitAsync();
        }
    }
}
