using Microsoft.Extensions.Logging;
using Serverless.Api.Enums.V1;
using Serverless.Common;
using Serverless.Converters;
using Serverless.Exceptions;
using Serverless.History;
using Serverless.Worker.Interceptors;
using Serverless.Workflows;

namespace Serverless.Replay;

/// <summary>
/// The live state behind <c>Workflow.*</c> for one run: its code, its pending steps, its commands. Everything here happens on its scheduler.
/// </summary>
internal sealed class WorkflowRun : IDisposable
{
    private const ulong IdsApart = 0x5DEECE66DUL;
    private readonly ExecutorOptions _options;
    private readonly DataConverter _shared;
    private DataConverter _own;
    private readonly CancellationTokenSource _cancel = new();
    private volatile bool _isAbandoned;
    private object? _instance;
    private Type[] _failureTypes;
    private VersioningBehavior _versioning;
    private DeterministicRandom _random;
    private Task? _main;

    public WorkflowRun(string workflowId, WorkflowDefinition definition, WorkflowStarted started, ExecutorOptions options)
    {
        _options = options;
        _shared = new DataConverter(options.PayloadConverter, options.FailureConverter);
        _own = ConverterOf(new ISerializationContext.Workflow(options.Namespace, workflowId));
        Definition = definition;
        _failureTypes = definition.FailureExceptionTypes ?? [];
        _versioning = definition.VersioningBehavior;
        Started = started;
        IsPinned = started.PinnedBuildId is not null;
        Scheduler = new WorkflowScheduler(this);
        _random = new DeterministicRandom(started.RandomSeed);
        Ids = new DeterministicRandom(started.RandomSeed ^ IdsApart);
        Info = RunInfo.Of(workflowId, started, options.Namespace, _own);
        Logger = new ReplaySafeLogger(options.Loggers.CreateLogger($"Serverless.Workflow:{started.WorkflowType}"), this);
        MetricMeter = new ReplaySafeMetricMeter(
            options.MetricMeter.WithTags(
                [new("namespace", options.Namespace), new("task_queue", started.TaskQueue), new("workflow_type", started.WorkflowType)]),
            this);
        Activities = new ActivitySteps(this);
        Timers = new TimerSteps(this);
        Children = new ChildSteps(this);
        Externals = new ExternalSteps(this);
        Handlers = new MessageHandling(this);
        Patches = new PatchSteps(this);
        Properties = new RunProperties(this);
        Conditions = new WaitConditions(this);
        Outbound = new OutboundEnd(this);
        Inbound = new InboundEnd(this);
        for (var i = options.Interceptors.Count - 1; i >= 0; i--)
        {
            Inbound = options.Interceptors[i].InterceptWorkflow(Inbound);
        }

        Inbound.Init(Outbound);
    }

    public WorkflowDefinition Definition { get; }

    public WorkflowStarted Started { get; }

    public WorkflowScheduler Scheduler { get; }

    public CommandList Commands { get; } = new();

    public WorkflowInfo Info { get; private set; }

    public ILogger Logger { get; }

    public MetricMeter MetricMeter { get; }

    public ActivitySteps Activities { get; }

    public TimerSteps Timers { get; }

    public ChildSteps Children { get; }

    public ExternalSteps Externals { get; }

    public MessageHandling Handlers { get; }

    public PatchSteps Patches { get; }

    public RunProperties Properties { get; }

    public WaitConditions Conditions { get; }

    public WorkflowInboundInterceptor Inbound { get; }

    public WorkflowOutboundInterceptor Outbound { get; set; }

    public IPayloadConverter Payloads => _own.PayloadConverter;

    public IFailureConverter Failures => _own.FailureConverter;

    /// <summary>Ids that replay must repeat and that the user's random numbers must not depend on.</summary>
    public DeterministicRandom Ids { get; private set; }

    /// <summary>The code's random numbers. Code that only looks gets a copy: what it draws changes nothing.</summary>
    public DeterministicRandom Random => Commands.IsReadOnly ? _random.Copy() : _random;

    public CancellationToken CancellationToken => _cancel.Token;

    public object Instance => _instance ?? throw new InvalidOperationException("The workflow object does not exist yet: its constructor is running.");

    public bool IsReplaying { get; set; }

    /// <summary>True while a query is answered.</summary>
    public bool IsAnswering { get; set; }

    /// <summary>Time of the present task, UTC; the same all through it.</summary>
    public DateTimeOffset Now { get; set; }

    /// <summary>The build of the present task with its deployment; null when builds are not named.</summary>
    public WorkerDeploymentVersion? Version => Facts.BuildId is { } build ? new(_options.Namespace, build) : null;

    /// <summary>What the code can see of the present task.</summary>
    public TaskFacts Facts { get; set; }

    /// <summary>True once only one build may run it.</summary>
    public bool IsPinned { get; set; }

    public string CurrentDetails { get; set; } = "";

    /// <summary>Set when the engine has given up on this executor: code that asks for anything is stopped.</summary>
    public bool IsAbandoned
    {
        get => _isAbandoned;
        set => _isAbandoned = value;
    }

    /// <summary>What stops the task without ending the workflow; null when nothing has.</summary>
    public Exception? TaskFailure { get; set; }

    public bool IsInitialized => _instance is not null;

    public bool IsMainStarted => _main is not null;

    public bool IsCancelRequested { get; private set; }

    /// <summary>Makes the workflow object, with the arguments if its constructor takes them, in the run's first task.</summary>
    public void Initialize(DateTimeOffset now) => Guard(() =>
    {
        Info = Info with { StartTime = now.UtcDateTime };
        try
        {
            _instance = Definition.CreateWorkflowInstance(DecodeArgs(Definition.RunMethod.GetParameters(), Definition.Dynamic));
        }
        catch (Exception e) when (FailsWorkflow(e))
        {
            Commands.Close(new WorkflowFailed(Failures.ToFailure(e, Payloads), RetryState.Unspecified));
            return;
        }

        if (Definition.DynamicOptionsGetter is { } options)
        {
            var said = Commands.Look("the options of a dynamic workflow", () => options(_instance));
            _failureTypes = said.FailureExceptionTypes ?? [];
            _versioning = said.VersioningBehavior;
        }
    });

    /// <summary>Starts the run method, once.</summary>
    public void StartMain()
    {
        if (_instance is not null && TaskFailure is null)
        {
            _main = RunMainAsync();
        }
    }

    public void RequestCancel()
    {
        IsCancelRequested = true;
        _cancel.Cancel();
    }

    /// <summary>The copied part of the history ends here: numbers go on otherwise, children get other ids than those of the run that was copied, and the run is its own.</summary>
    public void LeaveCopy(WorkflowResetMarked mark)
    {
        _random = new DeterministicRandom(mark.RandomSeed);
        Ids = new DeterministicRandom(mark.RandomSeed ^ IdsApart);
        if (mark.Into is not { } own)
        {
            return;
        }

        _own = ConverterOf(new ISerializationContext.Workflow(_options.Namespace, own.WorkflowId));
        Info = Info with { WorkflowId = own.WorkflowId, RunId = own.RunId, FirstExecutionRunId = mark.FirstRunId, WorkflowStartTime = mark.Time.UtcDateTime };
        if (mark.IsFork())
        {
            Info = Info with { Parent = null, Root = null, ContinuedRunId = null };
        }
    }

    /// <summary>True when the run becomes pinned with the present task: its code says so, its start not otherwise, and it is not yet.</summary>
    public bool Pins()
    {
        var behavior = _versioning == VersioningBehavior.Unspecified ? _options.DefaultVersioning : _versioning;
        var before = IsPinned;
        IsPinned |= behavior == VersioningBehavior.Pinned && Started.VersioningOverride != VersioningBehavior.AutoUpgrade;
        return IsPinned != before;
    }

    /// <summary>Calls back on cancellation, inside the workflow. Refused from outside: there a real timer or foreign code cancelled.</summary>
    public CancellationTokenRegistration OnCancel(Action callback, CancellationToken token) => token.UnsafeRegister(
        static state =>
        {
            var (run, act) = ((WorkflowRun, Action))state!;
            if (run.Scheduler.IsInside)
            {
                act();
            }
            else
            {
                run.Scheduler.Report(
                    "A cancellation token that workflow code waits with was cancelled from outside of it: by CancelAfter, a real timer or another thread. "
                    + "Await Workflow.DelayAsync and call Cancel() instead.");
            }
        },
        (this, callback));

    /// <summary>Runs a top-level piece of code: what it throws decides the fate of run or task.</summary>
    public async Task TopLevelAsync(Func<Task> code)
    {
        try
        {
            await code();
        }
        catch (ContinueAsNewException e)
        {
            Guard(() => Commands.Close(Continuation(e)));
        }
        catch (Exception e) when (IsCancelRequested && TemporalException.IsCanceledException(e))
        {
            Commands.Close(new WorkflowCanceled([]));
        }
        catch (Exception e) when (FailsWorkflow(e))
        {
            Guard(() => Commands.Close(new WorkflowFailed(Failures.ToFailure(e, Payloads), RetryState.Unspecified)));
        }
        catch (Exception e)
        {
            TaskFailure ??= e;
        }
    }

    public bool FailsWorkflow(Exception e) =>
        e is FailureException or OperationCanceledException
        || _failureTypes.Concat(_options.FailureExceptionTypes).Any(type => type.IsInstanceOfType(e));

    /// <summary>Runs what may fail without being the workflow's failure.</summary>
    public void Guard(Action action)
    {
        try
        {
            action();
        }
        catch (Exception e)
        {
            TaskFailure ??= e;
        }
    }

    /// <summary>Arguments for parameters: missing ones take their defaults, surplus ones are ignored.</summary>
    public object?[] DecodeArgs(System.Reflection.ParameterInfo[] parameters, bool dynamic) => ArgumentDecoding.Decode(Payloads, Started.Args, parameters, dynamic);

    /// <summary>Converts what is sent to and comes from another owner of payloads: an activity, a child, whoever is signalled.</summary>
    public DataConverter ConverterOf(ISerializationContext owner) => _shared.WithSerializationContext(owner);

    /// <summary>Arguments as they are recorded. Empty in replay: they are recorded already, and never compared.</summary>
    /// <param name="values">The arguments.</param>
    /// <param name="receiver">Whose they are; null: this workflow's.</param>
    public IReadOnlyList<Payload> Encode(IReadOnlyCollection<object?> values, ISerializationContext? receiver = null)
    {
        if (IsReplaying)
        {
            return [];
        }

        var converter = receiver is null ? Payloads : ConverterOf(receiver).PayloadConverter;
        var payloads = new Payload[values.Count];
        var i = 0;
        foreach (var value in values)
        {
            payloads[i++] = converter.ToPayload(value);
        }

        return payloads;
    }

    public Payload EncodeOne(object? value) => Payloads.ToPayload(value);

    public Exception ToException(Failure failure, ISerializationContext? sender = null)
    {
        var converter = sender is null ? _own : ConverterOf(sender);
        return converter.FailureConverter.ToException(failure, converter.PayloadConverter);
    }

    /// <summary>Refuses a new local activity that this process does not have.</summary>
    public void CheckLocalActivity(string activity)
    {
        if (!IsReplaying && !_options.KnowsActivity(activity))
        {
            throw new InvalidWorkflowOperationException($"There is no activity '{activity}' in this process, and a local activity runs nowhere else. Register it.");
        }
    }

    /// <summary>Refuses what would change the run where nothing may change, and code of an executor that was given up.</summary>
    public void CheckWritable()
    {
        ThrowIfAbandoned();
        Commands.CheckWritable();
    }

    public void ThrowIfAbandoned()
    {
        if (_isAbandoned)
        {
            throw new InvalidWorkflowOperationException("This copy of the workflow was given up: its task took too long.");
        }
    }

    public void Dispose() => _cancel.Dispose();

    private async Task RunMainAsync() => await TopLevelAsync(async () =>
    {
        var args = DecodeArgs(Definition.RunMethod.GetParameters(), Definition.Dynamic);
        var result = await Inbound.ExecuteWorkflowAsync(new(Instance, Definition.RunMethod, args));
        var hasResult = TaskResults.TypeOf(Definition.RunMethod.ReturnType) is not null;
        Commands.Close(new WorkflowCompleted(hasResult ? EncodeOne(result) : null));
    });

    private WorkflowContinuedAsNew Continuation(ContinueAsNewException e)
    {
        var options = e.Options;
        return new WorkflowContinuedAsNew(e.Workflow, options?.TaskQueue ?? Info.TaskQueue, Encode(e.Args))
        {
            NewRunId = Ids.NextGuid().ToString(),
            RunTimeout = options?.RunTimeout,
            TaskTimeout = options?.TaskTimeout,
            RetryPolicy = options?.RetryPolicy?.Copy(),
            BackoffStartInterval = options?.BackoffStartInterval,
            InitialVersioning = options?.InitialVersioningBehavior ?? InitialVersioningBehavior.Unspecified,
            Memo = options?.Memo is { } memo ? RunProperties.EncodeMemo(Payloads, memo) : null,
            SearchAttributes = options?.TypedSearchAttributes is { } attributes ? RunProperties.EncodeAttributes(attributes) : null,
            Headers = e.Headers,
        };
    }
}
