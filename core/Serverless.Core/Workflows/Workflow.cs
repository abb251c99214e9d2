using Microsoft.Extensions.Logging;
using Serverless.Common;
using Serverless.Converters;
using Serverless.Replay;

namespace Serverless.Workflows;

/// <summary>
/// What workflow code may use of the world: time, chance, activities, other workflows. Everything here is recorded or derived from what is recorded, so that the code can be run
/// again over its history. Works only in workflow code.
/// </summary>
public static partial class Workflow
{
    /// <summary>True when no signal or update handler is running. Await it before the workflow ends, if handlers must finish.</summary>
    public static bool AllHandlersFinished => Run.Handlers.AllFinished;

    /// <summary>Cancelled when the workflow is asked to cancel.</summary>
    public static CancellationToken CancellationToken => Run.CancellationToken;

    /// <summary>True when the run should continue as new, see <see cref="SuggestedContinueAsNewReasons"/>.</summary>
    public static bool ContinueAsNewSuggested => Run.Facts.ContinueAsNewReasons.Count > 0;

    /// <summary>Build that runs, or ran, the present task; empty when builds are not named.</summary>
    public static string CurrentBuildId => Run.Facts.BuildId ?? "";

    /// <summary>
    /// Deployment and build that run, or ran, the present task; null when builds are not named. The deployment is the hub.
    /// </summary>
    public static WorkerDeploymentVersion? CurrentDeploymentVersion => Run.Version;

    /// <summary>Lines for people about what the workflow is doing.</summary>
    public static string CurrentDetails
    {
        get => Run.CurrentDetails;
        set
        {
            Run.CheckWritable();
            Run.CurrentDetails = value;
        }
    }

    /// <summary>Events in the history at the present task.</summary>
    public static int CurrentHistoryLength => (int)Run.Facts.HistoryLength;

    /// <summary>Bytes of the history at the present task, about.</summary>
    public static int CurrentHistorySize => (int)Math.Min(int.MaxValue, Run.Facts.HistoryBytes);

    /// <summary>The update whose validator or handler is running; null elsewhere.</summary>
    public static WorkflowUpdateInfo? CurrentUpdateInfo => Run.Handlers.CurrentUpdate;

    /// <summary>The handler of queries without one.</summary>
    public static WorkflowQueryDefinition? DynamicQuery
    {
        get => Run.Handlers.DynamicQuery;
        set => Run.Handlers.DynamicQuery = value;
    }

    /// <summary>The handler of signals without one. Signals that waited are delivered when it is set.</summary>
    public static WorkflowSignalDefinition? DynamicSignal
    {
        get => Run.Handlers.DynamicSignal;
        set => Run.Handlers.DynamicSignal = value;
    }

    /// <summary>The handler of updates without one.</summary>
    public static WorkflowUpdateDefinition? DynamicUpdate
    {
        get => Run.Handlers.DynamicUpdate;
        set => Run.Handlers.DynamicUpdate = value;
    }

    /// <summary>Facts about the run.</summary>
    public static WorkflowInfo Info => Run.Info;

    /// <summary>The workflow object.</summary>
    public static object Instance => Run.Instance;

    /// <summary>True in workflow code.</summary>
    public static bool InWorkflow => TaskScheduler.Current is WorkflowScheduler;

    /// <summary>A logger that is silent in replay, and names workflow, run and update in its scope.</summary>
    public static ILogger Logger => Run.Logger;

    /// <summary>The memo.</summary>
    public static IReadOnlyDictionary<string, IRawValue> Memo => Run.Properties.Memo;

    /// <summary>Makes metrics that are silent in replay and in queries, tagged with hub ("namespace"), "task_queue" and "workflow_type".</summary>
    public static MetricMeter MetricMeter => Run.MetricMeter;

    /// <summary>Turns payloads into values.</summary>
    public static IPayloadConverter PayloadConverter => Run.Payloads;

    /// <summary>Query handlers by name; may be changed.</summary>
    public static IDictionary<string, WorkflowQueryDefinition> Queries => Run.Handlers.Queries;

    /// <summary>Random numbers that are the same on replay.</summary>
    public static DeterministicRandom Random => Run.Random;

    /// <summary>Signal handlers by name; may be changed. Signals that waited for a handler are delivered when it is added.</summary>
    public static IDictionary<string, WorkflowSignalDefinition> Signals => Run.Handlers.Signals;

    /// <summary>
    /// Why the run should continue as new; empty when it need not. A history is long from 4,096 events, large from 4 MiB, and has many updates from 1,800 that were
    /// accepted before the present task.
    /// </summary>
    public static IReadOnlyCollection<SuggestContinueAsNewReason> SuggestedContinueAsNewReasons => Run.Facts.ContinueAsNewReasons;

    /// <summary>
    /// True when another build takes the hub's work: a message for this run, which is pinned, came by way of a process of that build. Stays true for the run. Nobody
    /// is asked, so a run that only its own build's processes wake sees nothing. Continue as new with <see cref="InitialVersioningBehavior.AutoUpgrade"/> to move.
    /// </summary>
    public static bool TargetWorkerDeploymentVersionChanged => (Run.Facts.Flags & History.TaskFlags.OtherBuildSeen) != 0;

    /// <summary>Search attributes.</summary>
    public static SearchAttributeCollection TypedSearchAttributes => Run.Properties.SearchAttributes;

    /// <summary>Update handlers by name; may be changed.</summary>
    public static IDictionary<string, WorkflowUpdateDefinition> Updates => Run.Handlers.Updates;

    /// <summary>Time of the present task, UTC: the same all through it and on replay, and never going back.</summary>
    public static DateTime UtcNow => Run.Now.UtcDateTime;

    internal static WorkflowRun Run
    {
        get
        {
            if (TaskScheduler.Current is not WorkflowScheduler scheduler)
            {
                throw new InvalidOperationException(
                    "Not in workflow: this was called outside of workflow code, or after Task.Run, ConfigureAwait(false) or another scheduler had left it.");
            }

            scheduler.Run.ThrowIfAbandoned();
            return scheduler.Run;
        }
    }

    /// <summary>Waits, for any length of time, at no cost.</summary>
    /// <param name="millisecondsDelay">Milliseconds. -1 (infinite): until cancelled. 0: 1 ms.</param>
    /// <param name="cancellationToken">Ends the wait with an exception. Null (default): <see cref="CancellationToken"/>.</param>
    /// <returns>Completes when the time has passed.</returns>
    public static Task DelayAsync(int millisecondsDelay, CancellationToken? cancellationToken = null) =>
        DelayAsync(TimeSpan.FromMilliseconds(millisecondsDelay), cancellationToken);

    /// <summary>Waits, for any length of time, at no cost.</summary>
    /// <param name="delay">How long. <see cref="Timeout.InfiniteTimeSpan"/>: until cancelled. Zero: 1 ms.</param>
    /// <param name="cancellationToken">Ends the wait with an exception. Null (default): <see cref="CancellationToken"/>.</param>
    /// <returns>Completes when the time has passed.</returns>
    public static Task DelayAsync(TimeSpan delay, CancellationToken? cancellationToken = null) =>
        Run.Outbound.DelayAsync(new(delay, cancellationToken, null));

    /// <summary>Waits, for any length of time, at no cost.</summary>
    /// <param name="options">How long, and more.</param>
    /// <returns>Completes when the time has passed.</returns>
    public static Task DelayWithOptionsAsync(DelayOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return Run.Outbound.DelayAsync(new(options.Delay, options.CancellationToken, options.Summary));
    }

    /// <summary>Waits until a condition holds. It is checked whenever the workflow has done something.</summary>
    /// <param name="conditionCheck">The condition. It must change nothing.</param>
    /// <param name="cancellationToken">Ends the wait with an exception. Null (default): <see cref="CancellationToken"/>.</param>
    /// <returns>Completes when it holds.</returns>
    public static Task WaitConditionAsync(Func<bool> conditionCheck, CancellationToken? cancellationToken = null) =>
        WaitConditionWithOptionsAsync(new WaitConditionOptions(conditionCheck) { CancellationToken = cancellationToken });

    /// <summary>Waits until a condition holds, up to a time.</summary>
    /// <param name="conditionCheck">The condition. It must change nothing.</param>
    /// <param name="timeoutMilliseconds">Longest wait.</param>
    /// <param name="cancellationToken">Ends the wait with an exception. Null (default): <see cref="CancellationToken"/>.</param>
    /// <returns>False when the time passed first.</returns>
    public static Task<bool> WaitConditionAsync(Func<bool> conditionCheck, int timeoutMilliseconds, CancellationToken? cancellationToken = null) =>
        WaitConditionAsync(conditionCheck, TimeSpan.FromMilliseconds(timeoutMilliseconds), cancellationToken);

    /// <summary>Waits until a condition holds, up to a time.</summary>
    /// <param name="conditionCheck">The condition. It must change nothing.</param>
    /// <param name="timeout">Longest wait.</param>
    /// <param name="cancellationToken">Ends the wait with an exception. Null (default): <see cref="CancellationToken"/>.</param>
    /// <returns>False when the time passed first.</returns>
    public static Task<bool> WaitConditionAsync(Func<bool> conditionCheck, TimeSpan timeout, CancellationToken? cancellationToken = null) =>
        WaitConditionWithOptionsAsync(new WaitConditionOptions(conditionCheck) { Timeout = timeout, CancellationToken = cancellationToken });

    /// <summary>Waits until a condition holds.</summary>
    /// <param name="options">The condition, and more.</param>
    /// <returns>False when a time-out passed first.</returns>
    public static Task<bool> WaitConditionWithOptionsAsync(WaitConditionOptions options) => Run.Conditions.WaitAsync(options);

    /// <summary>A UUID that is the same on replay.</summary>
    /// <returns>The UUID.</returns>
    public static Guid NewGuid() => Run.Random.NextGuid();

    /// <summary>True for runs that reach this place for the first time with code that has the patch: take the new branch. False for runs that passed here before: take the old one.</summary>
    /// <param name="patchId">Id of the change; unique in the workflow.</param>
    /// <returns>Which branch.</returns>
    public static bool Patched(string patchId) => Run.Patches.Patched(patchId, deprecated: false);

    /// <summary>Stands in the place of <see cref="Patched"/> when no run needs the old branch any more.</summary>
    /// <param name="patchId">Id of the change.</param>
    public static void DeprecatePatch(string patchId) => Run.Patches.Patched(patchId, deprecated: true);

    /// <summary>Changes the memo. All of it may have 256 KiB; more blocks the workflow.</summary>
    /// <param name="updates">At least one change.</param>
    public static void UpsertMemo(params MemoUpdate[] updates) => Run.Properties.UpsertMemo(updates);

    /// <summary>Changes search attributes. All of them may have 40 KiB; more blocks the workflow.</summary>
    /// <param name="updates">At least one change.</param>
    public static void UpsertTypedSearchAttributes(params SearchAttributeUpdate[] updates) => Run.Properties.UpsertSearchAttributes(updates);

    /// <summary>Runs code beside the rest, still one piece at a time and in workflow order: what Task.Run is elsewhere.</summary>
    /// <param name="function">The code.</param>
    /// <param name="cancellationToken">Keeps it from starting. Null (default): <see cref="CancellationToken"/>.</param>
    /// <returns>Completes with it.</returns>
    public static Task RunTaskAsync(Func<Task> function, CancellationToken? cancellationToken = null) =>
        Task.Factory.StartNew(() => KeptTasks.Keep(function()), cancellationToken ?? CancellationToken, TaskCreationOptions.None, Run.Scheduler).Unwrap();

    /// <summary>Runs code beside the rest, still one piece at a time and in workflow order: what Task.Run is elsewhere.</summary>
    /// <typeparam name="TResult">Its result.</typeparam>
    /// <param name="function">The code.</param>
    /// <param name="cancellationToken">Keeps it from starting. Null (default): <see cref="CancellationToken"/>.</param>
    /// <returns>Completes with it.</returns>
    public static Task<TResult> RunTaskAsync<TResult>(Func<Task<TResult>> function, CancellationToken? cancellationToken = null) =>
        Task.Factory.StartNew(() => KeptTasks.Keep(function()), cancellationToken ?? CancellationToken, TaskCreationOptions.None, Run.Scheduler).Unwrap();

    /// <summary>Completes with the first of the tasks.</summary>
    /// <param name="tasks">At least one.</param>
    /// <returns>The first to complete.</returns>
    public static Task<Task> WhenAnyAsync(params Task[] tasks) => KeptTasks.WhenAny(tasks);

    /// <summary>Completes with the first of the tasks.</summary>
    /// <param name="tasks">At least one.</param>
    /// <returns>The first to complete.</returns>
    public static Task<Task> WhenAnyAsync(IEnumerable<Task> tasks) => KeptTasks.WhenAny(tasks);

    /// <summary>Completes with the first of the tasks.</summary>
    /// <typeparam name="TResult">Their result.</typeparam>
    /// <param name="tasks">At least one.</param>
    /// <returns>The first to complete.</returns>
    public static async Task<Task<TResult>> WhenAnyAsync<TResult>(params Task<TResult>[] tasks) => (Task<TResult>)await KeptTasks.WhenAny(tasks);

    /// <summary>Completes with the first of the tasks.</summary>
    /// <typeparam name="TResult">Their result.</typeparam>
    /// <param name="tasks">At least one.</param>
    /// <returns>The first to complete.</returns>
    public static async Task<Task<TResult>> WhenAnyAsync<TResult>(IEnumerable<Task<TResult>> tasks) => (Task<TResult>)await KeptTasks.WhenAny(tasks);

    /// <summary>Completes with the last of the tasks.</summary>
    /// <param name="tasks">The tasks.</param>
    /// <returns>Completes when all have.</returns>
    public static Task WhenAllAsync(IEnumerable<Task> tasks) => Task.WhenAll(tasks.Select(KeptTasks.Keep));

    /// <summary>Completes with the last of the tasks.</summary>
    /// <param name="tasks">The tasks.</param>
    /// <returns>Completes when all have.</returns>
    public static Task WhenAllAsync(params Task[] tasks) => Task.WhenAll(tasks.Select(KeptTasks.Keep));

    /// <summary>Completes with the last of the tasks.</summary>
    /// <typeparam name="TResult">Their result.</typeparam>
    /// <param name="tasks">The tasks.</param>
    /// <returns>All results, in the order of the tasks.</returns>
    public static Task<TResult[]> WhenAllAsync<TResult>(IEnumerable<Task<TResult>> tasks) => Task.WhenAll(tasks.Select(KeptTasks.Keep));

    /// <summary>Completes with the last of the tasks.</summary>
    /// <typeparam name="TResult">Their result.</typeparam>
    /// <param name="tasks">The tasks.</param>
    /// <returns>All results, in the order of the tasks.</returns>
    public static Task<TResult[]> WhenAllAsync<TResult>(params Task<TResult>[] tasks) => Task.WhenAll(tasks.Select(KeptTasks.Keep));

    /// <summary>What workflow code should not need.</summary>
    public static class Unsafe
    {
        /// <summary>True while recorded history is run again. Nothing that the workflow does may depend on it.</summary>
        public static bool IsReplaying => Run.IsReplaying;

        /// <summary>Same as <see cref="IsReplaying"/>, and false in queries and validators.</summary>
        public static bool IsReplayingHistoryEvents => Run.IsReplaying && !Run.Commands.IsReadOnly;

        /// <summary>Runs code whose tasks on other schedulers are not reported, a logging or tracing library's for instance.</summary>
        /// <typeparam name="T">Its result.</typeparam>
        /// <param name="fn">The code. It must not await.</param>
        /// <returns>What it returns.</returns>
        public static T WithTracingEventListenerDisabled<T>(Func<T> fn)
        {
            using var outside = WorkflowScheduler.Leave();
            return fn();
        }

        /// <summary>Runs code whose tasks on other schedulers are not reported, a logging or tracing library's for instance.</summary>
        /// <param name="fn">The code. It must not await.</param>
        public static void WithTracingEventListenerDisabled(Action fn)
        {
            using var outside = WorkflowScheduler.Leave();
            fn();
        }
    }
}
