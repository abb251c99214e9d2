using Microsoft.Extensions.Logging;
using Serverless.Activities;
using Serverless.Replay;
using Serverless.Storage;
using Serverless.Visibility;

namespace Serverless.Engine;

/// <summary>What the parts of one process's engine share.</summary>
internal sealed record EngineServices
{
    public required EngineOptions Options { get; init; }

    public required IHubStore Store { get; init; }

    public required IWorkflowExecutorFactory Workflows { get; init; }

    public required IActivityInvoker Activities { get; init; }

    public required ICodeRunner Code { get; init; }

    public required TimeProvider Time { get; init; }

    public required IdSource Ids { get; init; }

    /// <summary>Decodes what workflow code sees and encodes what it says.</summary>
    public required PayloadCoding Coding { get; init; }

    public required StorageRetry Retry { get; init; }

    public required Segments Segments { get; init; }

    public required JournalReader Reading { get; init; }

    public required Journal Journal { get; init; }

    public required TimerService Timers { get; init; }

    public required Nudges Nudges { get; init; }

    public required VisibilityIndex Visibility { get; init; }

    public required RetentionTimers Retention { get; init; }

    public required BlockedList Blocked { get; init; }

    public required RunWatchers Watchers { get; init; }

    public required WorkflowCache Cache { get; init; }

    public required CommitBuilder Commits { get; init; }

    public required Blocking Blocking { get; init; }

    public required ILogger Logger { get; init; }

    /// <summary>Cancelled when the process is going to stop.</summary>
    public required CancellationToken Shutdown { get; init; }

    public static EngineServices Create(
        EngineOptions options, IHubStore store, EngineCode code, TimeProvider time, Random random, ILogger logger, CancellationToken shutdown)
    {
        var ids = new IdSource(time, random);
        var retry = new StorageRetry(time, ids);
        var segments = new Segments(store.Blobs, ids, retry, options.Limits);
        var reading = new JournalReader(store.Rows, segments, retry, options.Limits);
        var journal = new Journal(store.Rows, reading, segments, retry);
        var timers = new TimerService(store, new TimerBuckets(store, time, ids, retry), time, retry, options.Limits);
        var coding = new PayloadCoding(code.DataConverter, options.Hub);
        return new EngineServices
        {
            Options = options,
            Store = store,
            Workflows = code.Workflows,
            Activities = code.Activities,
            Code = code.Runner,
            Time = time,
            Ids = ids,
            Coding = coding,
            Retry = retry,
            Segments = segments,
            Reading = reading,
            Journal = journal,
            Timers = timers,
            Nudges = new Nudges(options, store, retry, ids),
            Visibility = new VisibilityIndex(store.Rows, time, options.SearchAttributes, (int)(ids.NextSeed() % ListCounters.Slots)),
            Retention = new RetentionTimers(options, timers),
            Blocked = new BlockedList(store.Rows, retry),
            Watchers = new RunWatchers(options, time),
            Cache = new WorkflowCache(options.CachedRuns),
            Commits = new CommitBuilder(options, ids, time),
            Blocking = new Blocking(journal, timers, coding, options, ids, time, logger),
            Logger = logger,
            Shutdown = shutdown,
        };
    }

    /// <summary>Queues of the hub that this process knows of, by name.</summary>
    public IReadOnlyList<string> KnownQueues =>
    [
        .. WorkflowEngine.Queues.Concat(Options.ActivityQueues).Concat(Options.BuildId is { } build ? [QueueNames.WorkflowsOf(build)] : [])
            .Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal),
    ];

    public async Task SendAsync(string queue, WorkMessage message, CancellationToken cancellationToken) =>
        await QueueSending.SendAsync(Store.Queues, Retry, queue, message, TimeSpan.Zero, cancellationToken);

    /// <summary>Sends a message that makes some process look at the workflow id: one of the build that its run is pinned to, if the caller knows.</summary>
    public Task NudgeAsync(string workflowId, CancellationToken cancellationToken, string? buildId = null) =>
        Nudges.SendAsync(Nudges.About(workflowId, buildId), cancellationToken);
}
