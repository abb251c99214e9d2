using System.Globalization;
using Serverless.History;
using Serverless.Workflows;

namespace Serverless.Replay;

/// <summary>Durable timers of a run.</summary>
internal sealed class TimerSteps(WorkflowRun run)
{
    private readonly Dictionary<long, PendingTimer> _pending = [];
    private long _started;

    public int PendingCount => _pending.Count;

    public async Task DelayAsync(DelayOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        run.CheckWritable();
        var token = options.CancellationToken ?? run.CancellationToken;
        token.ThrowIfCancellationRequested();
        var timer = new PendingTimer();
        if (options.Delay != Timeout.InfiniteTimeSpan)
        {
            Start(options, timer);
        }

        using var registration = run.OnCancel(() => Cancel(timer, token), token);
        await timer.Done.Task;
    }

    public void Fired(TimerFired e)
    {
        if (_pending.Remove(e.StartedEventId, out var timer))
        {
            if (timer.Cancellation is { } cancellation)
            {
                // Cancelled in this very task, but it had fired.
                cancellation.TakeBack();
            }

            timer.Done.TrySetResult();
        }
    }

    private void Start(DelayOptions options, PendingTimer timer)
    {
        var shortest = TimeSpan.FromMilliseconds(1);
        var id = (++_started).ToString(CultureInfo.InvariantCulture);
        timer.Command = run.Commands.Add(
            new TimerStarted(id, options.Delay < shortest ? shortest : options.Delay) { Summary = options.Summary },
            eventId => _pending[eventId] = timer);
    }

    private void Cancel(PendingTimer timer, CancellationToken token)
    {
        if (timer.Done.TrySetCanceled(token) && timer.Command is { } command && !command.TakeBack())
        {
            timer.Cancellation = run.Commands.Add(new TimerCanceled(command.EventId), _ => _pending.Remove(command.EventId));
        }
    }

    /// <summary>A timer that has not fired. Without a command: one that never does.</summary>
    private sealed class PendingTimer
    {
        public Command? Command { get; set; }

        public Command? Cancellation { get; set; }

        public TaskCompletionSource Done { get; } = new();
    }
}

/// <summary>Conditions that code waits for. After the scheduler has nothing left to run, the first one that holds goes on, then all are looked at again.</summary>
internal sealed class WaitConditions(WorkflowRun run)
{
    private readonly LinkedList<(Func<bool> Check, TaskCompletionSource Done)> _waiting = new();

    public int Count => _waiting.Count;

    public async Task<bool> WaitAsync(WaitConditionOptions options)
    {
        run.CheckWritable();
        var token = options.CancellationToken ?? run.CancellationToken;
        if (options.Timeout is not { } timeout || timeout == Timeout.InfiniteTimeSpan)
        {
            await WaitAsync(options.ConditionCheck, token);
            return true;
        }

        using var over = CancellationTokenSource.CreateLinkedTokenSource(token);
        var condition = WaitAsync(options.ConditionCheck, over.Token);
        var timer = run.Timers.DelayAsync(new DelayOptions(timeout) { Summary = options.TimeoutSummary, CancellationToken = over.Token });
        var first = await Workflow.WhenAnyAsync(condition, timer);
        var satisfied = condition.IsCompletedSuccessfully;
        over.Cancel();
        if (!satisfied)
        {
            await first;
        }

        return satisfied;
    }

    /// <summary>Lets the first condition that holds go on. False when none does.</summary>
    public bool ResolveFirst()
    {
        for (var node = _waiting.First; node is not null; node = node.Next)
        {
            if (Holds(node.Value))
            {
                _waiting.Remove(node);
                node.Value.Done.TrySetResult();
                return true;
            }
        }

        return false;
    }

    private bool Holds((Func<bool> Check, TaskCompletionSource Done) waiting)
    {
        try
        {
            return run.Commands.Look("a wait condition", waiting.Check);
        }
        catch (Exception e)
        {
            waiting.Done.TrySetException(e);
            return true;
        }
    }

    private async Task WaitAsync(Func<bool> check, CancellationToken token)
    {
        token.ThrowIfCancellationRequested();
        var done = new TaskCompletionSource();
        var node = _waiting.AddLast((check, done));
        using var registration = run.OnCancel(() =>
        {
            if (done.TrySetCanceled(token))
            {
                _waiting.Remove(node);
            }
        }, token);
        await done.Task;
    }
}
