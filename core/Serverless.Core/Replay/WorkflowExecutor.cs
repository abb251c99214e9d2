using Serverless.Converters;
using Serverless.Exceptions;
using Serverless.History;
using Serverless.Workflows;

namespace Serverless.Replay;

/// <summary>Feeds one run's code with inputs, recorded or new, and turns what it asks for into events.</summary>
internal sealed class WorkflowExecutor : IWorkflowExecutor
{
    private readonly WorkflowRun _run;
    private readonly ExecutorOptions _options;
    private readonly List<InputEvent> _inputs = [];
    private readonly List<Command> _asked = [];
    private readonly List<RejectedUpdate> _rejected = [];
    private readonly Dictionary<string, long> _acceptedUpdates = new(StringComparer.Ordinal);

    public WorkflowExecutor(string workflowId, WorkflowDefinition definition, WorkflowStarted started, ExecutorOptions options)
    {
        _run = new WorkflowRun(workflowId, definition, started, options);
        _options = options;
        if (options.TraceTasks)
        {
            TaskTracer.Start();
        }
    }

    public long LastEventId { get; private set; }

    public string? Violation => _run.Scheduler.Violation;

    public Action<string>? OnViolation
    {
        get => _run.Scheduler.OnViolation;
        set => _run.Scheduler.OnViolation = value;
    }

    public void Replay(IReadOnlyList<HistoryEvent> events)
    {
        _run.IsReplaying = true;
        for (var at = 0; at < events.Count;)
        {
            at = ReplayStep(events, at);
        }

        _run.IsReplaying = false;
    }

    public WorkflowTaskOutcome RunTask(WorkflowTaskInput input)
    {
        var before = _run.Now;
        var now = input.Now > before ? input.Now : before;
        var length = LengthSeen(input.Inputs);
        var flags = TaskFacts.Suggest(length, input.HistoryBytes, _acceptedUpdates.Count, _options)
            | (_run.Facts.Flags & TaskFlags.OtherBuildSeen)
            | (input.OtherBuildSeen ? TaskFlags.OtherBuildSeen : 0);
        _run.Facts = new TaskFacts(length, input.HistoryBytes, input.BuildId, flags);
        _rejected.Clear();
        var wentOn = Run(input.Inputs, now);
        if (_run.Commands.IsClosed)
        {
            _run.Handlers.WarnUnfinished();
        }

        var events = AcceptedInputs(input.Inputs);
        if (_rejected.Count > 0 && events.Count == 0 && !wentOn && _run.Commands.IsEmpty)
        {
            // Refused updates were all there was, and nothing came of them: the task has not been.
            _run.Now = before;
            return new WorkflowTaskOutcome([], [.. _rejected]);
        }

        var id = LastEventId + events.Count;
        events.Add(new WorkflowTaskCompleted(input.Identity, input.BuildId)
        {
            Id = ++id,
            Time = now,
            Flags = flags | (input.BuildId is not null && _run.Pins() ? TaskFlags.Pinned : 0),
            HistoryBytes = input.HistoryBytes,
        });
        _run.Commands.MoveTo(_asked);
        foreach (var command in _asked)
        {
            events.Add(command.Record(++id, now));
        }

        _asked.Clear();
        LastEventId = id;
        return new WorkflowTaskOutcome(events, [.. _rejected]);
    }

    public Payload? Query(string name, IReadOnlyList<Payload> args, IReadOnlyDictionary<string, Payload> headers)
    {
        Payload? result = null;
        Exception? problem = null;
        using var entry = _run.Scheduler.Enter();

        // What a query does outside can't change the run: it is no violation.
        using var untraced = WorkflowScheduler.Leave();
        _run.Scheduler.Enqueue(() =>
        {
            _run.IsAnswering = true;
            try
            {
                result = _run.Handlers.Query(name, args, headers);
            }
            catch (QueryFailedException e)
            {
                problem = e;
            }
            finally
            {
                _run.IsAnswering = false;
            }
        });
        _run.Scheduler.RunNext();
        if (_run.Scheduler.HasWork)
        {
            _run.Scheduler.Report($"Query '{name}' set waiting workflow code going. A query only looks: it completes nothing and starts nothing.");
            throw new QueryFailedException(_run.Scheduler.Violation!);
        }

        return problem is null ? result : throw problem;
    }

    public void Abandon() => _run.IsAbandoned = true;

    public void Dispose() => _run.Dispose();

    private static WorkflowTaskFailedException Corrupt(string what) => new(WorkflowTaskFailedCause.CorruptHistory, $"The history can't be replayed: {what}.");

    /// <summary>Replays one task, or notes an end that no code took part in. Returns where the next one begins.</summary>
    private int ReplayStep(IReadOnlyList<HistoryEvent> events, int at)
    {
        _inputs.Clear();
        for (; at < events.Count && events[at] is InputEvent input; at++)
        {
            CheckId(input, LastEventId + _inputs.Count + 1);
            _inputs.Add(input);
        }

        if (at == events.Count)
        {
            throw Corrupt($"no task follows event {LastEventId + _inputs.Count}");
        }

        CheckId(events[at], LastEventId + _inputs.Count + 1);
        switch (events[at])
        {
            case WorkflowTaskCompleted task:
                var end = at + 1;
                for (; end < events.Count && events[end] is CommandEvent command and not WorkflowFailed { WithoutTask: true }; end++)
                {
                    CheckId(command, task.Id + end - at);
                }

                ReplayTask(task, events, at + 1, end);
                return end;
            case WorkflowTerminated or WorkflowTimedOut or WorkflowFailed { WithoutTask: true }:
                LastEventId = events[at].Id;
                return at + 1;
            default:
                throw Corrupt($"event {events[at].Id} ({events[at].GetType().Name}) belongs to no task");
        }
    }

    private static void CheckId(HistoryEvent e, long expected)
    {
        if (e.Id != expected)
        {
            throw Corrupt($"event {e.Id} ({e.GetType().Name}) stands in the place of event {expected}");
        }
    }

    private void ReplayTask(WorkflowTaskCompleted task, IReadOnlyList<HistoryEvent> events, int firstCommand, int end)
    {
        _run.Facts = new TaskFacts(LengthSeen(_inputs), task.HistoryBytes, task.BuildId, task.Flags);
        for (var i = firstCommand; i < end; i++)
        {
            if (events[i] is PatchMarked mark)
            {
                _run.Patches.Expect(mark.PatchId);
            }
        }

        foreach (var input in _inputs)
        {
            if (input is WorkflowUpdateAccepted update)
            {
                _acceptedUpdates[update.UpdateId] = update.Id;
            }
        }

        _rejected.Clear();
        Run(_inputs, task.Time);
        CheckAccepted();

        _run.IsPinned |= task.IsPinned();
        _run.Commands.MoveTo(_asked);
        CommandComparer.Match(events, firstCommand, end, _asked, task);
        _asked.Clear();
        LastEventId = task.Id + end - firstCommand;
    }

    /// <summary>What is recorded as accepted stays accepted.</summary>
    private void CheckAccepted()
    {
        if (_rejected is [var refused, ..])
        {
            throw new WorkflowTaskFailedException(
                WorkflowTaskFailedCause.Nondeterminism,
                $"Nondeterminism: event {_acceptedUpdates[refused.UpdateId]} accepted update '{refused.UpdateId}', but the code now refuses it: {refused.Failure.Message} Bring its handler back.");
        }
    }

    /// <summary>Updates don't count: whether they are recorded is not known before the code has run.</summary>
    private long LengthSeen(IReadOnlyList<InputEvent> inputs)
    {
        var length = LastEventId + 1;
        foreach (var input in inputs)
        {
            length += input is WorkflowUpdateAccepted ? 0 : 1;
        }

        return length;
    }

    private List<HistoryEvent> AcceptedInputs(IReadOnlyList<InputEvent> inputs)
    {
        var events = new List<HistoryEvent>(inputs.Count + 4);
        foreach (var input in inputs)
        {
            if (input is WorkflowUpdateAccepted update)
            {
                if (_rejected.Exists(r => r.UpdateId == update.UpdateId))
                {
                    continue;
                }

                _acceptedUpdates[update.UpdateId] = LastEventId + events.Count + 1;
            }

            events.Add(input with { Id = LastEventId + events.Count + 1 });
        }

        return events;
    }

    /// <summary>True when a condition that code waited for came true.</summary>
    private bool Run(IReadOnlyList<InputEvent> inputs, DateTimeOffset now)
    {
        ThrowIfLeft();
        var resolved = false;
        _run.Now = now;
        using var entry = _run.Scheduler.Enter();
        _run.Scheduler.Enqueue(() => ApplyAll(inputs, now));
        _run.Scheduler.Drain();
        while (ResolveCondition())
        {
            resolved = true;
        }

        ThrowIfLeft();
        if (_run.TaskFailure is { } failure)
        {
            throw failure as WorkflowTaskFailedException ?? new WorkflowTaskFailedException(
                WorkflowTaskFailedCause.UnhandledException,
                $"The workflow code threw {failure.GetType().Name}, which is not a workflow failure: {failure.Message} "
                + "Throw ApplicationFailureException to fail the workflow, or mend the code: the workflow goes on from here.",
                failure);
        }

        return resolved;
    }

    /// <summary>
    /// Makes the workflow object if it is new, hands over the inputs in their order, and then lets the run method begin: signals and updates of the first task come before it.
    /// </summary>
    private void ApplyAll(IReadOnlyList<InputEvent> inputs, DateTimeOffset now)
    {
        if (!_run.IsInitialized)
        {
            _run.Initialize(now);
        }

        foreach (var input in inputs)
        {
            try
            {
                Apply(input);
            }
            catch (Exception e)
            {
                _run.TaskFailure ??= e;
            }
        }

        if (!_run.IsMainStarted)
        {
            _run.Scheduler.Enqueue(_run.StartMain);
        }
    }

    private bool ResolveCondition()
    {
        var resolved = default(bool);
        _run.Scheduler.Enqueue(() => resolved = _run.Conditions.ResolveFirst());
        _run.Scheduler.Drain();
        return resolved;
    }

    private void Apply(InputEvent input)
    {
        switch (input)
        {
            case WorkflowStarted: break;
            case WorkflowSignaled e: _run.Handlers.Signal(e); break;
            case WorkflowUpdateAccepted e: _run.Handlers.Update(e, e.Id == 0, _rejected, _acceptedUpdates); break;
            case WorkflowCancelRequested: _run.RequestCancel(); break;
            case WorkflowPropertiesModified e: _run.Properties.Modified(e); break;
            case ActivityClosed e: _run.Activities.Closed(e); break;
            case TimerFired e: _run.Timers.Fired(e); break;
            case ChildWorkflowStarted e: _run.Children.Started(e); break;
            case ChildWorkflowStartFailed e: _run.Children.StartFailed(e); break;
            case ChildWorkflowClosed e: _run.Children.Closed(e); break;
            case ExternalSignalClosed e: _run.Externals.SignalClosed(e); break;
            case ExternalCancelClosed e: _run.Externals.CancelClosed(e); break;
            case WorkflowResetMarked e: _run.LeaveCopy(e); break;
            default: throw new InvalidWorkflowOperationException($"The input {input.GetType().Name} is unknown to this version.");
        }
    }

    private void ThrowIfLeft()
    {
        if (_run.Scheduler.Violation is { } violation)
        {
            throw new WorkflowTaskFailedException(WorkflowTaskFailedCause.LeftScheduler, violation);
        }
    }
}
