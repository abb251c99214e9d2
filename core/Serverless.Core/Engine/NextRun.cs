using Serverless.Api.Enums.V1;
using Serverless.Common;
using Serverless.Converters;
using Serverless.History;

namespace Serverless.Engine;

/// <summary>
/// Whether a closing run is followed by another run of its chain: continue-as-new, the workflow's retry policy, its cron schedule. Pure.
/// </summary>
internal static class NextRun
{
    /// <summary>Event 1 of the next run, or null when the chain ends.</summary>
    public static WorkflowStarted? After(RunState state, HistoryEvent closing, string newRunId, ulong seed, DateTimeOffset now) => closing switch
    {
        WorkflowContinuedAsNew e => Continue(state, e, newRunId, seed, now),
        WorkflowFailed e => Retry(state, e.Failure, newRunId, seed, now) ?? Cron(state, null, e.Failure, newRunId, seed, now),
        WorkflowTimedOut when state.Started.ChainEnd() <= now => null,
        WorkflowTimedOut { Type: TimeoutType.StartToClose } =>
            Retry(state, RunTimeoutFailure, newRunId, seed, now) ?? Cron(state, null, RunTimeoutFailure, newRunId, seed, now),
        WorkflowCompleted e => Cron(state, e.Result, null, newRunId, seed, now),
        _ => null,
    };

    /// <summary>A closing event that says whether its failure is retried, and if not, why.</summary>
    public static HistoryEvent WithRetryState(RunState state, HistoryEvent closing, DateTimeOffset now) => closing switch
    {
        WorkflowFailed e => e with { RetryState = Decide(state, e.Failure, now).State },
        WorkflowTimedOut e => e with { RetryState = state.Started.ChainEnd() <= now ? RetryState.Timeout : Decide(state, RunTimeoutFailure, now).State },
        _ => closing,
    };

    private static readonly Failure RunTimeoutFailure = new("The run time-out of the workflow passed.", new TimeoutFailureInfo(TimeoutType.StartToClose));

    private static WorkflowStarted Continue(RunState state, WorkflowContinuedAsNew e, string newRunId, ulong seed, DateTimeOffset now) =>
        Follow(state, newRunId, seed, now) with
        {
            WorkflowType = e.WorkflowType,
            TaskQueue = e.TaskQueue,
            Args = e.Args,
            Initiator = ContinueAsNewInitiator.Workflow,
            RunTimeout = e.RunTimeout ?? state.Started.RunTimeout,
            TaskTimeout = e.TaskTimeout ?? state.Started.TaskTimeout,
            RetryPolicy = e.RetryPolicy ?? state.Started.RetryPolicy,
            FirstTaskDelay = e.BackoffStartInterval,
            Memo = e.Memo ?? Copy(state.Memo),
            SearchAttributes = e.SearchAttributes ?? Copy(state.SearchAttributes),
            Headers = e.Headers,
        };

    private static WorkflowStarted? Retry(RunState state, Failure failure, string newRunId, ulong seed, DateTimeOffset now)
    {
        var started = state.Started;
        return Decide(state, failure, now).NextDelay is not { } delay
            ? null
            : Follow(state, newRunId, seed, now) with
            {
                Initiator = ContinueAsNewInitiator.Retry,
                Attempt = started.Attempt + 1,
                FirstTaskDelay = delay,
                LastFailure = failure,
            };
    }

    private static RetryDecision Decide(RunState state, Failure failure, DateTimeOffset now) => state.Started.RetryPolicy is { } policy
        ? RetryDecision.After(policy, state.Started.Attempt, failure, now, state.Started.ChainEnd())
        : new(null, RetryState.RetryPolicyNotSet);

    private static WorkflowStarted? Cron(RunState state, Payload? result, Failure? failure, string newRunId, ulong seed, DateTimeOffset now)
    {
        var started = state.Started;
        if (started.CronSchedule is not { Length: > 0 } schedule || CronTimes.Next(schedule, now, started.FirstTaskDue()) is not { } next)
        {
            return null;
        }

        return Follow(state, newRunId, seed, now) with
        {
            Initiator = ContinueAsNewInitiator.CronSchedule,
            Attempt = 1,
            FirstTaskDelay = next - now,
            LastResult = result ?? started.LastResult,
            LastFailure = failure,
        };
    }

    private static WorkflowStarted Follow(RunState state, string newRunId, ulong seed, DateTimeOffset now) => state.Started with
    {
        Id = 0,
        Time = now,
        RunId = newRunId,
        ContinuedFromRunId = state.Started.RunId,
        RandomSeed = seed,
        RequestId = null,
        FirstTaskDelay = null,
        LastFailure = null,
        Attempt = 1,
        Memo = Copy(state.Memo),
        SearchAttributes = Copy(state.SearchAttributes),
    };

    private static SortedDictionary<string, Payload> Copy(IReadOnlyDictionary<string, Payload> values) =>
        new(new Dictionary<string, Payload>(values), StringComparer.Ordinal);
}

/// <summary>Whether and when a failed attempt is repeated. Pure.</summary>
/// <param name="NextDelay">Wait before the next attempt; null: no more attempts.</param>
/// <param name="State">Why not.</param>
internal readonly record struct RetryDecision(TimeSpan? NextDelay, RetryState State)
{
    /// <param name="policy">The policy.</param>
    /// <param name="attempt">The attempt that failed, from 1.</param>
    /// <param name="failure">How it failed.</param>
    /// <param name="now">When.</param>
    /// <param name="deadline">No attempt may start at or after it; null: no deadline.</param>
    public static RetryDecision After(RetryPolicy policy, int attempt, Failure failure, DateTimeOffset now, DateTimeOffset? deadline)
    {
        if (IsFinal(failure) || IsListed(policy, failure))
        {
            return new(null, RetryState.NonRetryableFailure);
        }

        if (policy.MaximumAttempts > 0 && attempt >= policy.MaximumAttempts)
        {
            return new(null, RetryState.MaximumAttemptsReached);
        }

        var delay = (failure.Info as ApplicationFailureInfo)?.NextRetryDelay ?? BackOff(policy, attempt);
        return deadline is { } end && now.After(delay) >= end ? new(null, RetryState.Timeout) : new(delay, RetryState.InProgress);
    }

    private static TimeSpan BackOff(RetryPolicy policy, int attempt)
    {
        var factor = Math.Pow(policy.BackoffCoefficient, Math.Min(attempt - 1, 1000));
        var seconds = policy.InitialInterval.TotalSeconds * factor;
        var longest = policy.MaximumInterval?.TotalSeconds ?? policy.InitialInterval.TotalSeconds * 100;
        var wait = seconds < longest ? seconds : longest;
        return wait < TimeSpan.MaxValue.TotalSeconds ? TimeSpan.FromSeconds(wait) : TimeSpan.MaxValue;
    }

    private static bool IsFinal(Failure failure) => failure.Info switch
    {
        ApplicationFailureInfo info => info.NonRetryable,
        ServerFailureInfo info => info.NonRetryable,
        CanceledFailureInfo or TerminatedFailureInfo => true,
        TimeoutFailureInfo info => info.Type is TimeoutType.ScheduleToStart or TimeoutType.ScheduleToClose,
        _ => false,
    };

    private static bool IsListed(RetryPolicy policy, Failure failure)
    {
        var type = failure.Info switch
        {
            ApplicationFailureInfo info => info.Type,
            TimeoutFailureInfo info => $"TemporalTimeout:{info.Type}",
            _ => null,
        };
        return type is not null && policy.NonRetryableErrorTypes is { } types && types.Contains(type, StringComparer.Ordinal);
    }
}
