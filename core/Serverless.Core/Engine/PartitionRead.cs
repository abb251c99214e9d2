using System.Globalization;
using Serverless.History;
using Serverless.Storage;

namespace Serverless.Engine;

/// <summary>Collects the rows of a partition while they are read.</summary>
internal sealed class PartitionRead
{
    private readonly SortedDictionary<string, ActivityAttemptRow> _attempts = new(StringComparer.Ordinal);
    private readonly SortedSet<string> _activityRows = new(StringComparer.Ordinal);
    private int _headPage;
    private string? _headTag;
    private string? _gateTag;

    public WorkflowHead? Head { get; private set; }

    public List<InboxRow> Inbox { get; } = [];

    public List<StoredSegment> Segments { get; } = [];

    /// <summary>The first row that can't be read; it blocks the workflow, not the reading.</summary>
    public string? Damage { get; set; }

    /// <summary>True when not all of the inbox was in the page of the head.</summary>
    public bool InboxIsSplit { get; private set; }

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
        if (Head is null)
        {
            return Damage is null ? null : throw new InvalidDataException(Damage);
        }

        // Senders' clocks decide nothing: the store's clock comes first, and the start before all.
        Inbox.Sort(static (a, b) => (a.Item.Event is WorkflowStarted, b.Item.Event is WorkflowStarted) switch
        {
            (true, false) => -1,
            (false, true) => 1,
            _ => a.Written != b.Written ? a.Written.CompareTo(b.Written) : string.CompareOrdinal(a.Key, b.Key),
        });
        return new WarmRead(Head, _headTag!, _gateTag, Inbox, Damage);
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
