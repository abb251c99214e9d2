using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Serverless.Functions.Hosting;

/// <summary>
/// Brings the hub up beside the web server and takes it down after it. A store that is down at the start is tried again for as long as
/// the process lives: the process answers meanwhile, and says that it is not ready.
/// </summary>
internal sealed partial class HubHost(
    EngineRuntime runtime, HubReadiness readiness, PollerSet pollers, Drain drain, IHostApplicationLifetime lifetime, TimeProvider time, ILogger<HubHost> logger)
    : IHostedService
{
    /// <summary>Exit code of a process that can't work as it is configured: EX_CONFIG of sysexits.h.</summary>
    private const int WrongConfiguration = 78;
    private static readonly TimeSpan _firstPause = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan _maxPause = TimeSpan.FromSeconds(15);

    private readonly ILogger _logger = logger;
    private Task _running = Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        _running = RunAsync(lifetime.ApplicationStopping);
        return Task.CompletedTask;
    }

    /// <summary>Called after the web server has answered its last request.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        try
        {
            await _running.WaitAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            DrainCutShort();
        }

        runtime.Stop();
    }

    private async Task RunAsync(CancellationToken stopping)
    {
        try
        {
            await Task.Yield();
            await StartRuntimeAsync(stopping);
            drain.GivenUp.Register(runtime.Stop);
            readiness.Ready();
            await pollers.RunAsync(stopping);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // Stopped before or while it worked.
        }
        catch (ServerlessConfigurationException e)
        {
            readiness.Failed(e.Message);
            Misconfigured(e.Message);
            await EndAsync(WrongConfiguration);
        }
#pragma warning disable CA1031 // Last line of defence: the process must end, visibly, and with an exit code that makes hosts restart it.
        catch (Exception e)
#pragma warning restore CA1031
        {
            HubBroken(e);
            await EndAsync(1);
        }
    }

    /// <summary>Ends the process once it has started: one that is stopped while it starts ends by an exception of the web server's, with another exit code.</summary>
    private async Task EndAsync(int exitCode)
    {
        Environment.ExitCode = exitCode;
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var whenStarted = lifetime.ApplicationStarted.Register(started.SetResult);
        await started.Task;
        lifetime.StopApplication();
    }

    private async Task StartRuntimeAsync(CancellationToken stopping)
    {
        var pause = _firstPause;
        while (true)
        {
            try
            {
                await runtime.StartAsync(stopping);
                return;
            }
            catch (Exception e) when (e is ServerlessConfigurationException || (e is OperationCanceledException && stopping.IsCancellationRequested))
            {
                throw;
            }
#pragma warning disable CA1031 // Network, credentials, a store that is being set up: all of it can heal while the process waits.
            catch (Exception e)
#pragma warning restore CA1031
            {
                readiness.Failed(e.Message);
                StoreNotReached(e, pause);
            }

            await Task.Delay(pause, time, stopping);
            pause = pause * 2 < _maxPause ? pause * 2 : _maxPause;
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "The hub's storage could not be reached; next try in {Pause}.")]
    private partial void StoreNotReached(Exception exception, TimeSpan pause);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Work was still running when the time to stop was over; it is repeated when its lease ends.")]
    private partial void DrainCutShort();

    [LoggerMessage(Level = LogLevel.Critical, Message = "The process ends, because it can't work as it is set up. {Problem}")]
    private partial void Misconfigured(string problem);

    [LoggerMessage(Level = LogLevel.Critical, Message = "The hub stopped working and the process ends.")]
    private partial void HubBroken(Exception exception);
}
