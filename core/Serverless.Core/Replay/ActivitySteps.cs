using System.Globalization;
using Serverless.Api.Enums.V1;
using Serverless.Converters;
using Serverless.Exceptions;
using Serverless.History;
using Serverless.Workflows;

namespace Serverless.Replay;

/// <summary>Activities of a run.</summary>
internal sealed class ActivitySteps(WorkflowRun run)
{
    private readonly Dictionary<long, PendingActivity> _pending = [];
    private long _scheduled;

    public Task<T> ExecuteAsync<T>(string activity, IReadOnlyCollection<object?> args, ActivityOptions options, IReadOnlyDictionary<string, Payload> headers)
    {
        ArgumentNullException.ThrowIfNull(options);
        CheckTimeouts(activity, options.StartToCloseTimeout, options.ScheduleToCloseTimeout);
        var owner = Owner(NextId(options.ActivityId), activity, options.TaskQueue, isLocal: false);
        return ScheduleAsync<T>(
            new ActivityScheduled(owner.ActivityId!, activity, owner.ActivityTaskQueue!, run.Encode(args, owner))
            {
                ScheduleToCloseTimeout = options.ScheduleToCloseTimeout,
                ScheduleToStartTimeout = options.ScheduleToStartTimeout,
                StartToCloseTimeout = options.StartToCloseTimeout,
                HeartbeatTimeout = options.HeartbeatTimeout,
                RetryPolicy = options.RetryPolicy?.Copy(),
                CancellationType = options.CancellationType,
                Summary = options.Summary,
                Headers = headers,
                GoesToQueue = options.DisableEagerActivityExecution,
                Priority = (options.Priority ?? run.Info.Priority).ToInfo(),
            },
            owner,
            options.CancellationToken ?? run.CancellationToken);
    }

    public Task<T> ExecuteLocalAsync<T>(
        string activity, IReadOnlyCollection<object?> args, LocalActivityOptions options, IReadOnlyDictionary<string, Payload> headers)
    {
        ArgumentNullException.ThrowIfNull(options);
        CheckTimeouts(activity, options.StartToCloseTimeout, options.ScheduleToCloseTimeout);
        run.CheckLocalActivity(activity);
        var owner = Owner(NextId(options.ActivityId), activity, null, isLocal: true);
        return ScheduleAsync<T>(
            new ActivityScheduled(owner.ActivityId!, activity, owner.ActivityTaskQueue!, run.Encode(args, owner))
            {
                IsLocal = true,
                ScheduleToCloseTimeout = options.ScheduleToCloseTimeout,
                ScheduleToStartTimeout = options.ScheduleToStartTimeout,
                StartToCloseTimeout = options.StartToCloseTimeout,
                RetryPolicy = options.RetryPolicy?.Copy(),
                CancellationType = options.CancellationType,
                Summary = options.Summary,
                Headers = headers,
            },
            owner,
            options.CancellationToken ?? run.CancellationToken);
    }

    public void Closed(ActivityClosed e)
    {
        if (!_pending.Remove(e.ScheduledEventId, out var activity))
        {
            return;
        }

        // Asked for in this very task, of an activity that has ended: the request would reach nobody.
        activity.CancelRequest?.TakeBack();
        activity.Registration.Dispose();
        if (activity.IsDone)
        {
            return;
        }

        switch (e)
        {
            case ActivityCompleted x:
                activity.Complete(x.Result, run.ConverterOf(activity.Owner).PayloadConverter);
                break;
            case ActivityFailed x:
                Fail(activity, e.Identity, x.Failure, x.RetryState);
                break;
            case ActivityTimedOut x:
                Fail(activity, e.Identity, x.Failure, x.RetryState);
                break;
            case ActivityCanceled x:
                Fail(activity, e.Identity, new Failure("The activity was cancelled.", new CanceledFailureInfo(x.Details)), RetryState.CancelRequested);
                break;
        }
    }

    private static void CheckTimeouts(string activity, TimeSpan? startToClose, TimeSpan? scheduleToClose)
    {
        if (startToClose is null && scheduleToClose is null)
        {
            throw new ArgumentException($"Activity '{activity}' needs StartToCloseTimeout or ScheduleToCloseTimeout: without either it could hang for ever.");
        }
    }

    private string NextId(string? given)
    {
        run.CheckWritable();
        _scheduled++;
        return given ?? _scheduled.ToString(CultureInfo.InvariantCulture);
    }

    private ISerializationContext.Activity Owner(string id, string activity, string? taskQueue, bool isLocal) =>
        new(run.Info.Namespace, id, run.Info.WorkflowId, run.Info.WorkflowType, activity, taskQueue ?? run.Info.TaskQueue, isLocal);

    private Task<T> ScheduleAsync<T>(ActivityScheduled scheduled, ISerializationContext.Activity owner, CancellationToken token)
    {
        if (token.IsCancellationRequested)
        {
            return Task.FromException<T>(new CanceledFailureException("Activity cancelled before scheduled"));
        }

        var activity = new PendingActivity<T>(scheduled, owner);
        activity.Command = run.Commands.Add(scheduled, eventId => _pending[eventId] = activity);
        activity.Registration = run.OnCancel(() => Cancel(activity), token);
        return activity.Task;
    }

    private void Cancel(PendingActivity activity)
    {
        var (command, type) = (activity.Command!, activity.Scheduled.CancellationType);
        var taken = command.TakeBack();
        if (!taken && type != ActivityCancellationType.Abandon)
        {
            activity.CancelRequest = run.Commands.Add(new ActivityCancelRequested(command.EventId));
        }

        if (taken || type != ActivityCancellationType.WaitCancellationCompleted)
        {
            Fail(activity, null, new Failure("The activity was cancelled.", new CanceledFailureInfo([])), RetryState.CancelRequested);
        }
    }

    private void Fail(PendingActivity activity, string? identity, Failure cause, RetryState state)
    {
        var (command, scheduled) = (activity.Command!, activity.Scheduled);
        var failure = new Failure(
            "The activity failed.",
            new ActivityFailureInfo(command.EventId, scheduled.ActivityType, scheduled.ActivityId, identity, state)) { Cause = cause };
        activity.Fail(run.ToException(failure, activity.Owner));
    }

    /// <summary>An activity that has not ended, as far as history says.</summary>
    private abstract class PendingActivity(ActivityScheduled scheduled, ISerializationContext.Activity owner)
    {
        public ActivityScheduled Scheduled { get; } = scheduled;

        /// <summary>Whose the arguments and the outcome are.</summary>
        public ISerializationContext.Activity Owner { get; } = owner;

        public Command? Command { get; set; }

        public Command? CancelRequest { get; set; }

        public CancellationTokenRegistration Registration { get; set; }

        public abstract bool IsDone { get; }

        public abstract void Complete(Payload? result, IPayloadConverter converter);

        public abstract void Fail(Exception e);
    }

    /// <summary>An activity whose result the code awaits as <typeparamref name="T"/>: no step lies between the two.</summary>
    private sealed class PendingActivity<T>(ActivityScheduled scheduled, ISerializationContext.Activity owner) : PendingActivity(scheduled, owner)
    {
        private readonly TaskCompletionSource<T> _done = new();

        public Task<T> Task => _done.Task;

        public override bool IsDone => _done.Task.IsCompleted;

        public override void Complete(Payload? result, IPayloadConverter converter)
        {
            try
            {
                _done.TrySetResult(result is null || typeof(T) == typeof(ValueTuple) ? default! : converter.ToValue<T>(result));
            }
            catch (Exception e)
            {
                _done.TrySetException(e);
            }
        }

        public override void Fail(Exception e) => _done.TrySetException(e);
    }
}
