namespace Serverless.Cli.Dev;

/// <summary>
/// Runs the app until it is told to stop, and anew from each build. A build that fails leaves the app as it is; an app that ends by itself waits for the next build.
/// </summary>
internal sealed class DevLoop(DevSettings settings, Surroundings around)
{
    private static readonly TimeSpan _look = TimeSpan.FromMilliseconds(300);
    private static readonly TimeSpan _ask = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan _startLimit = TimeSpan.FromSeconds(60);

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        await SayAsync($"Building {Path.GetFileName(settings.Project.File)}…");
        if (!await settings.Project.BuildAsync(around, settings.Configuration, cancellationToken))
        {
            throw new CliException(ExitCode.Failed, "The build failed.");
        }

        var target = await settings.Project.TargetAsync(settings.Configuration, cancellationToken);
        while (true)
        {
            // Before the copy: what is written while it is made counts as the next build.
            var built = FolderStamp.OfBuild(Path.GetDirectoryName(target)!);
            await using var app = RunningApp.Start(settings, target);
            using var announcing = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            var announced = AnnounceAsync(app, announcing.Token);
            await UntilRebuiltAsync(app, target, built, cancellationToken);
            await announcing.CancelAsync();
            await announced.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await SayAsync("Built anew: the app starts again.");
        }
    }

    private async Task AnnounceAsync(RunningApp app, CancellationToken cancellationToken)
    {
        using var http = new HttpClient { BaseAddress = new Uri(settings.Address), Timeout = _ask * 5 };
        var started = around.Time.GetTimestamp();
        while (around.Time.GetElapsedTime(started) < _startLimit && !app.Ended.IsCompleted)
        {
            await Task.Delay(_ask, around.Time, cancellationToken);
            try
            {
                using var answer = await http.GetAsync("api/health", cancellationToken);
                if (answer.IsSuccessStatusCode)
                {
                    await SayAsync($"Running. UI: {settings.Address}/ui  API: {settings.Address}/api  Ctrl+C ends it.");
                    return;
                }
            }
            catch (Exception e) when (e is HttpRequestException or TaskCanceledException && !cancellationToken.IsCancellationRequested)
            {
                // Not there yet.
            }
        }
    }

    private async Task UntilRebuiltAsync(RunningApp app, string target, FolderStamp built, CancellationToken cancellationToken)
    {
        var sources = Sources();
        var folder = Path.GetDirectoryName(target)!;
        var hasEnded = false;
        while (true)
        {
            await Task.Delay(_look, around.Time, cancellationToken);
            if (app.Ended.IsCompleted && !hasEnded)
            {
                hasEnded = true;
                await SayAsync($"The app ended with exit code {app.ExitCode}. It starts again when it is built.");
            }

            if (Sources() is var now && now != sources)
            {
                sources = now;
                await SayAsync("Sources changed: building…");
                await settings.Project.BuildAsync(around, settings.Configuration, cancellationToken);
            }

            if (FolderStamp.OfBuild(folder) != built && File.Exists(target))
            {
                await UntilQuietAsync(folder, cancellationToken);
                return;
            }
        }
    }

    /// <summary>A build writes many files: it is over when nothing was written for a while.</summary>
    private async Task UntilQuietAsync(string folder, CancellationToken cancellationToken)
    {
        FolderStamp before;
        do
        {
            before = FolderStamp.OfBuild(folder);
            await Task.Delay(_look * 2, around.Time, cancellationToken);
        }
        while (FolderStamp.OfBuild(folder) != before);
    }

    private FolderStamp? Sources() => settings.WatchSources ? FolderStamp.OfSources(settings.Project.Folder) : null;

    private Task SayAsync(string text) => around.Error.WriteLineAsync($"serverless dev: {text}");
}
