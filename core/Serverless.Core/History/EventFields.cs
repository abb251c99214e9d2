using Serverless.Common;
using Serverless.Converters;
using Serverless.Workflows;

namespace Serverless.History;

/// <summary>The fields of one event, or of a start within one, as read, before its kind makes an event of them. Unknown tags are skipped.</summary>
internal ref struct EventFields(long id, DateTimeOffset time, bool isPart = false)
{
    public readonly long EventId = id;
    public readonly DateTimeOffset Time = time;
    public long Event;
    public string? Id;
    public string? Name;
    public string? TaskQueue;
    public List<Payload>? Values;
    public Payload? Result;
    public Failure? Failure;
    public int RetryState;
    public string? Identity;
    public IReadOnlyDictionary<string, Payload>? Headers;
    public int Attempt;
    public DateTimeOffset? Started;
    public string? RunId;
    public string? Reason;
    public string? RequestId;
    public IReadOnlyDictionary<string, Payload?>? Memo;
    public IReadOnlyDictionary<string, Payload?>? SearchAttributes;
    public RetryPolicy? RetryPolicy;
    public string? Summary;
    public string? Details;
    public PriorityInfo? Priority;
    public TimeSpan? ExecutionTimeout;
    public TimeSpan? RunTimeout;
    public TimeSpan? TaskTimeout;
    public TimeSpan? ScheduleToClose;
    public TimeSpan? ScheduleToStart;
    public TimeSpan? StartToClose;
    public TimeSpan? Heartbeat;
    public TimeSpan? Delay;
    public string? CronSchedule;
    public int CancellationType;
    public int ParentClosePolicy;
    public int IdReusePolicy;
    public bool Flag;
    public bool GoesToQueue;
    public ulong ExecutorFlags;
    public long HistoryBytes;
    public string? BuildId;
    public string? FirstRunId;
    public string? ContinuedFromRunId;
    public int Initiator;
    public DateTimeOffset FirstRunStarted;
    public ParentLink? Parent;
    public WorkflowLink? Root;
    public Payload? LastResult;
    public Failure? LastFailure;
    public ulong RandomSeed;
    public int TimeoutType;
    public int VersioningOverride;
    public int InitialVersioning;
    public WorkflowStarted? Start;
    public int IdConflictPolicy;
    public WorkflowLink? Into;
    public List<string>? Aliases;
    public List<WorkflowLink>? Ended;
    public CloseNotice? OnClose;

    public void Read(WireReader reader)
    {
        while (reader.TryNext(out var tag))
        {
            switch (tag)
            {
                case EventTag.Event: Event = reader.Signed(); break;
                case EventTag.Id: Id = reader.Text(); break;
                case EventTag.Name: Name = reader.Name(); break;
                case EventTag.TaskQueue: TaskQueue = reader.Name(); break;
                case EventTag.Values: reader.ReadInto(ref Values); break;
                case EventTag.Result: Result = reader.ReadPayload(); break;
                case EventTag.Failure: Failure = reader.ReadFailure(); break;
                case EventTag.RetryState: RetryState = reader.Int(); break;
                case EventTag.Identity: Identity = reader.Name(); break;
                case EventTag.Headers: Headers = reader.ReadMap(); break;
                case EventTag.Attempt: Attempt = reader.Int(); break;
                case EventTag.Started: Started = WireReader.ToTime(unchecked(Time.UtcTicks + reader.Signed())); break;
                case EventTag.RunId: RunId = reader.Text(); break;
                case EventTag.Reason: Reason = reader.Text(); break;
                case EventTag.RequestId: RequestId = reader.Text(); break;
                case EventTag.Summary: Summary = reader.Text(); break;
                case EventTag.Delay: Delay = reader.Duration(); break;
                case EventTag.StartToClose: StartToClose = reader.Duration(); break;
                case EventTag.RetryPolicy: RetryPolicy = reader.ReadRetryPolicy(); break;
                case EventTag.BuildId: BuildId = reader.Name(); break;
                case EventTag.ExecutorFlags: ExecutorFlags = reader.Number(); break;
                case EventTag.HistoryBytes: HistoryBytes = reader.Signed(); break;
                case EventTag.TimeoutType: TimeoutType = reader.Int(); break;
                case EventTag.Flag: Flag = reader.Flag(); break;
                default: ReadOption(tag, in reader); break;
            }
        }
    }

    /// <summary>Fields that are mostly found in starts and schedulings.</summary>
    private void ReadOption(int tag, in WireReader reader)
    {
        switch (tag)
        {
            case EventTag.Memo: Memo = reader.ReadMapWithNulls(); break;
            case EventTag.SearchAttributes: SearchAttributes = reader.ReadMapWithNulls(); break;
            case EventTag.Details: Details = reader.Text(); break;
            case EventTag.Priority: Priority = ReadPriority(reader.Message()); break;
            case EventTag.ExecutionTimeout: ExecutionTimeout = reader.Duration(); break;
            case EventTag.RunTimeout: RunTimeout = reader.Duration(); break;
            case EventTag.TaskTimeout: TaskTimeout = reader.Duration(); break;
            case EventTag.ScheduleToClose: ScheduleToClose = reader.Duration(); break;
            case EventTag.ScheduleToStart: ScheduleToStart = reader.Duration(); break;
            case EventTag.Heartbeat: Heartbeat = reader.Duration(); break;
            case EventTag.CronSchedule: CronSchedule = reader.Text(); break;
            case EventTag.CancellationType: CancellationType = reader.Int(); break;
            case EventTag.ParentClosePolicy: ParentClosePolicy = reader.Int(); break;
            case EventTag.IdReusePolicy: IdReusePolicy = reader.Int(); break;
            case EventTag.FirstRunId: FirstRunId = reader.Text(); break;
            case EventTag.ContinuedFromRunId: ContinuedFromRunId = reader.Text(); break;
            case EventTag.Initiator: Initiator = reader.Int(); break;
            case EventTag.FirstRunStarted: FirstRunStarted = reader.Time(); break;
            case EventTag.Parent: Parent = ReadParent(reader.Message()); break;
            case EventTag.Root: Root = ReadLink(reader.Message()); break;
            case EventTag.LastResult: LastResult = reader.ReadPayload(); break;
            case EventTag.LastFailure: LastFailure = reader.ReadFailure(); break;
            case EventTag.RandomSeed: RandomSeed = reader.Fixed(); break;
            case EventTag.VersioningOverride: VersioningOverride = reader.Int(); break;
            case EventTag.InitialVersioning: InitialVersioning = reader.Int(); break;
            case EventTag.GoesToQueue: GoesToQueue = reader.Flag(); break;
            case EventTag.Start when !isPart: Start = ReadStart(reader.Message()); break;
            case EventTag.IdConflictPolicy: IdConflictPolicy = reader.Int(); break;
            case EventTag.Into: Into = ReadLink(reader.Message()); break;
            case EventTag.Aliases: (Aliases ??= []).Add(reader.Text()); break;
            case EventTag.Ended: (Ended ??= []).Add(ReadLink(reader.Message())); break;
            case EventTag.OnClose: OnClose = ReadCloseNotice(reader.Message()); break;
        }
    }

    private static WorkflowStarted ReadStart(WireReader reader)
    {
        var fields = new EventFields(0, default, isPart: true);
        fields.Read(reader);
        return EventReader.Started(fields);
    }

    private static PriorityInfo ReadPriority(WireReader reader)
    {
        int? key = null;
        string? fairness = null;
        float? weight = null;
        while (reader.TryNext(out var tag))
        {
            switch (tag)
            {
                case 1: key = reader.Int(); break;
                case 2: fairness = reader.Name(); break;
                case 3: weight = reader.Float(); break;
            }
        }

        return new PriorityInfo(key, fairness, weight);
    }

    private static ParentLink ReadParent(WireReader reader)
    {
        var workflowId = "";
        var runId = "";
        long initiated = 0;
        var policy = 0;
        while (reader.TryNext(out var tag))
        {
            switch (tag)
            {
                case 1: workflowId = reader.Text(); break;
                case 2: runId = reader.Text(); break;
                case 3: initiated = reader.Signed(); break;
                case 4: policy = reader.Int(); break;
            }
        }

        return new ParentLink(workflowId, runId, initiated, (ParentClosePolicy)policy);
    }

    private static WorkflowLink ReadLink(WireReader reader)
    {
        var workflowId = "";
        var runId = "";
        while (reader.TryNext(out var tag))
        {
            switch (tag)
            {
                case 1: workflowId = reader.Text(); break;
                case 2: runId = reader.Text(); break;
            }
        }

        return new WorkflowLink(workflowId, runId);
    }

    private static CloseNotice ReadCloseNotice(WireReader reader)
    {
        var workflowId = "";
        var signal = "";
        var correlation = "";
        while (reader.TryNext(out var tag))
        {
            switch (tag)
            {
                case 1: workflowId = reader.Text(); break;
                case 2: signal = reader.Name(); break;
                case 3: correlation = reader.Text(); break;
            }
        }

        return new CloseNotice(workflowId, signal, correlation);
    }
}
