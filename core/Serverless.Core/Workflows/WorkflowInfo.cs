using Serverless.Common;
using Serverless.Converters;
using Serverless.Exceptions;

namespace Serverless.Workflows;

/// <summary>What a workflow knows about its run. None of it changes while the run is open.</summary>
public record WorkflowInfo
{
    /// <summary>Which attempt of the workflow's retry policy this run is, from 1.</summary>
    public required int Attempt { get; init; }

    /// <summary>The run before it in its chain; null for the first.</summary>
    public string? ContinuedRunId { get; init; }

    /// <summary>Its cron schedule; null when it has none.</summary>
    public string? CronSchedule { get; init; }

    /// <summary>Limit for all runs of the chain; null for none.</summary>
    public TimeSpan? ExecutionTimeout { get; init; }

    /// <summary>The first run of the chain.</summary>
    public required string FirstExecutionRunId { get; init; }

    /// <summary>Headers it was started with.</summary>
    public IReadOnlyDictionary<string, Payload>? Headers { get; init; }

    /// <summary>The failure of the run before; null when there was none.</summary>
    public Exception? LastFailure { get; init; }

    /// <summary>The result of the last successful run of a cron schedule; null when there is none.</summary>
    public IReadOnlyCollection<IRawValue>? LastResult { get; init; }

    /// <summary>The hub.</summary>
    public string Namespace { get; init; } = "default";

    /// <summary>Who started it; null when no workflow did.</summary>
    public ParentInfo? Parent { get; init; }

    /// <summary>Order among waiting work.</summary>
    public Priority Priority { get; init; } = Priority.Default;

    /// <summary>Its retry policy; null when it has none.</summary>
    public RetryPolicy? RetryPolicy { get; init; }

    /// <summary>The top of its tree of parents; null when it is the top.</summary>
    public RootInfo? Root { get; init; }

    /// <summary>The run.</summary>
    public required string RunId { get; init; }

    /// <summary>Limit for this run; null for none.</summary>
    public TimeSpan? RunTimeout { get; init; }

    /// <summary>Time of its first task, UTC.</summary>
    public DateTime StartTime { get; init; }

    /// <summary>Its task queue.</summary>
    public required string TaskQueue { get; init; }

    /// <summary>Limit for one task.</summary>
    public TimeSpan TaskTimeout { get; init; }

    /// <summary>The workflow id.</summary>
    public required string WorkflowId { get; init; }

    /// <summary>When it was started, UTC.</summary>
    public DateTime WorkflowStartTime { get; init; }

    /// <summary>The workflow type.</summary>
    public required string WorkflowType { get; init; }

    internal IReadOnlyDictionary<string, object> CreateLoggerScope() => new SortedDictionary<string, object>(StringComparer.Ordinal)
    {
        ["Attempt"] = Attempt,
        ["FirstExecutionRunId"] = FirstExecutionRunId,
        ["Namespace"] = Namespace,
        ["RunId"] = RunId,
        ["TaskQueue"] = TaskQueue,
        ["WorkflowId"] = WorkflowId,
        ["WorkflowType"] = WorkflowType,
    };

    /// <summary>A parent.</summary>
    /// <param name="Namespace">The hub.</param>
    /// <param name="RunId">Its run.</param>
    /// <param name="WorkflowId">Its id.</param>
    public record ParentInfo(string Namespace, string RunId, string WorkflowId);

    /// <summary>The top of a tree of parents.</summary>
    /// <param name="RunId">Its run.</param>
    /// <param name="WorkflowId">Its id.</param>
    public record RootInfo(string RunId, string WorkflowId);
}

/// <summary>The update that a handler works on.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Name">Its name.</param>
public record WorkflowUpdateInfo(string Id, string Name)
{
    internal IReadOnlyDictionary<string, object> CreateLoggerScope() => new SortedDictionary<string, object>(StringComparer.Ordinal)
    {
        ["UpdateId"] = Id,
        ["UpdateName"] = Name,
    };
}

/// <summary>A change of the memo.</summary>
public class MemoUpdate
{
    private readonly object? _value;

    private MemoUpdate(string key, object? value, bool hasValue)
    {
        UntypedKey = key;
        _value = value;
        HasValue = hasValue;
    }

    /// <summary>False: the key is removed.</summary>
    public bool HasValue { get; private init; }

    /// <summary>The key.</summary>
    public string UntypedKey { get; private init; }

    /// <summary>The value.</summary>
    /// <exception cref="InvalidOperationException">The key is removed.</exception>
    public object UntypedValue => HasValue ? _value! : throw new InvalidOperationException($"The update removes '{UntypedKey}': it has no value.");

    /// <summary>Sets a key.</summary>
    /// <param name="key">The key.</param>
    /// <param name="value">The value; not null.</param>
    /// <returns>The change.</returns>
    public static MemoUpdate ValueSet(string key, object value) => new(key, value ?? throw new ArgumentNullException(nameof(value)), true);

    /// <summary>Removes a key.</summary>
    /// <param name="key">The key.</param>
    /// <returns>The change.</returns>
    public static MemoUpdate ValueUnset(string key) => new(key, null, false);
}

/// <summary>Thrown by a workflow to end this run and go on as a new one. Made by <c>Workflow.CreateContinueAsNewException</c>.</summary>
public class ContinueAsNewException : TemporalException
{
    internal ContinueAsNewException(string workflow, IReadOnlyCollection<object?> args, ContinueAsNewOptions? options)
        : base("The workflow continues as new.")
    {
        Workflow = workflow;
        Args = args;
        Options = options;
    }

    /// <summary>Type of the next run.</summary>
    public string Workflow { get; }

    /// <summary>Its arguments.</summary>
    public IReadOnlyCollection<object?> Args { get; }

    /// <summary>Its options; null: all carried over.</summary>
    public ContinueAsNewOptions? Options { get; }

    /// <summary>Headers of the next run.</summary>
    internal IReadOnlyDictionary<string, Payload> Headers { get; init; } = History.WorkflowStarted.Empty;
}

/// <summary>Why a run should continue as new.</summary>
public enum SuggestContinueAsNewReason
{
    /// <summary>Not known.</summary>
    Unspecified = 0,

    /// <summary>The history is large.</summary>
    HistorySizeTooLarge = 1,

    /// <summary>The history is long.</summary>
    TooManyHistoryEvents = 2,

    /// <summary>There were many updates.</summary>
    TooManyUpdates = 3,
}
