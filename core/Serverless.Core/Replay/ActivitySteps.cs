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
    private readonly Dictionary<long, TaskCompletionSource<Payload?>> _pending = [];
    private readonly Dictionary<long, ActivityScheduled> _known = [];
    private long _scheduled;

    public int PendingCount => _pending.Count;

    public Task<T> ExecuteAsync<T>(string activity, IReadOnlyCollection<object?> args, ActivityOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        CheckTimeouts(activity, options.StartToCloseTimeout, options.ScheduleToCloseTimeout);
        return ScheduleAsync<T>(
            new ActivityScheduled(NextId(options.ActivityId), activity, options.TaskQueue ?? run.Info.TaskQueue, run.Encode(args))
            {
                ScheduleToCloseTimeout = options.ScheduleToCloseTimeout,
                ScheduleToStartTimeout = options.ScheduleToStartTimeout,
                StartToCloseTimeout = options.StartToCloseTimeout,
                HeartbeatTimeout = options.HeartbeatTimeout,
                RetryPolicy = options.RetryPolicy,
                CancellationType = options.CancellationType,
                Summary = options.Summary,
                Headers = run.Started.Headers,
                Priority = options.Priority is { } p ? new PriorityInfo(p.PriorityKey, p.FairnessKey, p.FairnessWeight) : null,
            },
            options.CancellationToken ?? run.CancellationToken);
    }

    public Task<T> ExecuteLocalAsync<T>(string activity, IReadOnlyCollection<object?> args, LocalActivityOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        CheckTimeouts(activity, options.StartToCloseTimeout, options.ScheduleToCloseTimeout);
        return ScheduleAsync<T>(
            new ActivityScheduled(NextId(options.ActivityId), activity, run.Info.TaskQueue, run.Encode(args))
            {
                IsLocal = true,
                ScheduleToCloseTimeout = options.ScheduleToCloseTimeout,
                ScheduleToStartTimeout = options.ScheduleToStartTimeout,
                StartToCloseTimeout = options.StartToCloseTimeout,
                RetryPolicy = options.RetryPolicy,
                CancellationType = options.CancellationType,
                Summary = options.Summary,
                Headers = run.Started.Headers,
            },
            options.CancellationToken ?? run.CancellationToken);
    }

    public void Closed(ActivityClosed e)
    {
        if (!_pending.Remove(e.ScheduledEventId, out var done))
        {
            return;
        }

        switch (e)
        {
            case ActivityCompleted x:
                done.TrySetResult(x.Result);
                break;
            case ActivityFailed x:
                done.TrySetException(Wrap(e, x.Failure, x.RetryState));
                break;
            case ActivityTimedOut x:
                done.TrySetException(Wrap(e, x.Failure, x.RetryState));
                break;
            case ActivityCanceled x:
                done.TrySetException(Wrap(e, new Failure("The activity was cancelled.", new CanceledFailureInfo(x.Details)), RetryState.CancelRequested));
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

    private async Task<T> ScheduleAsync<T>(ActivityScheduled scheduled, CancellationToken token)
    {
        if (token.IsCancellationRequested)
        {
            throw new CanceledFailureException("Activity cancelled before scheduled");
        }

        var done = new TaskCompletionSource<Payload?>();
        Command? command = null;
        command = run.Commands.Add(scheduled, eventId =>
        {
            if (!done.Task.IsCompleted)
            {
                _pending[eventId] = done;
                _known[eventId] = scheduled;
            }
        });
        using var registration = token.Register(() => Cancel(command, scheduled, done));
        var result = await done.Task;
        _known.Remove(command.EventId);
        return result is null ? default! : run.Payloads.ToValue<T>(result);
    }

    private void Cancel(Command command, ActivityScheduled scheduled, TaskCompletionSource<Payload?> done)
    {
        if (done.Task.IsCompleted)
        {
            return;
        }

        var taken = run.Commands.TakeBack(command);
        if (!taken && scheduled.CancellationType != ActivityCancellationType.Abandon)
        {
            run.Commands.Add(new ActivityCancelRequested(command.EventId));
        }

        if (taken || scheduled.CancellationType != ActivityCancellationType.WaitCancellationCompleted)
        {
            _pending.Remove(command.EventId);
            done.TrySetException(run.ToException(new Failure(
                "The activity was cancelled.",
                new ActivityFailureInfo(command.EventId, scheduled.ActivityType, scheduled.ActivityId, null, RetryState.CancelRequested))
            {
                Cause = new Failure("The activity was cancelled.", new CanceledFailureInfo([])),
            }));
        }
    }

    private Exception Wrap(ActivityClosed e, Failure cause, RetryState state)
    {
        _known.Remove(e.ScheduledEventId, out var scheduled);
        return run.ToException(new Failure(
            "The activity failed.",
            new ActivityFailureInfo(e.ScheduledEventId, scheduled?.ActivityType ?? "", scheduled?.ActivityId ?? "", e.Identity, state)) { Cause = cause });
    }
}
