using Microsoft.Extensions.Logging;
using Serverless.Common;
using Serverless.Converters;
using Serverless.Worker.Interceptors;

namespace Serverless.Replay;

/// <summary>What executors of one application share.</summary>
internal sealed record ExecutorOptions(IPayloadConverter PayloadConverter, IFailureConverter FailureConverter, ILoggerFactory Loggers)
{
    /// <summary>The hub, as the code and its converters see it. Default "default".</summary>
    public string Namespace { get; init; } = "default";

    /// <summary>Takes the metrics of workflow code. Default: they are dropped.</summary>
    public MetricMeter MetricMeter { get; init; } = NoopMetricMeter.Instance;

    /// <summary>Exceptions that fail a workflow, besides failure exceptions and those its definition names.</summary>
    public IReadOnlyList<Type> FailureExceptionTypes { get; init; } = [];

    /// <summary>Called around workflow code, the first one outermost.</summary>
    public IReadOnlyList<IWorkerInterceptor> Interceptors { get; init; } = [];

    /// <summary>Tells whether this process has an activity: a local one that is missing here runs nowhere. Default: all are taken to be there.</summary>
    public Func<string, bool> KnowsActivity { get; init; } = static _ => true;

    /// <summary>Notes tasks that leave the scheduler as they are queued. Default true.</summary>
    public bool TraceTasks { get; init; } = true;

    /// <summary>Of workflows that say nothing themselves. Default: they move with the builds.</summary>
    public VersioningBehavior DefaultVersioning { get; init; }

    /// <summary>Events from which continue-as-new is suggested. Default 4,096.</summary>
    public int SuggestContinueAsNewEvents { get; init; } = 4_096;

    /// <summary>Bytes from which continue-as-new is suggested. Default 4 MiB.</summary>
    public long SuggestContinueAsNewBytes { get; init; } = 4 * 1024 * 1024;

    /// <summary>Accepted updates from which continue-as-new is suggested. Default 1,800.</summary>
    public int SuggestContinueAsNewUpdates { get; init; } = 1_800;
}
