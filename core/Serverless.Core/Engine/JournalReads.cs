using Serverless.History;

namespace Serverless.Engine;

/// <summary>A segment row as read.</summary>
/// <param name="Key">Its key.</param>
/// <param name="Tag">Its tag.</param>
/// <param name="Events">Its events.</param>
/// <param name="Bytes">Size of the row.</param>
/// <param name="Plain">True when nothing of it is in a blob: only such segments are merged.</param>
internal sealed record StoredSegment(string Key, string Tag, IReadOnlyList<HistoryEvent> Events, int Bytes, bool Plain)
{
    /// <summary>Bytes once it is decompressed.</summary>
    public long Content { get; init; }
}

/// <summary>Head, gate and inbox.</summary>
internal sealed record WarmRead(WorkflowHead Head, string HeadTag, string? GateTag, IReadOnlyList<InboxRow> Inbox, string? Damage)
{
    /// <summary>True when senders from outside are refused.</summary>
    public bool IsFull { get; init; }

    /// <summary>True when a full inbox has to be closed to senders from outside, or one that is half empty to be opened to them again.</summary>
    public bool GateMustTurn { get; init; }

    /// <summary>Keys of the rows that say who runs an activity.</summary>
    public IReadOnlyList<string> Held { get; init; } = [];
}

/// <summary>All of a workflow id that a task needs.</summary>
internal sealed record ColdRead(
    WarmRead Warm, IReadOnlyList<StoredSegment> Segments, IReadOnlyDictionary<long, ActivityAttemptRow> Attempts, IReadOnlySet<string> ActivityRows)
{
    /// <summary>True when the history was left out.</summary>
    public bool HeadOnly { get; init; }
}

/// <summary>What a commit did. Tags are null where they must be read again.</summary>
/// <param name="Head">The head as it is stored; null on a conflict.</param>
/// <param name="HeadTag">Its tag.</param>
/// <param name="GateTag">Tag of the gate, if the commit changed it.</param>
/// <param name="Segment">The segment that was stored.</param>
internal sealed record CommitResult(WorkflowHead? Head, string? HeadTag, string? GateTag, StoredSegment? Segment)
{
    public static CommitResult Conflict { get; } = new(null, null, null, null);

    public bool Committed => Head is not null;
}

/// <summary>The page that a reading is at.</summary>
internal sealed class PageCount
{
    public int Number { get; set; }
}
