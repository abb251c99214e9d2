using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Serverless.Engine;
using Serverless.Storage;

namespace Serverless.Functions.Polling;

/// <summary>
/// Does for one queue what the Functions host does otherwise: takes messages, hands each to its handler, deletes it when the handler returns,
/// brings it back when it throws, and puts it aside after the last attempt.
/// </summary>
internal sealed partial class QueuePoller : IDisposable
{
    private readonly IQueueStore _queues;
    private readonly PollerSettings _settings;
    private readonly Func<QueueDelivery, CancellationToken, Task> _handler;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly PollPacer _pacer;
    private readonly WakeSignal _wake;
    private readonly SemaphoreSlim _slots;
    private readonly ConcurrentDictionary<Task, byte> _running = [];

    public QueuePoller(
        IQueueStore queues, PollerSettings settings, Func<QueueDelivery, CancellationToken, Task> handler, QueueWakeups wakeups, TimeProvider time, ILogger logger)
    {
        _queues = queues;
        _settings = settings;
        _handler = handler;
        _time = time;
        _logger = logger;
        _pacer = new PollPacer(PollerSettings.FirstPause, settings.MaxPause);
        _wake = new WakeSignal(time);
        _slots = new SemaphoreSlim(settings.MaxConcurrent);
        wakeups.Listen(settings.Queue, Expect);
    }

    /// <summary>Polls until <paramref name="stopping"/>, then waits for the handlers that still run.</summary>
    public async Task RunAsync(CancellationToken stopping)
    {
        var failures = 0;
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                var found = await PollOnceAsync(stopping);
                failures = 0;
                if (found == 0)
                {
                    await _wake.WaitAsync(_pacer.NextPause(_time.GetUtcNow(), Random.Shared.NextDouble()), stopping);
                }
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                break;
            }
#pragma warning disable CA1031 // A poller outlives whatever its store does; the pause grows and the log tells.
            catch (Exception e)
#pragma warning restore CA1031
            {
                failures++;
                PollFailed(e, _settings.Queue);
                await PauseAfterFailureAsync(failures, stopping);
            }
        }

        await Task.WhenAll(_running.Keys);
    }

    public void Dispose() => _slots.Dispose();

    private void Expect(DateTimeOffset visibleAt)
    {
        if (_pacer.Expect(visibleAt))
        {
            _wake.Set();
        }
    }

    private async Task<int> PollOnceAsync(CancellationToken stopping)
    {
        await _slots.WaitAsync(stopping);
        var free = 1;
        while (free < StorageLimits.MaxReceive && _slots.Wait(0, CancellationToken.None))
        {
            free++;
        }

        var taken = 0;
        try
        {
            var asked = _time.GetTimestamp();
            var messages = await _queues.ReceiveAsync(_settings.Queue, free, _settings.Lease, stopping);
            taken = messages.Count;
            foreach (var message in messages)
            {
                Track(HandleAsync(message, asked, stopping));
            }
        }
        finally
        {
            if (free > taken)
            {
                _slots.Release(free - taken);
            }
        }

        if (taken > 0)
        {
            _pacer.Found();
        }

        return taken;
    }

    private void Track(Task handling)
    {
        _running.TryAdd(handling, 0);
        handling.ContinueWith(task => _running.TryRemove(task, out _), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
    }

    private async Task HandleAsync(ReceivedMessage message, long asked, CancellationToken stopping)
    {
        // The handler may run long without awaiting; the poller goes on meanwhile.
        await Task.Yield();
        try
        {
            var hold = new MessageHold(_time);
            hold.Granted(asked, _settings.Lease);
            await using var lease = new MessageLease(_queues, message.Receipt, hold, _settings.Lease, _time, _logger);
            var error = await TryHandleAsync(message, hold, stopping);
            await SettleAsync(message, await lease.ReleaseAsync(), error, stopping);
        }
#pragma warning disable CA1031 // The message comes back when its lease ends: nothing is lost.
        catch (Exception e)
#pragma warning restore CA1031
        {
            SettleFailed(e, _settings.Queue, message.Receipt.MessageId);
        }
        finally
        {
            _slots.Release();
        }
    }

    private async Task<Exception?> TryHandleAsync(ReceivedMessage message, MessageHold hold, CancellationToken stopping)
    {
        try
        {
            await _handler(new QueueDelivery(message.Body, message.DequeueCount, message.DequeueCount >= PollerSettings.MaxDequeueCount) { Hold = hold }, stopping);
            return null;
        }
#pragma warning disable CA1031 // Whatever a handler throws means one thing: the message is not done.
        catch (Exception e)
#pragma warning restore CA1031
        {
            return e;
        }
    }

    private async Task SettleAsync(ReceivedMessage message, MessageReceipt receipt, Exception? error, CancellationToken stopping)
    {
        if (error is null)
        {
            await _queues.DeleteAsync(receipt, CancellationToken.None);
        }
        else if (error is OperationCanceledException && stopping.IsCancellationRequested)
        {
            await _queues.PostponeAsync(receipt, TimeSpan.Zero, CancellationToken.None);
        }
        else if (message.DequeueCount < PollerSettings.MaxDequeueCount)
        {
            HandlerFailed(error, _settings.Queue, receipt.MessageId, message.DequeueCount);
            var pause = RetryPause(message.DequeueCount);
            await _queues.PostponeAsync(receipt, pause, CancellationToken.None);
            Expect(_time.GetUtcNow() + pause);
        }
        else
        {
            PutAside(error, _settings.Queue, receipt.MessageId, _settings.PoisonQueue);
            await _queues.CreateAsync(_settings.PoisonQueue, CancellationToken.None);
            await _queues.SendAsync(_settings.PoisonQueue, message.Body, TimeSpan.Zero, CancellationToken.None);
            await _queues.DeleteAsync(receipt, CancellationToken.None);
        }
    }

    private static TimeSpan RetryPause(int dequeueCount)
    {
        var pause = TimeSpan.FromSeconds(Math.Pow(2, dequeueCount - 1));
        return pause < PollerSettings.MaxRetryPause ? pause : PollerSettings.MaxRetryPause;
    }

    private async Task PauseAfterFailureAsync(int failures, CancellationToken stopping)
    {
        try
        {
            await Task.Delay(TimeSpan.FromSeconds(Math.Min(30, Math.Pow(2, Math.Min(failures, 5) - 1))), _time, stopping);
        }
        catch (OperationCanceledException)
        {
            // The loop sees it.
        }
    }
}
