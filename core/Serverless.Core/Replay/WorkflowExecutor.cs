using Serverless.Converters;
using Serverless.Exceptions;
using Serverless.History;
using Serverless.Workflows;

namespace Serverless.Replay;

/// <summary>Feeds one run's code with inputs, recorded or new, and turns what it asks for into events.</summary>
internal sealed class WorkflowExecutor : IWorkflowExecutor
{
    private readonly WorkflowRun _run;
    private readonly Dictionary<string, long> _acceptedUpdates = new(StringComparer.Ordinal);

    public WorkflowExecutor(string workflowId, WorkflowDefinition definition, WorkflowStarted started, ExecutorOptions options)
    {
        _run = new WorkflowRun(workflowId, definition, started, options);
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
        var inputs = new List<InputEvent>();
        for (var i = 0; i < events.Count;)
        {
            switch (events[i])
            {
                case InputEvent input:
                    inputs.Add(input);
                    i++;
                    break;
                case WorkflowTaskCompleted task:
                    var commands = new List<CommandEvent>();
                    for (i++; i < events.Count && events[i] is CommandEvent command; i++)
                    {
                        commands.Add(command);
                    }

                    ReplayTask(inputs, task, commands);
                    inputs.Clear();
                    break;
                default:
                    // Terminated or timed out: no code ran.
                    LastEventId = events[i].Id;
                    i++;
                    break;
            }
        }

        _run.IsReplaying = false;
    }

    public WorkflowTaskOutcome RunTask(WorkflowTaskInput input)
    {
        var now = input.Now > _run.Now ? input.Now : _run.Now;
        var flags = _run.BeginTask(LengthSeen(input.Inputs), input.HistoryBytes, input.BuildId, null);
        var rejected = new List<RejectedUpdate>();
        Run(input.Inputs, now, update => Accept(update, validate: true, rejected));

        var refused = rejected.Select(static r => r.UpdateId).ToHashSet(StringComparer.Ordinal);
        var events = new List<HistoryEvent>();
        var id = LastEventId;
        foreach (var e in input.Inputs)
        {
            if (e is WorkflowUpdateAccepted update)
            {
                if (refused.Contains(update.UpdateId))
                {
                    continue;
                }

                _acceptedUpdates[update.UpdateId] = id + 1;
            }

            events.Add(e with { Id = ++id });
        }

        events.Add(new WorkflowTaskCompleted(input.Identity, input.BuildId) { Id = ++id, Time = now, Flags = flags, HistoryBytes = input.HistoryBytes });
        events.AddRange(Record(id + 1, now));
        LastEventId = events[^1].Id;
        return new WorkflowTaskOutcome(events, rejected);
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
            try
            {
                result = _run.Handlers.Query(name, args);
            }
            catch (QueryFailedException e)
            {
                problem = e;
            }
        });
        _run.Scheduler.Drain();
        return problem is null ? result : throw problem;
    }

    public void Abandon() => _run.IsAbandoned = true;

    public void Dispose() => _run.Dispose();

    private void ReplayTask(List<InputEvent> inputs, WorkflowTaskCompleted task, List<CommandEvent> recorded)
    {
        _run.BeginTask(LengthSeen(inputs), task.HistoryBytes, task.BuildId, task.Flags);
        _run.Patches.Expect(recorded.OfType<PatchMarked>());
        foreach (var update in inputs.OfType<WorkflowUpdateAccepted>())
        {
            _acceptedUpdates[update.UpdateId] = update.Id;
        }

        Run(inputs, task.Time, update => Accept(update, validate: false, []));
        var expected = WithoutForgottenPatches(recorded);
        CommandComparer.Check(expected, Record(task.Id + 1, task.Time, expected), task.Id);
        LastEventId = task.Id + recorded.Count;
    }

    // A deprecated patch may leave the code: its marker then stands alone.
    private List<CommandEvent> WithoutForgottenPatches(List<CommandEvent> recorded)
    {
        if (!recorded.Exists(static e => e is PatchMarked { Deprecated: true }))
        {
            return recorded;
        }

        var called = _run.Commands.Events.OfType<PatchMarked>().Select(static m => m.PatchId).ToHashSet(StringComparer.Ordinal);
        return recorded.FindAll(e => e is not PatchMarked { Deprecated: true } mark || called.Contains(mark.PatchId));
    }

    // Updates don't count: whether they are recorded is not known before the code has run.
    private long LengthSeen(IReadOnlyList<InputEvent> inputs) => LastEventId + inputs.Count(static e => e is not WorkflowUpdateAccepted) + 1;

    private void Run(IReadOnlyList<InputEvent> inputs, DateTimeOffset now, Action<WorkflowUpdateAccepted> accept)
    {
        ThrowIfLeft();
        _run.Now = now;
        using var entry = _run.Scheduler.Enter();
        foreach (var input in inputs)
        {
            if (input is WorkflowStarted)
            {
                _run.Info.StartTime = now.UtcDateTime;
                _run.Scheduler.Enqueue(_run.Initialize);
            }
        }

        foreach (var input in inputs)
        {
            _run.Scheduler.Enqueue(() => _run.Guard(() => Apply(input, accept)));
        }

        _run.Scheduler.Enqueue(_run.StartMain);
        do
        {
            _run.Scheduler.Drain();
        }
        while (ResolveCondition());

        ThrowIfLeft();
        if (_run.TaskFailure is { } failure)
        {
            throw failure as WorkflowTaskFailedException ?? new WorkflowTaskFailedException(
                WorkflowTaskFailedCause.UnhandledException,
                $"The workflow code threw {failure.GetType().Name}, which is not a workflow failure: {failure.Message} "
                + "Throw ApplicationFailureException to fail the workflow, or mend the code: the workflow goes on from here.",
                failure);
        }

        if (_run.Commands.Closing is not null)
        {
            _run.Handlers.WarnUnfinished();
        }
    }

    private bool ResolveCondition()
    {
        var resolved = false;
        _run.Scheduler.Enqueue(() => resolved = _run.Conditions.ResolveFirst());
        _run.Scheduler.Drain();
        return resolved;
    }

    private void Apply(InputEvent input, Action<WorkflowUpdateAccepted> accept)
    {
        switch (input)
        {
            case WorkflowStarted: break;
            case WorkflowSignaled e: _run.Handlers.Signal(e); break;
            case WorkflowUpdateAccepted e: accept(e); break;
            case WorkflowCancelRequested: _run.RequestCancel(); break;
            case ActivityClosed e: _run.Activities.Closed(e); break;
            case TimerFired e: _run.Timers.Fired(e); break;
            case ChildWorkflowStarted e: _run.Children.Started(e); break;
            case ChildWorkflowStartFailed e: _run.Children.StartFailed(e); break;
            case ChildWorkflowClosed e: _run.Children.Closed(e); break;
            case ExternalSignalClosed e: _run.Externals.SignalClosed(e); break;
            case ExternalCancelClosed e: _run.Externals.CancelClosed(e); break;
            case WorkflowResetMarked e: _run.Reseed(e.RandomSeed); break;
            default: throw new InvalidWorkflowOperationException($"The input {input.GetType().Name} is unknown to this version.");
        }
    }

    private void Accept(WorkflowUpdateAccepted update, bool validate, List<RejectedUpdate> rejected)
    {
        var failure = _run.Handlers.Update(
            update, validate, (e, complete) => _run.Commands.Add(e, null, complete), () => _acceptedUpdates[update.UpdateId]);
        if (failure is not null && !validate)
        {
            throw new WorkflowTaskFailedException(
                WorkflowTaskFailedCause.Nondeterminism,
                $"The history accepted update '{update.Name}' (id {update.UpdateId}), which the code now refuses: {failure.Message} Bring its handler back.");
        }

        if (failure is not null)
        {
            rejected.Add(new RejectedUpdate(update.UpdateId, failure));
        }
    }

    private List<CommandEvent> Record(long firstId, DateTimeOffset time, List<CommandEvent>? recorded = null)
    {
        var commands = _run.Commands.Record(firstId, time, recorded);
        foreach (var e in commands)
        {
            if (e is ExternalCancelInitiated cancel)
            {
                _run.Externals.Recorded(cancel);
            }
        }

        return commands;
    }

    private void ThrowIfLeft()
    {
        if (_run.Scheduler.Violation is { } violation)
        {
            throw new WorkflowTaskFailedException(WorkflowTaskFailedCause.LeftScheduler, violation);
        }
    }
}

/// <summary>Executors for the registered workflows.</summary>
internal sealed class WorkflowExecutorFactory : IWorkflowExecutorFactory
{
    private readonly Dictionary<string, WorkflowDefinition> _definitions = new(StringComparer.Ordinal);
    private readonly WorkflowDefinition? _dynamic;
    private readonly ExecutorOptions _options;

    /// <exception cref="ArgumentException">Two definitions have one name, or two are dynamic, or one can't be instantiated.</exception>
    public WorkflowExecutorFactory(IEnumerable<WorkflowDefinition> definitions, ExecutorOptions options)
    {
        _options = options;
        foreach (var definition in definitions)
        {
            if (!definition.Instantiable)
            {
                throw new ArgumentException($"{definition.Type} is abstract and can't be run as a workflow.");
            }

            if (definition.Name is { } name ? !_definitions.TryAdd(name, definition) : _dynamic is not null)
            {
                throw new ArgumentException($"Two workflows are named '{definition.Name ?? "(dynamic)"}': {definition.Type} and another.");
            }

            _dynamic ??= definition.Dynamic ? definition : null;
        }
    }

    /// <summary>Names of the registered workflow types, sorted.</summary>
    public IReadOnlyList<string> KnownTypes => [.. _definitions.Keys.Order(StringComparer.Ordinal)];

    public bool Knows(string workflowType) => _dynamic is not null || _definitions.ContainsKey(workflowType);

    public IWorkflowExecutor Create(string workflowId, WorkflowStarted started)
    {
        var definition = _definitions.GetValueOrDefault(started.WorkflowType) ?? _dynamic ?? throw new WorkflowTaskFailedException(
            WorkflowTaskFailedCause.UnknownWorkflowType,
            $"This process has no workflow type '{started.WorkflowType}'. Known types: {string.Join(", ", KnownTypes)}. Deploy it again, or terminate the workflow.");
        return new WorkflowExecutor(workflowId, definition, started, _options);
    }
}
