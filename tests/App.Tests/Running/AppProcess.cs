using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace App.Tests.Running;

/// <summary>One running process of the app, with its own environment and folder. Disposing it ends exactly that process.</summary>
internal sealed class AppProcess : IAsyncDisposable
{
    private static readonly TimeSpan _startLimit = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan _stopLimit = TimeSpan.FromSeconds(45);
    private static readonly TimeSpan _probePause = TimeSpan.FromMilliseconds(50);

    private readonly Process _process;
    private readonly StringBuilder _log = new();

    private AppProcess(Process process, int port)
    {
        _process = process;
        Http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}/"), Timeout = TimeSpan.FromMinutes(4) };
        process.OutputDataReceived += (_, line) => Note(line.Data);
        process.ErrorDataReceived += (_, line) => Note(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        AppDomain.CurrentDomain.ProcessExit += KillAtExit;
    }

    public HttpClient Http { get; }

    public int Id => _process.Id;

    public bool HasExited => _process.HasExited;

    public string Log
    {
        get
        {
            lock (_log)
            {
                return _log.ToString();
            }
        }
    }

    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    /// <summary>Starts a self-hosted process and waits until it is ready.</summary>
    public static Task<AppProcess> StartAsync(string folder, int? port = null, params (string Key, string Value)[] environment) =>
        StartAsync(AppBuild.Executable, folder, port, environment);

    /// <summary>Starts a self-hosted process of another program and waits until it is ready.</summary>
    public static async Task<AppProcess> StartAsync(string executable, string folder, int? port, params (string Key, string Value)[] environment)
    {
        var chosen = port ?? FreePort();
        var app = Launch(executable, folder, chosen, [("ASPNETCORE_URLS", $"http://127.0.0.1:{chosen}"), .. environment]);
        await app.UntilAsync("api/health", HttpStatusCode.OK);
        return app;
    }

    /// <summary>Starts a process without waiting for anything.</summary>
    public static AppProcess Launch(string executable, string folder, int port, params (string Key, string Value)[] environment)
    {
        var start = new ProcessStartInfo(executable) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var name in new[] { "ASPNETCORE_URLS", "AzureWebJobsStorage", "ASPNETCORE_ENVIRONMENT", "FUNCTIONS_CUSTOMHANDLER_PORT" })
        {
            start.Environment.Remove(name);
        }

        foreach (var (key, value) in environment)
        {
            start.Environment[key] = value;
        }

        return new AppProcess(Process.Start(start)!, port);
    }

    /// <summary>Asks until the answer has the status.</summary>
    public async Task UntilAsync(string path, HttpStatusCode status)
    {
        var started = Stopwatch.GetTimestamp();
        while (true)
        {
            if (await StatusAsync(path) == status)
            {
                return;
            }

            if (_process.HasExited || Stopwatch.GetElapsedTime(started) > _startLimit)
            {
                throw new InvalidOperationException($"The app ({(_process.HasExited ? $"exit code {_process.ExitCode}" : "running")}) did not answer {path} with {status}:\n{Log}");
            }

            await Task.Delay(_probePause);
        }
    }

    /// <summary>SIGKILL, by the process's own id.</summary>
    public async Task KillAsync()
    {
        Kill();
        await _process.WaitForExitAsync();
    }

    /// <summary>SIGTERM. Returns the exit code.</summary>
    public async Task<int> TerminateAsync()
    {
        await SignalAsync("TERM");
        return await ExitAsync();
    }

    /// <summary>SIGSTOP: it stands still, with all that it holds, until it is continued.</summary>
    public Task PauseAsync() => SignalAsync("STOP");

    /// <summary>SIGCONT.</summary>
    public Task ContinueAsync() => SignalAsync("CONT");

    public async Task<int> ExitAsync()
    {
        await _process.WaitForExitAsync().WaitAsync(_stopLimit);
        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        AppDomain.CurrentDomain.ProcessExit -= KillAtExit;
        await KillAsync();
        Http.Dispose();
        _process.Dispose();
    }

    private async Task SignalAsync(string signal)
    {
        using var kill = Process.Start("kill", [$"-{signal}", Id.ToString(CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync();
    }

    private async Task<HttpStatusCode?> StatusAsync(string path)
    {
        try
        {
            using var answer = await Http.GetAsync(path);
            return answer.StatusCode;
        }
        catch (HttpRequestException)
        {
            return null;
        }
    }

    private void Note(string? line)
    {
        lock (_log)
        {
            _log.AppendLine(line);
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
