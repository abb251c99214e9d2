using System.Globalization;
using Serverless.History;
using Serverless.Storage;

namespace Serverless.Engine;

/// <summary>Collects the rows of a partition while they are read.</summary>
/// <param name="limits">How much of the inbox is read at once; null for all.</param>
internal sealed class PartitionRead(EngineLimits? limits = null)
{
    private readonly SortedDictionary<string, ActivityAttemptRow> _attempts = new(StringComparer.Ordinal);
    private readonly SortedSet<string> _activityRows = new(StringComparer.Ordinal);
    private readonly List<string> _held = [];
    private int _headPage;
    private string? _headTag;
    private string? _gateTag;
    private bool _isFull;
    private long _inboxBytes;

    public WorkflowHead? Head { get; private set; }

    public List<InboxRow> Inbox { get; } = [];

    public List<StoredSegment> Segments { get; } = [];

    /// <summary>The first row that can't be read; it blocks the workflow, not the reading.</summary>
    public string? Damage { get; set; }

    /// <summary>True when not all of the inbox was in the page of the head.</summary>
    public bool InboxIsSplit { get; private set; }

    /// <summary>True when what was read of the current run can have been there at one moment: its segments up to the head's last event or, before its first task, its start.</summary>
    public bool FitsHead => Head is null || (IsWhole(Head.LastEventId) && HasStart);

    /// <summary>True when the segments follow each other without a gap, to a given event; null: to any. What can't be read is not missing.</summary>
    public bool IsWhole(long? lastEventId)
    {
        var last = 0L;
        foreach (var segment in Segments)
        {
            if (segment.Events[0].Id != last + 1)
            {
                return Damage is not null;
            }

            last = segment.Events[^1].Id;
        }

        return Damage is not null || lastEventId is null || last == lastEventId;
    }

    /// <summary>Notes in which page a row was.</summary>
    public void Place(string key, int page)
    {
        if (key == JournalKeys.Head)
        {
            _headPage = page;
        }

        InboxIsSplit |= page != _headPage && key.StartsWith(JournalKeys.InboxPrefix, StringComparison.Ordinal);
    }

    /// <summary>True when as much of the inbox was read as is read at once.</summary>
    public bool IsInboxCut => limits is not null && (Inbox.Count >= limits.MaxInbox || _inboxBytes >= limits.MaxInboxBytes);

    /// <summary>True when the run has begun, or the inbox has its start, or may have it in what was not or can't be read.</summary>
    public bool HasStart => Head is not { LastEventId: 0 } || IsInboxCut || Damage is not null || Inbox.Exists(static row => row.Item.Event is WorkflowStarted);

    private bool IsHalfEmpty => limits is not null && Inbox.Count <= limits.MaxInbox / 2 && _inboxBytes <= limits.MaxInboxBytes / 2;

    public void Add(InboxRow row, int bytes)
    {
        var (all, inline) = EventPayloads.Weigh(row.Item.Event, limits?.PayloadBlobThreshold ?? int.MaxValue);
        Inbox.Add(row with { Inline = inline });
        _inboxBytes += bytes + all;
    }

    /// <summary>Forgets the inbox: it is read again.</summary>
    public void ClearInbox()
    {
        Inbox.Clear();
        _inboxBytes = 0;
    }

    public void Add(Row row)
    {
        switch (row.Key)
        {
            case JournalKeys.Head:
                Head = WorkflowHead.Decode(row.Data);
                _headTag = row.Tag;
                break;
            case JournalKeys.Gate:
                _gateTag = row.Tag;
                break;
            case JournalKeys.FullGate:
                _gateTag = row.Tag;
                _isFull = true;
                break;
            case var key when key.StartsWith(JournalKeys.HeldPrefix, StringComparison.Ordinal):
                _held.Add(key);
                break;
            case var key when key.StartsWith(JournalKeys.ActivityPrefix, StringComparison.Ordinal):
                _activityRows.Add(key);
                if (!key.EndsWith(":cancel", StringComparison.Ordinal))
                {
                    _attempts[key] = ActivityAttemptRow.Decode(row.Data);
                }

                break;
        }
    }

    public WarmRead? ToWarm()
    {
        if (Head is null or { IsGone: true })
        {
            return Head is not null || Damage is null ? null : throw new InvalidDataException(Damage);
        }

        // Senders' clocks decide nothing: the store's clock comes first, and the start before all.
        Inbox.Sort(static (a, b) => (a.Item.Event is WorkflowStarted, b.Item.Event is WorkflowStarted) switch
        {
            (true, false) => -1,
            (false, true) => 1,
            _ => a.Written != b.Written ? a.Written.CompareTo(b.Written) : string.CompareOrdinal(a.Key, b.Key),
        });
        return new WarmRead(Head, _headTag!, _gateTag, Inbox, Damage) 
        {
            IsFull = _isFull,
            Held = _held,
            GateMustTurn = Head.IsOpen && (_isFull ? IsHalfEmpty : IsInboxCut),
        };
    }

    public ColdRead? ToCold()
    {
        if (ToWarm() is not { } warm)
        {
            return null;
        }

        var ofRun = JournalKeys.Activity(warm.Head.RunNumber, 0)[..^10];
        var attempts = new SortedDictionary<long, ActivityAttemptRow>();
        foreach (var (key, row) in _attempts)
        {
            if (key.StartsWith(ofRun, StringComparison.Ordinal))
            {
                attempts[long.Parse(key.AsSpan(ofRun.Length), NumberStyles.HexNumber, CultureInfo.InvariantCulture)] = row;
            }
        }

        return new ColdRead(warm, Segments, attempts, _activityRows);
    }
}
