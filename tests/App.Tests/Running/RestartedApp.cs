namespace App.Tests.Running;

/// <summary>An app that is killed now and then, and started again at once on the same port.</summary>
internal sealed class RestartedApp(string folder, (string, string)[] environment, int seed) : IAsyncDisposable
{
    private readonly Random _random = new(seed);
    private readonly int _port = AppProcess.FreePort();
    private AppProcess? _process;

    /// <summary>The process of this moment.</summary>
    public AppProcess Process => Volatile.Read(ref _process) ?? throw new InvalidOperationException("It has not been started.");

    public HttpClient Http => Process.Http;

    public async Task StartAsync() => Volatile.Write(ref _process, await AppProcess.StartAsync(folder, _port, environment));

    /// <summary>Lets it live for 50 to 700 ms more, then SIGKILL.</summary>
    public async Task KillAndRestartAsync(CancellationToken cancellationToken)
    {
        await Task.Delay(_random.Next(50, 700), cancellationToken);
        await Process.DisposeAsync();
        await StartAsync();
    }

    public ValueTask DisposeAsync() => _process?.DisposeAsync() ?? ValueTask.CompletedTask;
}
