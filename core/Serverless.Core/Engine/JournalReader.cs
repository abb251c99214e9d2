using System.Runtime.CompilerServices;
using Serverless.Storage;

namespace Serverless.Engine;

/// <summary>
/// What is read from the partition of a workflow id. Pages are no snapshot: what is returned could have been there at one moment, whatever was committed meanwhile.
/// </summary>
internal sealed class JournalReader(IRowStore rows, Segments segments, StorageRetry retry, EngineLimits limits)
{
    /// <summary>Readings whose pages don't fit together; then what is stored is damaged.</summary>
    private const int MaxTornReads = 10;

    /// <summary>Head, gate and inbox: one request as long as the inbox fits a page. Null when the workflow id does not exist.</summary>
    public async Task<WarmRead?> ReadWarmAsync(string workflowId, CancellationToken cancellationToken)
    {
        var whole = await UntilWholeAsync(static read => read.HasStart, async pages =>
        {
            var read = new PartitionRead(limits);
            await foreach (var row in RangeAsync(workflowId, JournalKeys.WarmFrom, JournalKeys.WarmTo, pages, cancellationToken))
            {
                await CollectAsync(read, row, cancellationToken);
                read.Place(row.Key, pages.Number);
                if (read.IsInboxCut)
                {
                    break;
                }
            }

            await CompleteInboxAsync(workflowId, read, cancellationToken);
            return read;
        });
        return whole.ToWarm();
    }

    /// <summary>
    /// All that a task needs when the run is not in memory, or head and inbox only where <paramref name="headSuffices"/> says so. Null when the workflow id does not exist.
    /// </summary>
    /// <exception cref="InvalidDataException">A row is damaged; the message names it.</exception>
    public async Task<ColdRead?> ReadColdAsync(string workflowId, CancellationToken cancellationToken, Func<WorkflowHead, bool>? headSuffices = null)
    {
        var read = await UntilWholeAsync(
            read => IsHeadEnough(read) || read.FitsHead,
            async pages =>
            {
                var read = await ReadPartitionAsync(workflowId, IsHeadEnough, pages, cancellationToken);
                await CompleteInboxAsync(workflowId, read, cancellationToken);
                return read;
            });
        return read.ToCold() is { } cold ? cold with { HeadOnly = IsHeadEnough(read) } : null;

        bool IsHeadEnough(PartitionRead read) => read.Head is { } head && headSuffices?.Invoke(head) == true;
    }

    /// <summary>The events of one run, older runs included.</summary>
    /// <exception cref="InvalidDataException">A segment is damaged; the message names it.</exception>
    public async Task<IReadOnlyList<StoredSegment>> ReadSegmentsAsync(string workflowId, int runNumber, CancellationToken cancellationToken)
    {
        var prefix = JournalKeys.SegmentsOf(runNumber);
        var whole = await UntilWholeAsync(static read => read.IsWhole(null), async pages =>
        {
            var read = new PartitionRead(limits);
            await foreach (var row in RangeAsync(workflowId, prefix, prefix[..^1] + ";", pages, cancellationToken))
            {
                await CollectAsync(read, row, cancellationToken);
            }

            return read;
        });
        return whole.Segments;
    }

    /// <summary>One activity's attempts so far and whether it was asked to cancel. Default when nothing is stored.</summary>
    public async Task<(ActivityAttemptRow? Attempts, bool CancelRequested)> ReadActivityAsync(
        string workflowId, int runNumber, long scheduledEventId, CancellationToken cancellationToken)
    {
        var key = JournalKeys.Activity(runNumber, scheduledEventId);
        ActivityAttemptRow? attempts = null;
        var cancel = false;
        await foreach (var row in RangeAsync(workflowId, key, key + ";", new PageCount(), cancellationToken))
        {
            if (row.Key == key)
            {
                attempts = ActivityAttemptRow.Decode(row.Data);
            }
            else
            {
                cancel = true;
            }
        }

        return (attempts, cancel);
    }

    /// <summary>A row beside the history, or null.</summary>
    public async Task<Row?> ReadRowAsync(string workflowId, string key, CancellationToken cancellationToken)
    {
        var query = new RowQuery(RowTable.Workflows, WorkflowKey.Partition(workflowId), key, key + "\0", 1);
        return await retry.Rows(rows, query, cancellationToken).FirstAsync() is { } row ? await segments.RestoreAsync(row, cancellationToken) : null;
    }

    /// <summary>The head, or null when there is no such workflow.</summary>
    public async Task<(WorkflowHead Head, string Tag)?> ReadHeadAsync(string workflowId, CancellationToken cancellationToken) =>
        await ReadLastHeadAsync(workflowId, cancellationToken) is { Head.IsGone: false } found ? found : null;

    /// <summary>The head, or that which is left of a workflow that was removed a moment ago.</summary>
    public async Task<(WorkflowHead Head, string Tag)?> ReadLastHeadAsync(string workflowId, CancellationToken cancellationToken) =>
        await ReadRowAsync(workflowId, JournalKeys.Head, cancellationToken) is { } row ? (WorkflowHead.Decode(row.Data), row.Tag) : null;

    /// <summary>True when there is such a workflow, whether its head can be read or not.</summary>
    public async Task<bool> ExistsAsync(string workflowId, CancellationToken cancellationToken) =>
        await ReadRowAsync(workflowId, JournalKeys.Head, cancellationToken) is { } row && WorkflowHead.TryDecode(row.Data) is not { IsGone: true };

    /// <summary>True when a request with this id was accepted before.</summary>
    public async Task<bool> HasArrivedAsync(string workflowId, string requestId, CancellationToken cancellationToken) =>
        await ReadRowAsync(workflowId, JournalKeys.Request(requestId), cancellationToken) is not null;

    /// <summary>What became of an update in each run that has decided on it, the newest first; empty when none has.</summary>
    public async Task<IReadOnlyList<StoredUpdate>> ReadUpdateAsync(string workflowId, string updateId, CancellationToken cancellationToken)
    {
        var found = new List<StoredUpdate>();
        var prefix = JournalKeys.UpdatesOf(updateId);
        await foreach (var row in RangeAsync(workflowId, prefix, prefix[..^1] + ";", new PageCount(), cancellationToken))
        {
            found.Add(StoredUpdate.Decode(row.Data));
        }

        return found;
    }

    /// <summary>Adds a row, with the payloads that code may see, to what is read of a partition. One that can't be read is noted as its damage.</summary>
    public async Task CollectAsync(PartitionRead read, Row row, CancellationToken cancellationToken)
    {
        try
        {
            if (row.Key.StartsWith(JournalKeys.SegmentPrefix, StringComparison.Ordinal))
            {
                read.Segments.Add(new StoredSegment(row.Key, row.Tag, await segments.DecodeAsync(row.Data, cancellationToken), row.Data.Length, Segments.IsPlain(row.Data)) { Content = Segments.ContentOf(row.Data) });
            }
            else if (row.Key.StartsWith(JournalKeys.InboxPrefix, StringComparison.Ordinal))
            {
                var item = InboxItem.Decode(row.Data);
                read.Add(new InboxRow(row.Key, row.Written, item with { Event = await segments.RestoreAsync(item.Event, cancellationToken) }), row.Data.Length);
            }
            else
            {
                read.Add(row);
            }
        }
        catch (InvalidDataException e)
        {
            read.Damage ??= $"Row '{row.Key}' can't be read: {e.Message}";
        }
    }

    private async Task<PartitionRead> ReadPartitionAsync(string workflowId, Func<PartitionRead, bool> headSuffices, PageCount pages, CancellationToken cancellationToken)
    {
        var read = new PartitionRead(limits);
        await foreach (var row in TaskRowsAsync(workflowId, read, pages, cancellationToken))
        {
            if (row.Key.StartsWith(JournalKeys.SegmentPrefix, StringComparison.Ordinal)
                && (read.Head is null || headSuffices(read) || !row.Key.StartsWith(JournalKeys.SegmentsOf(read.Head.RunNumber), StringComparison.Ordinal)))
            {
                // Segments of earlier runs follow those of the newest.
                break;
            }

            await CollectAsync(read, row, cancellationToken);
            read.Place(row.Key, pages.Number);
        }

        return read;
    }

    /// <summary>Pages are no snapshot: while they are read, a commit may take the start, or merge segments of which some are behind and some ahead. Then they are read again.</summary>
    private static async Task<PartitionRead> UntilWholeAsync(Func<PartitionRead, bool> isWhole, Func<PageCount, Task<PartitionRead>> readAsync)
    {
        for (var attempt = 1; ; attempt++)
        {
            var pages = new PageCount();
            var read = await readAsync(pages);
            if (pages.Number == 1 || attempt == MaxTornReads || isWhole(read))
            {
                return read;
            }
        }
    }

    /// <summary>All that a task needs; of the inbox, no more than is read at once.</summary>
    private async IAsyncEnumerable<Row> TaskRowsAsync(
        string workflowId, PartitionRead read, PageCount pages, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var row in RangeAsync(workflowId, JournalKeys.ActivityPrefix, JournalKeys.ColdTo, pages, cancellationToken))
        {
            yield return row;
            if (read.IsInboxCut)
            {
                break;
            }
        }

        if (read.IsInboxCut)
        {
            await foreach (var row in RangeAsync(workflowId, JournalKeys.SegmentPrefix, JournalKeys.ColdTo, pages, cancellationToken))
            {
                yield return row;
            }
        }
    }

    /// <summary>
    /// Pages are no snapshot: while they are read, a message may arrive in one that is behind and the sender's next one in one that is ahead. Where the inbox took more than one page, it is
    /// read again: what was accepted before something of the first reading is in the second.
    /// </summary>
    private async Task CompleteInboxAsync(string workflowId, PartitionRead read, CancellationToken cancellationToken)
    {
        if (!read.InboxIsSplit || read.Inbox.Count == 0)
        {
            return;
        }

        var latest = read.Inbox.Max(static r => r.Written);
        read.ClearInbox();
        await foreach (var row in RangeAsync(workflowId, JournalKeys.InboxPrefix, JournalKeys.WarmTo, new PageCount(), cancellationToken))
        {
            if (row.Written <= latest)
            {
                await CollectAsync(read, row, cancellationToken);
            }

            if (read.IsInboxCut)
            {
                break;
            }
        }
    }

    private async IAsyncEnumerable<Row> RangeAsync(
        string workflowId,
        string from,
        string? to,
        PageCount pages,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var query = new RowQuery(RowTable.Workflows, WorkflowKey.Partition(workflowId), from, to);
        var range = RowPages.RangeAsync(query, page =>
        {
            pages.Number++;
            return retry.ReadAsync(() => rows.QueryAsync(page, cancellationToken), cancellationToken);
        });
        await foreach (var row in range)
        {
            yield return await segments.RestoreAsync(row, cancellationToken);
        }
    }
}
