using System.Globalization;
using System.Text;
using Serverless.Storage;

namespace Serverless.Engine;

/// <summary>
/// Keys of a workflow's partition. In key order: act, gate, head, held, in, run, sent, upd; so one range holds gate, head and inbox,
/// and one holds all that a task needs.
/// </summary>
internal static class JournalKeys
{
    /// <summary>Exists while the workflow id is open. Senders touch it; the closing commit deletes it under the tag it read.</summary>
    public const string Gate = "gate";

    /// <summary>In the place of <see cref="Gate"/> while so much waits in the inbox that senders from outside are refused. What a workflow asked for itself passes.</summary>
    public const string FullGate = "gate:full";

    /// <summary>The current run. Its tag is the only lock.</summary>
    public const string Head = "head";

    /// <summary>Who runs an activity that must not begin twice. Between head and inbox, so that whoever reads its result sees that the row is to be removed.</summary>
    public const string HeldPrefix = "held:";

    public const string InboxPrefix = "in:";

    /// <summary>Attempts and heartbeats of pending activities.</summary>
    public const string ActivityPrefix = "act:";

    /// <summary>Request ids of signals that were accepted: a repeated request finds its own.</summary>
    public const string RequestPrefix = "sent:";

    /// <summary>Data of such a row where another try of the request may still be applied: it outlives, for a while, the removal of the workflow.</summary>
    public static ReadOnlyMemory<byte> InDoubt { get; } = new byte[] { 1 };

    public const string SegmentPrefix = "run:";

    /// <summary>Outcomes of updates, by update id; those of one id by run, the newest first.</summary>
    public const string UpdatePrefix = "upd:";

    /// <summary>First key of what a warm task reads.</summary>
    public const string WarmFrom = Gate;

    /// <summary>End of what a warm task reads: after the last inbox row.</summary>
    public const string WarmTo = "in;";

    /// <summary>End of what a cold task reads: after the last segment.</summary>
    public const string ColdTo = "run;";

    public static string GateOf(bool isFull) => isFull ? FullGate : Gate;

    public static string Inbox(string ulid) => InboxPrefix + ulid;

    /// <summary>Inbox key of a start: the first of all, so that it is read however much waits.</summary>
    public static string Start(string ulid) => $"-{ulid}";

    /// <summary>Inbox key of an update that was asked for: one per update id.</summary>
    public static string UpdateRequest(string updateId) => $"u-{WorkflowKey.Escape(updateId)}";

    /// <summary>Inbox key of an activity's result: one per activity.</summary>
    public static string ActivityResult(string runId, long scheduledEventId) => Answer('a', runId, scheduledEventId);

    /// <summary>Inbox key of what a command was answered with: one of a kind per command.</summary>
    public static string Answer(char kind, string runId, long commandEventId) =>
        string.Create(CultureInfo.InvariantCulture, $"{kind}-{runId}-{commandEventId:x}");

    public static string Activity(int run, long scheduledEventId) =>
        string.Create(CultureInfo.InvariantCulture, $"{ActivityPrefix}{run:x8}:{scheduledEventId:x10}");

    public static string ActivityCancel(int run, long scheduledEventId) => Activity(run, scheduledEventId) + ":cancel";

    public static string Held(int run, long scheduledEventId) => HeldPrefix + Activity(run, scheduledEventId)[ActivityPrefix.Length..];

    public static string Request(string requestId) => RequestPrefix + WorkflowKey.Escape(requestId);

    /// <summary>A reset whose caller named the request. No request id of a signal holds a colon once it is escaped.</summary>
    public static string ResetRequest(string requestId) => Request(requestId) + ":reset";

    public static string UpdatesOf(string updateId) => $"{UpdatePrefix}{WorkflowKey.Escape(updateId)}:";

    public static string Update(string updateId, int run) => string.Create(CultureInfo.InvariantCulture, $"{UpdatesOf(updateId)}{Inverted(run):x8}");

    /// <summary>The newest run sorts first, its segments in order.</summary>
    public static string Segment(int run, long firstEventId) =>
        string.Create(CultureInfo.InvariantCulture, $"{SegmentsOf(run)}{firstEventId:x10}");

    public static string SegmentsOf(int run) => string.Create(CultureInfo.InvariantCulture, $"{SegmentPrefix}{Inverted(run):x8}:");

    /// <summary>True for the row of a request of which another try may still be applied.</summary>
    public static bool IsInDoubt(Row row) => row.Key.StartsWith(RequestPrefix, StringComparison.Ordinal) && row.Data.Span.SequenceEqual(InDoubt.Span);

    /// <summary>True for a row of one run: a segment, an attempt, an update's outcome.</summary>
    public static bool IsOf(int run, string key) =>
        key.StartsWith(SegmentsOf(run), StringComparison.Ordinal)
        || key.StartsWith(Activity(run, 0)[..^10], StringComparison.Ordinal)
        || (key.StartsWith(UpdatePrefix, StringComparison.Ordinal)
            && key.EndsWith(string.Create(CultureInfo.InvariantCulture, $":{Inverted(run):x8}"), StringComparison.Ordinal));

    /// <summary>The run number of a segment's key.</summary>
    public static int RunOf(string segmentKey) =>
        (int)(uint.MaxValue - uint.Parse(segmentKey.AsSpan(SegmentPrefix.Length, 8), NumberStyles.HexNumber, CultureInfo.InvariantCulture));

    private static uint Inverted(int run) => uint.MaxValue - (uint)run;
}

/// <summary>A workflow id as a partition key.</summary>
internal static class WorkflowKey
{
    /// <summary>Longest workflow id, in characters.</summary>
    public const int MaxIdLength = 256;

    /// <summary>Longest id once escaped, in characters.</summary>
    public const int MaxEscapedLength = 480;

    /// <summary>
    /// Eight hex digits of a stable hash, so that ids in sequence do not share a key range, and the escaped id, so that nothing collides.
    /// </summary>
    public static string Partition(string workflowId)
    {
        var escaped = Escape(workflowId);
        return string.Create(CultureInfo.InvariantCulture, $"{Fnv1a(workflowId):x8}-{escaped}");
    }

    /// <summary>The workflow id of a partition, or null when it is none.</summary>
    public static string? WorkflowId(string partition) =>
        partition.Length > 9 && partition[8] == '-' ? Uri.UnescapeDataString(partition[9..]) : null;

    /// <summary>Null when the id can be used, else what is wrong with it.</summary>
    public static string? Problem(string? workflowId) => Problem("A workflow id", workflowId);

    /// <summary>Null when the id can be a part of keys, else what is wrong with it.</summary>
    /// <param name="what">What it is, with its article.</param>
    /// <param name="id">The id.</param>
    public static string? Problem(string what, string? id)
    {
        if (string.IsNullOrEmpty(id))
        {
            return $"{what} must not be empty.";
        }

        if (id.Length > MaxIdLength)
        {
            return $"{what} has at most {MaxIdLength} characters; this one has {id.Length}.";
        }

        foreach (var rune in id.EnumerateRunes())
        {
            if (Rune.IsControl(rune) || rune == Rune.ReplacementChar)
            {
                return $"{what} must not contain control characters or broken text; this one contains U+{rune.Value:X4}.";
            }
        }

        var escaped = Escape(id);
        return escaped.Length > MaxEscapedLength
            ? $"{what} has at most {MaxEscapedLength} characters once characters outside A–Z, a–z, 0–9 and -_.~ are percent-encoded; this one has {escaped.Length}."
            : null;
    }

    /// <summary>Percent-encodes all that keys and blob names must not hold.</summary>
    public static string Escape(string text) => Uri.EscapeDataString(text);

    private static uint Fnv1a(string text)
    {
        var hash = 2166136261u;
        foreach (var b in Encoding.UTF8.GetBytes(text))
        {
            hash = (hash ^ b) * 16777619u;
        }

        return hash;
    }
}
