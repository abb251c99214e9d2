using System.Globalization;
using Serverless.History;
using Serverless.Workflows;

namespace Serverless.Replay;

/// <summary>Durable timers of a run.</summary>
internal sealed class TimerSteps(WorkflowRun run)
{
    private readonly Dictionary<long, PendingTimer> _pending = [];
    private long _started;

    public Task DelayAsync(TimeSpan delay, string? summary, CancellationToken? given)
    {
        run.CheckWritable();
        if (delay < TimeSpan.Zero && delay != Timeout.InfiniteTimeSpan)
        {
            throw new ArgumentException($"A delay is not negative, or infinite: {delay}.", nameof(delay));
        }

        var token = given ?? run.CancellationToken;
        if (token.IsCancellationRequested)
        {
            return Task.FromCanceled(token);
        }

        var timer = new PendingTimer();
        if (delay != Timeout.InfiniteTimeSpan)
        {
            Start(delay, summary, timer);
        }

        timer.Registration = run.OnCancel(() => Cancel(timer, token), token);
        return timer.Done.Task;
    }

    public void Fired(TimerFired e)
    {
        if (_pending.Remove(e.StartedEventId, out var timer))
        {
            // Cancelled in this very task, but it had fired.
            timer.Cancellation?.TakeBack();
            timer.Registration.Dispose();
            timer.Done.TrySetResult();
        }
    }

    private void Start(TimeSpan delay, string? summary, PendingTimer timer)
    {
        var id = (++_started).ToString(CultureInfo.InvariantCulture);
        timer.Command = run.Commands.Add(
            new TimerStarted(id, TimeSpan.FromTicks(Math.Max(delay.Ticks, TimeSpan.TicksPerMillisecond))) { Summary = summary },
            eventId => _pending[eventId] = timer);
    }

    private void Cancel(PendingTimer timer, CancellationToken token)
    {
        timer.Done.TrySetCanceled(token);
        if (timer.Command is { } command && !command.TakeBack())
        {
            timer.Cancellation = run.Commands.Add(new TimerCanceled(command.EventId), _ => _pending.Remove(command.EventId));
        }
    }

    /// <summary>A timer that has not fired. Without a command: one that never does.</summary>
    private sealed class PendingTimer
    {
        public Command? Command { get; set; }

        public Command? Cancellation { get; set; }

        public CancellationTokenRegistration Registration { get; set; }

        public TaskCompletionSource Done { get; } = new();
    }
}

/// <summary>Conditions that code waits for. After the scheduler has nothing left to run, the first one that holds goes on, then all are looked at again.</summary>
internal sealed class WaitConditions(WorkflowRun run)
{
    private readonly LinkedList<Waiting> _waiting = new();

    public Task<bool> WaitAsync(WaitConditionOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        run.CheckWritable();
        var token = options.CancellationToken ?? run.CancellationToken;
        return options.Timeout is not { } timeout || timeout == Timeout.InfiniteTimeSpan
            ? WaitAsync(options.ConditionCheck, token)
            : WaitAsync(options, timeout, token);
    }

    /// <summary>Lets the first condition that holds go on. False when none does.</summary>
    public bool ResolveFirst()
    {
        for (var node = _waiting.First; node is not null && run.TaskFailure is null; node = node.Next)
        {
            if (Holds(node.Value))
            {
                _waiting.Remove(node);
                node.Value.Registration.Dispose();
                node.Value.Done.TrySetResult(true);
                return true;
            }
        }

        return false;
    }

    private bool Holds(Waiting waiting)
    {
        try
        {
            return run.Commands.Look("a wait condition", waiting.Check);
        }
        catch (Exception e)
        {
            run.TaskFailure = new WorkflowTaskFailedException(
                WorkflowTaskFailedCause.UnhandledException,
                $"A wait condition threw {e.GetType().Name}: {e.Message} A condition only looks, and must not throw: mend it, and the workflow goes on from here.",
                e);
            return false;
        }
    }

    private async Task<bool> WaitAsync(WaitConditionOptions options, TimeSpan timeout, CancellationToken token)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(token);
        var condition = WaitAsync(options.ConditionCheck, over.Token);
        var timer = run.Outbound.DelayAsync(new(timeout, over.Token, options.TimeoutSummary));
        var first = await Workflow.WhenAnyAsync(condition, timer);
        var satisfied = condition.IsCompletedSuccessfully;
        over.Cancel();
        if (!satisfied)
        {
            await first;
        }

        return satisfied;
    }

    private Task<bool> WaitAsync(Func<bool> check, CancellationToken token)
    {
        var waiting = new Waiting(check);
        var node = _waiting.AddLast(waiting);
        waiting.Registration = run.OnCancel(
            () =>
            {
                waiting.Done.TrySetCanceled(token);
                _waiting.Remove(node);
            },
            token);
        return waiting.Done.Task;
    }

    private sealed class Waiting(Func<bool> check)
    {
        public Func<bool> Check { get; } = check;

        public TaskCompletionSource<bool> Done { get; } = new();

        public CancellationTokenRegistration Registration { get; set; }
    }
}
