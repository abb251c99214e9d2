using Serverless.Engine;
using Serverless.Simulation.Kernel;
using Serverless.Storage;

namespace Serverless.Simulation.Hosts;

/// <summary>What a host does for one queue: takes messages, hides them while their handlers run, deletes, brings back or puts aside.</summary>
internal sealed class QueuePump(SimWorld world, Lane lane, IQueueStore queues, string queue, Func<QueueDelivery, CancellationToken, Task> handle)
{
    private readonly Knobs _knobs = world.Options.Knobs;
    private TaskCompletionSource _freed = new();
    private int _running;

    public async Task RunAsync()
    {
        while (!lane.IsStopping)
        {
            try
            {
                await world.Service.Bell.WaitAsync(queue);
                while (_running >= _knobs.Concurrency)
                {
                    await _freed.Task;
                }

                var asked = lane.Time.GetTimestamp();
                foreach (var message in await queues.ReceiveAsync(queue, Math.Min(_knobs.Batch, _knobs.Concurrency - _running), _knobs.Lease, default))
                {
                    _running++;
                    _ = HandleAsync(message, asked);
                }
            }
            catch (StorageException)
            {
                await Task.Delay(TimeSpan.FromSeconds(1), lane.Time);
            }
        }
    }

    private async Task HandleAsync(ReceivedMessage message, long asked)
    {
        var hold = new MessageHold(lane.Time);
        hold.Granted(asked, _knobs.Lease);
        var lease = new Renewal(queues, message.Receipt, hold, _knobs, lane.Time);
        try
        {
            var error = await TryHandleAsync(message, hold);
            await SettleAsync(message, await lease.EndAsync(), error);
        }
        catch (StorageException)
        {
            // The message comes back when its lease ends.
        }

        _running--;
        _freed.TrySetResult();
        _freed = new TaskCompletionSource();
    }

    private async Task<Exception?> TryHandleAsync(ReceivedMessage message, MessageHold hold)
    {
        try
        {
            await handle(new QueueDelivery(message.Body, message.DequeueCount, message.DequeueCount >= _knobs.MaxDequeueCount) { Hold = hold }, default);
            return null;
        }
#pragma warning disable CA1031 // Whatever a handler throws means one thing: the message is not done.
        catch (Exception e)
#pragma warning restore CA1031
        {
            world.Note(lane.Name, $"{queue} handler: {e.GetType().Name} {e.Message}");
            if (e is not (StorageException or OperationCanceledException or InvalidOperationException { InnerException: StorageException or OperationCanceledException }))
            {
                world.HandlerFailed($"Handler of {queue} failed: {e}");
            }

            return e;
        }
    }

    private async Task SettleAsync(ReceivedMessage message, MessageReceipt receipt, Exception? error)
    {
        if (error is null)
        {
            await queues.DeleteAsync(receipt, default);
        }
        else if (error is OperationCanceledException)
        {
            // The process stops: others go on at once.
            await queues.PostponeAsync(receipt, TimeSpan.Zero, default);
        }
        else if (message.DequeueCount < _knobs.MaxDequeueCount)
        {
            await queues.PostponeAsync(receipt, _knobs.RetryPause, default);
        }
        else
        {
            await queues.CreateAsync(PoisonSweep.PoisonOf(queue), default);
            await queues.SendAsync(PoisonSweep.PoisonOf(queue), message.Body, TimeSpan.Zero, default);
            await queues.DeleteAsync(receipt, default);
        }
    }

    /// <summary>Renews a lease at half its time, where the host does that.</summary>
    private sealed class Renewal
    {
        private readonly TaskCompletionSource _end = new();
        private readonly Task _renewing;
        private MessageReceipt _receipt;

        public Renewal(IQueueStore queues, MessageReceipt receipt, MessageHold hold, Knobs knobs, TimeProvider time)
        {
            _receipt = receipt;
            _renewing = knobs.Renews ? RenewAsync(queues, hold, knobs.Lease, time) : Task.CompletedTask;
        }

        public async Task<MessageReceipt> EndAsync()
        {
            _end.TrySetResult();
            await _renewing;
            return _receipt;
        }

        private async Task RenewAsync(IQueueStore queues, MessageHold hold, TimeSpan lease, TimeProvider time)
        {
            while (true)
            {
                try
                {
                    if (await Task.WhenAny(_end.Task, Task.Delay(lease / 2, time)) == _end.Task)
                    {
                        return;
                    }

                    var asked = hold.Now;
                    if (await queues.PostponeAsync(_receipt, lease, default) is not { } renewed)
                    {
                        hold.Granted(asked, TimeSpan.Zero);
                        return;
                    }

                    _receipt = renewed;
                    hold.Granted(asked, lease);
                }
                catch (StorageException)
                {
                    // Tried again at the next half.
                }
            }
        }
    }
}
