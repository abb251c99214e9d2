using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;

namespace Serverless.Testbed.Azurite;

/// <summary>
/// One running emulator on free loopback ports, with an account of its own. In memory, unless it is given a folder.
/// Disposing it ends exactly the process that was started.
/// </summary>
internal sealed class AzuriteProcess : IAsyncDisposable
{
    private const string Account = "testbed";
    private const int Attempts = 3;
    private static readonly TimeSpan _startLimit = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan _stopLimit = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan _probePause = TimeSpan.FromMilliseconds(100);

    private readonly Process _process;
    private readonly string? _location;
    private readonly Task<string> _errors;

    private AzuriteProcess(Process process, AzuriteAddress address, string? location)
    {
        _process = process;
        Address = address;
        _location = location;
        _errors = process.StandardError.ReadToEndAsync();
        process.OutputDataReceived += (_, _) => { };
        process.BeginOutputReadLine();
        AppDomain.CurrentDomain.ProcessExit += KillAtExit;
    }

    /// <summary>Where it answers, and the key. A later process given the same address serves the same clients.</summary>
    public AzuriteAddress Address { get; }

    public string ConnectionString => Address.ConnectionString;

    /// <summary>Starts an emulator and waits until all three services answer.</summary>
    /// <param name="location">Folder for its data, kept between starts; null keeps all in memory.</param>
    /// <param name="address">Of an emulator that was stopped, to take its place; null picks free ports and a random key.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public static async Task<AzuriteProcess> StartAsync(
        string? location = null, AzuriteAddress? address = null, CancellationToken cancellationToken = default)
    {
        var script = await AzuriteInstallation.EnsureAsync(cancellationToken);
        for (var attempt = 1; ; attempt++)
        {
            var azurite = Launch(script, address ?? AzuriteAddress.Free(Account), location);
            if (await azurite.AnswersAsync(cancellationToken))
            {
                return azurite;
            }

            await azurite.DisposeAsync();
            if (attempt == Attempts)
            {
                throw new InvalidOperationException($"Azurite did not start in {Attempts} attempts. Its last words: {await azurite._errors}");
            }
        }
    }

    /// <summary>Ends the process: at once when it is in memory, else after it has written its data.</summary>
    public async ValueTask DisposeAsync()
    {
        AppDomain.CurrentDomain.ProcessExit -= KillAtExit;
        if (!_process.HasExited && _location is not null && !OperatingSystem.IsWindows())
        {
            using var signal = Process.Start("kill", ["-TERM", _process.Id.ToString(CultureInfo.InvariantCulture)]);
            await Task.WhenAny(_process.WaitForExitAsync(), Task.Delay(_stopLimit));
        }

        Kill();
        await _process.WaitForExitAsync();
    }

    private static AzuriteProcess Launch(string script, AzuriteAddress address, string? location)
    {
        var start = new ProcessStartInfo("node", Arguments(script, address, location))
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { ["AZURITE_ACCOUNTS"] = $"{address.Account}:{address.Key}" },
        };
        var process = Process.Start(start) ?? throw new InvalidOperationException("node did not start. Install Node.js 20 or later.");
        return new AzuriteProcess(process, address, location);
    }

    private static List<string> Arguments(string script, AzuriteAddress address, string? location)
    {
        List<string> arguments = [script, "--silent", "--skipApiVersionCheck", "--disableTelemetry"];
        arguments.AddRange(location is null ? ["--inMemoryPersistence"] : ["--location", location]);
        foreach (var (service, port) in new[] { ("blob", address.BlobPort), ("queue", address.QueuePort), ("table", address.TablePort) })
        {
            arguments.AddRange([$"--{service}Host", "127.0.0.1", $"--{service}Port", port.ToString(CultureInfo.InvariantCulture)]);
        }

        return arguments;
    }

    private async Task<bool> AnswersAsync(CancellationToken cancellationToken)
    {
        using var http = new HttpClient { Timeout = TimeSpan.FromSeconds(5) };
        var started = Stopwatch.GetTimestamp();
        foreach (var port in new[] { Address.BlobPort, Address.QueuePort, Address.TablePort })
        {
            while (!await AnswersAsync(http, port, cancellationToken))
            {
                if (_process.HasExited || Stopwatch.GetElapsedTime(started) > _startLimit)
                {
                    return false;
                }

                await Task.Delay(_probePause, cancellationToken);
            }
        }

        return !_process.HasExited;
    }

    private static async Task<bool> AnswersAsync(HttpClient http, int port, CancellationToken cancellationToken)
    {
        try
        {
            using var answer = await http.GetAsync(new Uri($"http://127.0.0.1:{port}/"), cancellationToken);
            return true;
        }
        catch (Exception exception) when (exception is HttpRequestException or SocketException or TaskCanceledException)
        {
            cancellationToken.ThrowIfCancellationRequested();
            return false;
        }
    }

    private void KillAtExit(object? sender, EventArgs arguments) => Kill();

    private void Kill()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
        }
    }
}
