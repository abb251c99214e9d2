using Serverless.Activities;
using Serverless.Api.Enums.V1;
using Serverless.Converters;
using Serverless.Exceptions;
using Serverless.History;
using Serverless.Storage;

namespace Serverless.Engine;

/// <summary>One running attempt: its clocks, its heartbeats, its cancellation.</summary>
internal sealed class ActivityAttempt : IDisposable
{
    private static readonly TimeSpan DefaultThrottle = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan LongestThrottle = TimeSpan.FromSeconds(60);
    private readonly EngineServices _services;
    private readonly ActivityScheduled _scheduled;
    private readonly DateTimeOffset _started;
    private readonly CancellationTokenSource _cancel = new();
    private readonly CancellationTokenRegistration _shutdown;
    private readonly Lock _lock = new();
    private ActivityCancelReason _reason;
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private IReadOnlyList<Payload>? _unrecorded;
    private DateTimeOffset _lastHeartbeat;
    private DateTimeOffset? _lastRecorded;

    public ActivityAttempt(EngineServices services, ActivityJob job, ActivityScheduled scheduled, DateTimeOffset started)
    {
        _services = services;
        Job = job;
        _scheduled = scheduled;
        _started = started;
        _lastHeartbeat = started;
        HeartbeatDetails = job.HeartbeatDetails;
        _shutdown = services.Shutdown.UnsafeRegister(static attempt => ((ActivityAttempt)attempt!).Cancel(ActivityCancelReason.WorkerShutdown), this);
    }

    public ActivityJob Job { get; }

    public IReadOnlyList<Payload> HeartbeatDetails { get; private set; }

    /// <summary>True when nobody waits for the result any more.</summary>
    public bool WorkflowIsGone => _reason == ActivityCancelReason.GoneFromServer;

    private TimeSpan Throttle => _scheduled.HeartbeatTimeout is { } timeout
        ? TimeSpan.FromTicks(Math.Min((long)(timeout.Ticks * 0.8), LongestThrottle.Ticks))
        : DefaultThrottle;

    public async Task<ActivityOutcome> RunAsync()
    {
        var code = _services.Code.RunActivityAsync(() => _services.Activities.InvokeAsync(Invocation()));
        while (!code.IsCompleted)
        {
            Task changed;
            lock (_lock)
            {
                changed = _changed.Task;
            }

            var (at, timeout) = NextDeadline();
            var left = at - _services.Time.GetUtcNow();
            if (left <= TimeSpan.Zero && timeout is { } type)
            {
                Cancel(ActivityCancelReason.Timeout);
                return new ActivityOutcome.Failed(ActivityRunner.Timeout(type, Job with { HeartbeatDetails = HeartbeatDetails }));
            }

            await _services.Time.WaitAsync(BoundedWait.FirstAsync(code, changed), left);
            await RecordHeartbeatAsync();
        }

        return await code;
    }

    /// <summary>Asks the code to stop. The first reason counts.</summary>
    public void Cancel(ActivityCancelReason reason)
    {
        lock (_lock)
        {
            if (_reason != ActivityCancelReason.None)
            {
                return;
            }

            _reason = reason;
        }

        _cancel.Cancel();
    }

    public void Dispose()
    {
        _shutdown.Dispose();
        _cancel.Dispose();
    }

    private ActivityInvocation Invocation() => new()
    {
        WorkflowId = Job.WorkflowId,
        RunId = Job.RunId,
        WorkflowType = Job.WorkflowType,
        ScheduledEventId = Job.ScheduledEventId,
        Scheduled = _scheduled,
        Attempt = Job.Attempt,
        ScheduledTime = Job.ScheduledAt,
        CurrentAttemptScheduledTime = Job.DueAt,
        StartedTime = _started,
        HeartbeatDetails = Job.HeartbeatDetails,
        TaskToken = ActivityToken.Encode(Job),
        Cancel = _cancel.Token,
        CancelReason = () => _reason,
        WorkerShutdown = _services.Shutdown,
        Heartbeat = OnHeartbeat,
    };

    private void OnHeartbeat(IReadOnlyList<Payload> details)
    {
        if (SizeLimits.ProblemOf("The heartbeat details", details, _services.Options.Limits) is { } problem)
        {
            throw new ApplicationFailureException(problem, errorType: SizeLimits.ErrorType, nonRetryable: true);
        }

        lock (_lock)
        {
            HeartbeatDetails = details;
            _unrecorded = details;
            _lastHeartbeat = _services.Time.GetUtcNow();
            _changed.TrySetResult();
        }
    }

    /// <summary>The next moment to look again: a time-out, or (null type) the next heartbeat that may be recorded.</summary>
    private (DateTimeOffset At, TimeoutType? Type) NextDeadline()
    {
        (DateTimeOffset At, TimeoutType? Type) next = (DateTimeOffset.MaxValue, null);
        void Consider(DateTimeOffset? at, TimeoutType? type)
        {
            if (at < next.At)
            {
                next = (at.Value, type);
            }
        }

        lock (_lock)
        {
            Consider(Job.Deadline, TimeoutType.ScheduleToClose);
            Consider(_scheduled.StartToCloseTimeout is { } timeout ? _started.After(timeout) : null, TimeoutType.StartToClose);
            Consider(_scheduled.HeartbeatTimeout is { } beat ? _lastHeartbeat.After(beat) : null, TimeoutType.Heartbeat);
            Consider(_unrecorded is not null && _lastRecorded is { } recorded ? recorded + Throttle : null, null);
        }

        return next;
    }

    private async Task RecordHeartbeatAsync()
    {
        IReadOnlyList<Payload>? details;
        var now = _services.Time.GetUtcNow();
        lock (_lock)
        {
            if (_changed.Task.IsCompleted)
            {
                _changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            }

            if (_unrecorded is null || (_lastRecorded is { } last && now - last < Throttle))
            {
                return;
            }

            details = _unrecorded;
            _unrecorded = null;
            _lastRecorded = now;
        }

        try
        {
            var row = new ActivityAttemptRow(Job.Attempt, null, Job.LastFailure, details) { LastHeartbeat = now };
            if (!await _services.Journal.WriteWhileOpenAsync(Job.WorkflowId, Job.Key, row.Encode(), _services.Shutdown))
            {
                Cancel(ActivityCancelReason.GoneFromServer);
            }
            else if ((await _services.Reading.ReadActivityAsync(Job.WorkflowId, Job.RunNumber, Job.ScheduledEventId, _services.Shutdown)).CancelRequested)
            {
                Cancel(ActivityCancelReason.CancelRequested);
            }
        }
        catch (StorageException)
        {
            // The next heartbeat tries again; the activity itself is not disturbed by storage.
        }
    }
}

/// <summary>Names an attempt to whoever completes it from outside.</summary>
internal static class ActivityToken
{
    public static byte[] Encode(ActivityJob job) => (job.Message(WorkKind.Activity, "") with { Activity = null }).Encode();

    /// <exception cref="InvalidDataException">It is no token of ours.</exception>
    public static WorkMessage Decode(ReadOnlyMemory<byte> token) => WorkMessage.Decode(token);
}

/// <summary>The attempts that run in this process, to cancel them without a detour.</summary>
internal sealed class RunningActivities
{
    private readonly Lock _lock = new();
    private readonly List<ActivityAttempt> _attempts = [];

    public void Add(ActivityAttempt attempt)
    {
        lock (_lock)
        {
            _attempts.Add(attempt);
        }
    }

    public void Remove(ActivityAttempt attempt)
    {
        lock (_lock)
        {
            _attempts.Remove(attempt);
        }
    }

    /// <summary>True when the activity runs here.</summary>
    public bool Contains(string workflowId, string runId, long scheduledEventId)
    {
        lock (_lock)
        {
            return _attempts.Exists(a => a.Job.WorkflowId == workflowId && a.Job.RunId == runId && a.Job.ScheduledEventId == scheduledEventId);
        }
    }

    /// <summary>True when the activity runs here and was asked to stop.</summary>
    public bool Cancel(string workflowId, string runId, long? scheduledEventId, ActivityCancelReason reason)
    {
        List<ActivityAttempt> found;
        lock (_lock)
        {
            found = _attempts.FindAll(
                a => a.Job.WorkflowId == workflowId && a.Job.RunId == runId && (scheduledEventId is null || a.Job.ScheduledEventId == scheduledEventId));
        }

        found.ForEach(a => a.Cancel(reason));
        return found.Count > 0;
    }
}
