namespace Serverless.History;

/// <summary>Writes the fields of each kind of event, by the table of <see cref="EventTag"/>.</summary>
internal static class EventWriter
{
    public static EventKind KindOf(HistoryEvent e) => e switch
    {
        WorkflowTaskCompleted => EventKind.WorkflowTaskCompleted,
        ActivityScheduled => EventKind.ActivityScheduled,
        ActivityCompleted => EventKind.ActivityCompleted,
        TimerStarted => EventKind.TimerStarted,
        TimerFired => EventKind.TimerFired,
        WorkflowSignaled => EventKind.WorkflowSignaled,
        WorkflowStarted => EventKind.WorkflowStarted,
        WorkflowCompleted => EventKind.WorkflowCompleted,
        WorkflowFailed => EventKind.WorkflowFailed,
        WorkflowCanceled => EventKind.WorkflowCanceled,
        WorkflowContinuedAsNew => EventKind.WorkflowContinuedAsNew,
        WorkflowTerminated => EventKind.WorkflowTerminated,
        WorkflowTimedOut => EventKind.WorkflowTimedOut,
        WorkflowResetMarked => EventKind.WorkflowResetMarked,
        WorkflowCancelRequested => EventKind.WorkflowCancelRequested,
        WorkflowPropertiesModified => EventKind.WorkflowPropertiesModified,
        WorkflowUpdateAccepted => EventKind.WorkflowUpdateAccepted,
        WorkflowUpdateCompleted => EventKind.WorkflowUpdateCompleted,
        ActivityCancelRequested => EventKind.ActivityCancelRequested,
        ActivityFailed => EventKind.ActivityFailed,
        ActivityTimedOut => EventKind.ActivityTimedOut,
        ActivityCanceled => EventKind.ActivityCanceled,
        TimerCanceled => EventKind.TimerCanceled,
        ChildWorkflowInitiated => EventKind.ChildWorkflowInitiated,
        ChildWorkflowStarted => EventKind.ChildWorkflowStarted,
        ChildWorkflowStartFailed => EventKind.ChildWorkflowStartFailed,
        ChildWorkflowCompleted => EventKind.ChildWorkflowCompleted,
        ChildWorkflowFailed => EventKind.ChildWorkflowFailed,
        ChildWorkflowCanceled => EventKind.ChildWorkflowCanceled,
        ChildWorkflowTimedOut => EventKind.ChildWorkflowTimedOut,
        ChildWorkflowTerminated => EventKind.ChildWorkflowTerminated,
        ExternalSignalInitiated => EventKind.ExternalSignalInitiated,
        ExternalSignalClosed => EventKind.ExternalSignalClosed,
        ExternalCancelInitiated => EventKind.ExternalCancelInitiated,
        ExternalCancelClosed => EventKind.ExternalCancelClosed,
        PatchMarked => EventKind.PatchMarked,
        PropertiesUpserted => EventKind.PropertiesUpserted,
        _ => throw new ArgumentException($"{e.GetType().Name} has no wire form; give it a number in {nameof(EventKind)}.", nameof(e)),
    };

    public static void WriteFields(WireWriter writer, HistoryEvent e)
    {
        switch (e)
        {
            case WorkflowTaskCompleted task:
                writer.Field(EventTag.Identity, task.Identity);
                writer.Field(EventTag.BuildId, task.BuildId);
                writer.Field(EventTag.ExecutorFlags, task.Flags);
                writer.Field(EventTag.HistoryBytes, task.HistoryBytes);
                break;
            case ActivityScheduled scheduled: Write(writer, scheduled); break;
            case ActivityClosed closed: Write(writer, closed); break;
            case ActivityCancelRequested cancel: writer.Field(EventTag.Event, cancel.ScheduledEventId); break;
            case TimerStarted timer:
                writer.Field(EventTag.Id, timer.TimerId);
                writer.Field(EventTag.Delay, (TimeSpan?)timer.Delay);
                writer.Field(EventTag.Summary, timer.Summary);
                break;
            case TimerFired fired: writer.Field(EventTag.Event, fired.StartedEventId); break;
            case TimerCanceled canceled: writer.Field(EventTag.Event, canceled.StartedEventId); break;
            case WorkflowStarted started: WriteStart(writer, started); break;
            case ChildWorkflowInitiated child: Write(writer, child); break;
            case ChildWorkflowStarted child:
                writer.Field(EventTag.Event, child.InitiatedEventId);
                writer.Field(EventTag.RunId, child.RunId);
                break;
            case ChildWorkflowStartFailed child:
                writer.Field(EventTag.Event, child.InitiatedEventId);
                writer.Field(EventTag.RunId, child.ExistingRunId);
                break;
            case ChildWorkflowClosed closed: Write(writer, closed); break;
            case PatchMarked patch:
                writer.Field(EventTag.Id, patch.PatchId);
                writer.Field(EventTag.Flag, patch.Deprecated);
                break;
            case PropertiesUpserted upsert:
                WriteProperties(writer, upsert.Memo, upsert.SearchAttributes);
                break;
            default: WriteMessageOrEnd(writer, e); break;
        }
    }

    private static void WriteProperties(WireWriter writer, IReadOnlyDictionary<string, Payload?> memo, IReadOnlyDictionary<string, Payload?> searchAttributes)
    {
        writer.Field(EventTag.Memo, memo.Count == 0 ? null : memo);
        writer.Field(EventTag.SearchAttributes, searchAttributes.Count == 0 ? null : searchAttributes);
    }

    private static void WriteMessageOrEnd(WireWriter writer, HistoryEvent e)
    {
        switch (e)
        {
            case WorkflowSignaled signal:
                writer.Field(EventTag.Name, signal.Name);
                writer.Field(EventTag.Values, signal.Args);
                writer.Map(EventTag.Headers, signal.Headers);
                writer.Field(EventTag.Identity, signal.Identity);
                writer.Field(EventTag.RequestId, signal.RequestId);
                break;
            case WorkflowCancelRequested cancel:
                writer.Field(EventTag.Reason, cancel.Reason);
                writer.Field(EventTag.Identity, cancel.Identity);
                break;
            case WorkflowPropertiesModified modified:
                WriteProperties(writer, modified.Memo, modified.SearchAttributes);
                writer.Field(EventTag.Identity, modified.Identity);
                break;
            case WorkflowUpdateAccepted update:
                writer.Field(EventTag.Id, update.UpdateId);
                writer.Field(EventTag.Name, update.Name);
                writer.Field(EventTag.Values, update.Args);
                writer.Map(EventTag.Headers, update.Headers);
                writer.Field(EventTag.Identity, update.Identity);
                break;
            case WorkflowUpdateCompleted update:
                writer.Field(EventTag.Id, update.UpdateId);
                writer.Field(EventTag.Event, update.AcceptedEventId);
                writer.Field(EventTag.Result, update.Result);
                writer.Field(EventTag.Failure, update.Failure);
                break;
            case ExternalSignalInitiated signal: Write(writer, signal); break;
            case ExternalSignalClosed closed:
                writer.Field(EventTag.Event, closed.InitiatedEventId);
                writer.Field(EventTag.Failure, closed.Failure);
                writer.Field(EventTag.RunId, closed.RunId);
                break;
            case ExternalCancelInitiated cancel:
                writer.Field(EventTag.Id, cancel.WorkflowId);
                writer.Field(EventTag.RunId, cancel.RunId);
                writer.Field(EventTag.Reason, cancel.Reason);
                writer.Field(EventTag.Event, cancel.ChildInitiatedEventId);
                break;
            case ExternalCancelClosed closed:
                writer.Field(EventTag.Event, closed.InitiatedEventId);
                writer.Field(EventTag.Failure, closed.Failure);
                break;
            default: WriteEnd(writer, e); break;
        }
    }

    private static void WriteEnd(WireWriter writer, HistoryEvent e)
    {
        switch (e)
        {
            case WorkflowCompleted completed: writer.Field(EventTag.Result, completed.Result); break;
            case WorkflowFailed failed:
                writer.Field(EventTag.Failure, failed.Failure);
                writer.Field(EventTag.RetryState, (long)failed.RetryState);
                writer.Field(EventTag.Flag, failed.WithoutTask);
                break;
            case WorkflowCanceled canceled: writer.Field(EventTag.Values, canceled.Details); break;
            case WorkflowContinuedAsNew next: Write(writer, next); break;
            case WorkflowTerminated terminated:
                writer.Field(EventTag.Reason, terminated.Reason);
                writer.Field(EventTag.Values, terminated.Details);
                writer.Field(EventTag.Identity, terminated.Identity);
                writer.Field(EventTag.Event, terminated.KeptEventId);
                break;
            case WorkflowTimedOut timedOut:
                writer.Field(EventTag.TimeoutType, (long)timedOut.Type);
                writer.Field(EventTag.RetryState, (long)timedOut.RetryState);
                break;
            case WorkflowResetMarked reset: Write(writer, reset); break;
        }
    }

    private static void Write(WireWriter writer, WorkflowResetMarked e)
    {
        writer.Field(EventTag.RunId, e.FromRunId);
        writer.Field(EventTag.Event, e.FromEventId);
        writer.Fixed(EventTag.RandomSeed, e.RandomSeed);
        writer.Field(EventTag.Reason, e.Reason);
        writer.Field(EventTag.Id, e.FromWorkflowId.Length == 0 ? null : e.FromWorkflowId);
        writer.Field(EventTag.FirstRunId, e.FirstRunId.Length == 0 ? null : e.FirstRunId);
        WriteLink(writer, EventTag.Into, e.Into);
        foreach (var alias in e.Aliases)
        {
            writer.Field(EventTag.Aliases, alias);
        }

        foreach (var ended in e.Ended)
        {
            WriteLink(writer, EventTag.Ended, ended);
        }
    }

    private static void Write(WireWriter writer, ActivityScheduled e)
    {
        writer.Field(EventTag.Id, e.ActivityId);
        writer.Field(EventTag.Name, e.ActivityType);
        writer.Field(EventTag.TaskQueue, e.TaskQueue);
        writer.Field(EventTag.Values, e.Args);
        writer.Map(EventTag.Headers, e.Headers);
        writer.Field(EventTag.RetryPolicy, e.RetryPolicy);
        writer.Field(EventTag.Summary, e.Summary);
        WritePriority(writer, e.Priority);
        writer.Field(EventTag.ScheduleToClose, e.ScheduleToCloseTimeout);
        writer.Field(EventTag.ScheduleToStart, e.ScheduleToStartTimeout);
        writer.Field(EventTag.StartToClose, e.StartToCloseTimeout);
        writer.Field(EventTag.Heartbeat, e.HeartbeatTimeout);
        writer.Field(EventTag.CancellationType, (long)e.CancellationType);
        writer.Field(EventTag.Flag, e.IsLocal);
        writer.Field(EventTag.GoesToQueue, e.GoesToQueue);
    }

    private static void Write(WireWriter writer, ActivityClosed e)
    {
        writer.Field(EventTag.Event, e.ScheduledEventId);
        switch (e)
        {
            case ActivityCompleted completed: writer.Field(EventTag.Result, completed.Result); break;
            case ActivityFailed failed:
                writer.Field(EventTag.Failure, failed.Failure);
                writer.Field(EventTag.RetryState, (long)failed.RetryState);
                break;
            case ActivityTimedOut timedOut:
                writer.Field(EventTag.Failure, timedOut.Failure);
                writer.Field(EventTag.RetryState, (long)timedOut.RetryState);
                break;
            case ActivityCanceled canceled: writer.Field(EventTag.Values, canceled.Details); break;
        }

        writer.Field(EventTag.Identity, e.Identity);
        writer.Field(EventTag.Attempt, (long)e.Attempt);
        writer.Field(EventTag.Started, e.Started - e.Time);
    }

    private static void WriteStart(WireWriter writer, WorkflowStarted e)
    {
        writer.Field(EventTag.Name, e.WorkflowType);
        writer.Field(EventTag.TaskQueue, e.TaskQueue);
        writer.Field(EventTag.Values, e.Args);
        writer.Field(EventTag.Identity, e.Identity);
        writer.Map(EventTag.Headers, e.Headers);
        writer.Field(EventTag.Attempt, (long)e.Attempt);
        writer.Field(EventTag.RunId, e.RunId);
        writer.Field(EventTag.RequestId, e.RequestId);
        writer.Map(EventTag.Memo, e.Memo);
        writer.Map(EventTag.SearchAttributes, e.SearchAttributes);
        writer.Field(EventTag.RetryPolicy, e.RetryPolicy);
        writer.Field(EventTag.Summary, e.Summary);
        writer.Field(EventTag.Details, e.Details);
        WritePriority(writer, e.Priority);
        writer.Field(EventTag.ExecutionTimeout, e.ExecutionTimeout);
        writer.Field(EventTag.RunTimeout, e.RunTimeout);
        writer.Field(EventTag.TaskTimeout, e.TaskTimeout);
        writer.Field(EventTag.Delay, e.FirstTaskDelay);
        writer.Field(EventTag.CronSchedule, e.CronSchedule);
        writer.Field(EventTag.BuildId, e.PinnedBuildId);
        writer.Field(EventTag.FirstRunId, e.FirstRunId);
        writer.Field(EventTag.ContinuedFromRunId, e.ContinuedFromRunId);
        writer.Field(EventTag.Initiator, (long)e.Initiator);
        writer.Field(EventTag.FirstRunStarted, e.FirstRunStarted);
        WriteParent(writer, e.Parent);
        WriteLink(writer, EventTag.Root, e.Root);
        writer.Field(EventTag.LastResult, e.LastResult);
        writer.Field(EventTag.LastFailure, e.LastFailure);
        writer.Fixed(EventTag.RandomSeed, e.RandomSeed);
        writer.Field(EventTag.VersioningOverride, (long)e.VersioningOverride);
        WriteCloseNotice(writer, e.OnClose);
    }

    private static void Write(WireWriter writer, WorkflowContinuedAsNew e)
    {
        writer.Field(EventTag.Name, e.WorkflowType);
        writer.Field(EventTag.TaskQueue, e.TaskQueue);
        writer.Field(EventTag.Values, e.Args);
        writer.Map(EventTag.Headers, e.Headers);
        writer.Field(EventTag.RunId, e.NewRunId);
        writer.Field(EventTag.Memo, e.Memo!);
        writer.Field(EventTag.SearchAttributes, e.SearchAttributes!);
        writer.Field(EventTag.RetryPolicy, e.RetryPolicy);
        writer.Field(EventTag.RunTimeout, e.RunTimeout);
        writer.Field(EventTag.TaskTimeout, e.TaskTimeout);
        writer.Field(EventTag.Delay, e.BackoffStartInterval);
        writer.Field(EventTag.InitialVersioning, (long)e.InitialVersioning);
    }

    private static void Write(WireWriter writer, ChildWorkflowInitiated e)
    {
        writer.Field(EventTag.Id, e.WorkflowId);
        writer.Field(EventTag.Name, e.WorkflowType);
        writer.Field(EventTag.TaskQueue, e.TaskQueue);
        writer.Field(EventTag.Values, e.Args);
        writer.Map(EventTag.Headers, e.Headers);
        writer.Field(EventTag.RunId, e.RunId);
        writer.Map(EventTag.Memo, e.Memo);
        writer.Map(EventTag.SearchAttributes, e.SearchAttributes);
        writer.Field(EventTag.RetryPolicy, e.RetryPolicy);
        writer.Field(EventTag.Summary, e.Summary);
        writer.Field(EventTag.Details, e.Details);
        WritePriority(writer, e.Priority);
        writer.Field(EventTag.ExecutionTimeout, e.ExecutionTimeout);
        writer.Field(EventTag.RunTimeout, e.RunTimeout);
        writer.Field(EventTag.TaskTimeout, e.TaskTimeout);
        writer.Field(EventTag.CronSchedule, e.CronSchedule);
        writer.Field(EventTag.CancellationType, (long)e.CancellationType);
        writer.Field(EventTag.ParentClosePolicy, (long)e.ParentClosePolicy);
        writer.Field(EventTag.IdReusePolicy, (long)e.IdReusePolicy);
    }

    private static void Write(WireWriter writer, ChildWorkflowClosed e)
    {
        writer.Field(EventTag.Event, e.InitiatedEventId);
        switch (e)
        {
            case ChildWorkflowCompleted completed: writer.Field(EventTag.Result, completed.Result); break;
            case ChildWorkflowFailed failed:
                writer.Field(EventTag.Failure, failed.Failure);
                writer.Field(EventTag.RetryState, (long)failed.RetryState);
                break;
            case ChildWorkflowCanceled canceled: writer.Field(EventTag.Values, canceled.Details); break;
            case ChildWorkflowTimedOut timedOut: writer.Field(EventTag.RetryState, (long)timedOut.RetryState); break;
        }
    }

    private static void Write(WireWriter writer, ExternalSignalInitiated e)
    {
        writer.Field(EventTag.Id, e.WorkflowId);
        writer.Field(EventTag.RunId, e.RunId);
        writer.Field(EventTag.Name, e.SignalName);
        writer.Field(EventTag.Values, e.Args);
        writer.Field(EventTag.Flag, e.ChildOnly);
        writer.Map(EventTag.Headers, e.Headers);
        if (e.Start is { } start)
        {
            var mark = writer.Open(EventTag.Start);
            WriteStart(writer, start);
            writer.Close(mark);
        }

        writer.Field(EventTag.IdReusePolicy, (long)e.IdReusePolicy);
        writer.Field(EventTag.IdConflictPolicy, (long)e.IdConflictPolicy);
    }

    private static void WritePriority(WireWriter writer, PriorityInfo? priority)
    {
        if (priority is not null)
        {
            var mark = writer.Open(EventTag.Priority);
            writer.Field(1, (long?)priority.PriorityKey);
            writer.Field(2, priority.FairnessKey);
            writer.Field(3, priority.FairnessWeight);
            writer.Close(mark);
        }
    }

    private static void WriteParent(WireWriter writer, ParentLink? parent)
    {
        if (parent is not null)
        {
            var mark = writer.Open(EventTag.Parent);
            writer.Field(1, parent.WorkflowId);
            writer.Field(2, parent.RunId);
            writer.Field(3, parent.InitiatedEventId);
            writer.Field(4, (long)parent.ClosePolicy);
            writer.Close(mark);
        }
    }

    private static void WriteCloseNotice(WireWriter writer, CloseNotice? notice)
    {
        if (notice is not null)
        {
            var mark = writer.Open(EventTag.OnClose);
            writer.Field(1, notice.WorkflowId);
            writer.Field(2, notice.SignalName);
            writer.Field(3, notice.Correlation);
            writer.Close(mark);
        }
    }

    private static void WriteLink(WireWriter writer, int tag, WorkflowLink? link)
    {
        if (link is not null)
        {
            var mark = writer.Open(tag);
            writer.Field(1, link.WorkflowId);
            writer.Field(2, link.RunId);
            writer.Close(mark);
        }
    }
}
