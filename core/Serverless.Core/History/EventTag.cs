namespace Serverless.History;

/// <summary>
/// The tags of event fields. All kinds of events share one table: a tag has one wire type and one meaning wherever it occurs. Tags up to 15
/// take one byte. A tag is never given another meaning; new fields take new tags.
/// </summary>
internal static class EventTag
{
    /// <summary>The event that this one answers or refers to.</summary>
    public const int Event = 1;

    /// <summary>Activity, timer, update, patch or workflow id.</summary>
    public const int Id = 2;

    /// <summary>Workflow or activity type, signal or update name.</summary>
    public const int Name = 3;

    public const int TaskQueue = 4;

    /// <summary>Arguments or details, one field each.</summary>
    public const int Values = 5;

    public const int Result = 6;
    public const int Failure = 7;
    public const int RetryState = 8;
    public const int Identity = 9;
    public const int Headers = 10;
    public const int Attempt = 11;

    /// <summary>When the attempt started, relative to the event's time.</summary>
    public const int Started = 12;

    /// <summary>The run in question: own, new, existing, copied or target.</summary>
    public const int RunId = 13;

    public const int Reason = 14;
    public const int RequestId = 15;
    public const int Memo = 16;
    public const int SearchAttributes = 17;
    public const int RetryPolicy = 18;
    public const int Summary = 19;
    public const int Details = 20;
    public const int Priority = 21;
    public const int ExecutionTimeout = 22;
    public const int RunTimeout = 23;
    public const int TaskTimeout = 24;
    public const int ScheduleToClose = 25;
    public const int ScheduleToStart = 26;
    public const int StartToClose = 27;
    public const int Heartbeat = 28;

    /// <summary>Delay of a timer, of the first task or of the next run.</summary>
    public const int Delay = 29;

    public const int CronSchedule = 30;
    public const int CancellationType = 31;
    public const int ParentClosePolicy = 32;
    public const int IdReusePolicy = 33;

    /// <summary>Local activity, deprecated patch, child-only signal.</summary>
    public const int Flag = 34;

    /// <summary>Behaviours of the executor.</summary>
    public const int ExecutorFlags = 35;

    public const int BuildId = 36;
    public const int FirstRunId = 37;
    public const int ContinuedFromRunId = 38;
    public const int Initiator = 39;
    public const int FirstRunStarted = 40;
    public const int Parent = 41;
    public const int Root = 42;
    public const int LastResult = 43;
    public const int LastFailure = 44;
    public const int RandomSeed = 45;
    public const int TimeoutType = 46;

    /// <summary>Of the history before a task.</summary>
    public const int HistoryBytes = 47;

    public const int VersioningOverride = 48;
    public const int InitialVersioning = 49;
    public const int GoesToQueue = 50;

    /// <summary>How the target of a signal starts: the fields of a start.</summary>
    public const int Start = 51;

    public const int IdConflictPolicy = 52;

    /// <summary>The run that was made of a copied history.</summary>
    public const int Into = 53;

    /// <summary>Further run ids, one field each.</summary>
    public const int Aliases = 54;

    /// <summary>Workflows that end because of the event, one field each.</summary>
    public const int Ended = 55;

    /// <summary>Who is told of the end of a chain of runs.</summary>
    public const int OnClose = 56;
}
