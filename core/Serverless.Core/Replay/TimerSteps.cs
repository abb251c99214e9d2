using System.Globalization;
using Serverless.History;
using Serverless.Workflows;

namespace Serverless.Replay;

/// <summary>Durable timers of a run.</summary>
internal sealed class TimerSteps(WorkflowRun run)
{
    private readonly Dictionary<long, TaskCompletionSource> _pending = [];
    private long _started;

    public int PendingCount => _pending.Count;

    public async Task DelayAsync(DelayOptions options)
    {
        run.CheckWritable();
        if (options.Delay < TimeSpan.Zero && options.Delay != Timeout.InfiniteTimeSpan)
        {
            throw new ArgumentException($"A delay is not negative, or infinite: {options.Delay}.", nameof(options));
        }

        var token = options.CancellationToken ?? run.CancellationToken;
        token.ThrowIfCancellationRequested();
        var done = new TaskCompletionSource();
        var command = options.Delay == Timeout.InfiniteTimeSpan ? null : Start(options, done);
        using var registration = token.Register(() => Cancel(command, done, token));
        await done.Task;
    }

    public void Fired(TimerFired e)
    {
        if (_pending.Remove(e.StartedEventId, out var done))
        {
            done.TrySetResult();
        }
    }

    private Command Start(DelayOptions options, TaskCompletionSource done)
    {
        var delay = options.Delay < TimeSpan.FromMilliseconds(1) ? TimeSpan.FromMilliseconds(1) : options.Delay;
        var id = (++_started).ToString(CultureInfo.InvariantCulture);
        return run.Commands.Add(new TimerStarted(id, delay) { Summary = options.Summary }, eventId =>
        {
            if (!done.Task.IsCompleted)
            {
                _pending[eventId] = done;
            }
        });
    }

    private void Cancel(Command? command, TaskCompletionSource done, CancellationToken token)
    {
        if (done.TrySetCanceled(token) && command is not null && !run.Commands.TakeBack(command))
        {
            _pending.Remove(command.EventId);
            run.Commands.Add(new TimerCanceled(command.EventId));
        }
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
        using var registration = token.Register(() =>
        {
            if (done.TrySetCanceled(token))
            {
                _waiting.Remove(node);
            }
        });
        await done.Task;
    }
}
