using System.Globalization;
using Serverless.Storage;

namespace Serverless.Engine;

/// <summary>
/// Far timers: rows in buckets of due times, each non-empty bucket with one delayed message that opens it. Opened, its timers become near ones
/// or move to finer buckets. A bucket's marker row is the agreement between writers and opener: a writer touches it in the transaction that parks a
/// timer, the opener deletes it under its tag once the bucket is empty. So a late writer either is seen by the opener or arms the bucket anew.
/// Every step may repeat.
/// </summary>
internal sealed class TimerBuckets(IHubStore store, TimeProvider time, IdSource ids, StorageRetry retry)
{
    private const string Marker = "marker";
    private const int PageRows = 99;
    private const int ParallelSends = 16;

    /// <summary>Parks a message that is due later.</summary>
    public async Task ParkAsync(WorkMessage message, TimerBucket bucket, CancellationToken cancellationToken)
    {
        var row = RowOperation.Upsert(RowKey(message), message.EncodeToFit());
        while (!await CommitAsync(bucket, [RowOperation.Touch(Marker), row], cancellationToken))
        {
            // The message goes first: a bucket with a marker and no message would never open.
            var (sent, opens) = (time.GetTimestamp(), bucket.OpensAt - time.GetUtcNow());
            await SendOpenerAsync(bucket, cancellationToken);
            if (!await CommitAsync(bucket, [RowOperation.Insert(Marker, default), row], cancellationToken))
            {
                continue;
            }

            if (time.GetElapsedTime(sent) >= opens)
            {
                // That took so long that the message may have come before there was anything to open.
                await SendOpenerAsync(bucket, cancellationToken);
            }

            return;
        }
    }

    /// <summary>Removes a parked timer if it is where it should be; one that has moved on is ignored when it fires.</summary>
    public async Task RemoveAsync(WorkMessage message, CancellationToken cancellationToken)
    {
        foreach (var bucket in TimerBucket.Possible(message.DueAt!.Value, time.GetUtcNow()))
        {
            if (await CommitAsync(bucket, [RowOperation.Delete(RowKey(message), null)], cancellationToken))
            {
                return;
            }
        }
    }

    /// <summary>Empties a bucket: <paramref name="release"/> takes each message on, then its row goes.</summary>
    public async Task OpenAsync(string name, Func<WorkMessage, Task> release, CancellationToken cancellationToken)
    {
        var bucket = TimerBucket.Parse(name);
        while (true)
        {
            var (rows, markerTag) = await ReadAsync(bucket, cancellationToken);
            if (rows.Count > 0)
            {
                await ReleaseAsync(bucket, rows, release, cancellationToken);
            }
            else if (markerTag is null || await CommitAsync(bucket, [RowOperation.Delete(Marker, markerTag)], cancellationToken))
            {
                return;
            }
        }
    }

    /// <summary>Makes a bucket open that nobody opens. Repeating it is harmless: an opener more finds nothing to do.</summary>
    public async Task ReviveAsync(string name, CancellationToken cancellationToken)
    {
        var bucket = TimerBucket.Parse(name);
        await CommitAsync(bucket, [RowOperation.Insert(Marker, default)], cancellationToken);
        await SendOpenerAsync(bucket, cancellationToken);
    }

    /// <summary>True for the row that writers and opener agree by.</summary>
    public static bool IsMarker(Row row) => row.Key == Marker;

    private static string RowKey(WorkMessage message) => string.Create(
        CultureInfo.InvariantCulture,
        $"{message.DueAt!.Value.UtcTicks:x16}-{WorkflowKey.Partition(message.WorkflowId)[..8]}-{message.RunId}-{(byte)message.Kind}-{message.EventId}-{message.Attempt}");

    private async Task<(List<Row> Rows, string? MarkerTag)> ReadAsync(TimerBucket bucket, CancellationToken cancellationToken)
    {
        var rows = new List<Row>();
        string? markerTag = null;
        var query = new RowQuery(RowTable.Timers, bucket.Name, "", null, PageRows);
        do
        {
            var page = await retry.ReadAsync(() => store.Rows.QueryAsync(query, cancellationToken), cancellationToken);
            foreach (var row in page.Rows)
            {
                if (row.Key == Marker)
                {
                    markerTag = row.Tag;
                }
                else
                {
                    rows.Add(row);
                }
            }

            query = query with { Continuation = page.Continuation };
        }
        while (query.Continuation is not null && rows.Count < PageRows);

        return (rows, markerTag);
    }

    private async Task ReleaseAsync(TimerBucket bucket, List<Row> rows, Func<WorkMessage, Task> release, CancellationToken cancellationToken)
    {
        foreach (var slice in rows.Chunk(ParallelSends))
        {
            await Task.WhenAll(slice.Select(row => release(WorkMessage.Decode(row.Data))));
        }

        foreach (var slice in rows.Chunk(PageRows))
        {
            if (!await CommitAsync(bucket, [.. slice.Select(static r => RowOperation.Delete(r.Key, null))], cancellationToken))
            {
                // One of them was cancelled meanwhile: the others go one by one.
                foreach (var row in slice)
                {
                    await CommitAsync(bucket, [RowOperation.Delete(row.Key, null)], cancellationToken);
                }
            }
        }
    }

    private async Task SendOpenerAsync(TimerBucket bucket, CancellationToken cancellationToken)
    {
        var message = new WorkMessage(WorkKind.Bucket, ids.NextUlid(), bucket.Name) { DueAt = bucket.OpensAt };
        await QueueSending.SendAsync(store.Queues, retry, QueueNames.Timers, message, bucket.OpensAt - time.GetUtcNow(), cancellationToken);
    }

    // Every operation here may repeat, so an unknown outcome is simply tried again.
    private async Task<bool> CommitAsync(TimerBucket bucket, IReadOnlyList<RowOperation> operations, CancellationToken cancellationToken)
    {
        var outcome = await retry.ReadAsync(() => store.Rows.CommitAsync(RowTable.Timers, bucket.Name, operations, cancellationToken), cancellationToken);
        return outcome.Committed;
    }
}

/// <summary>A span of due times whose timers lie in one partition.</summary>
/// <param name="Size">Its length.</param>
/// <param name="Start">Its begin.</param>
internal readonly record struct TimerBucket(TimeSpan Size, DateTimeOffset Start)
{
    private static readonly (TimeSpan Within, TimeSpan Size, TimeSpan Lead)[] Sizes =
    [
        (TimeSpan.FromHours(1), TimeSpan.FromMinutes(1), TimeSpan.FromSeconds(10)),
        (TimeSpan.FromDays(1), TimeSpan.FromMinutes(10), TimeSpan.FromMinutes(1)),
        (TimeSpan.FromDays(32), TimeSpan.FromDays(1), TimeSpan.FromMinutes(10)),
        (TimeSpan.MaxValue, TimeSpan.FromDays(32), TimeSpan.FromHours(1)),
    ];

    /// <summary>The partition's name: minutes of size and of start, sorted by time within a size.</summary>
    public string Name => string.Create(CultureInfo.InvariantCulture, $"{(long)Size.TotalMinutes:x6}-{Start.UtcTicks / TimeSpan.TicksPerMinute:x10}");

    /// <summary>When its message opens it: a little before its start, so that its first timers are in time.</summary>
    public DateTimeOffset OpensAt
    {
        get
        {
            var size = Size;
            return Start - Array.Find(Sizes, s => s.Size == size).Lead;
        }
    }

    /// <summary>The bucket for a due time as seen at a moment: finer the nearer it is.</summary>
    public static TimerBucket For(DateTimeOffset due, DateTimeOffset now)
    {
        var (_, size, _) = Array.Find(Sizes, s => due - now <= s.Within);
        return Containing(due, size);
    }

    /// <summary>Where a timer parked at some earlier time may lie: the bucket of now, and coarser ones that have not opened.</summary>
    public static IEnumerable<TimerBucket> Possible(DateTimeOffset due, DateTimeOffset now)
    {
        var finest = For(due, now);
        return Sizes.Where(s => s.Size >= finest.Size).Select(s => Containing(due, s.Size)).Where(b => b == finest || b.OpensAt > now);
    }

    private static TimerBucket Containing(DateTimeOffset due, TimeSpan size) =>
        new(size, new DateTimeOffset(due.UtcTicks - (due.UtcTicks % size.Ticks), TimeSpan.Zero));

    /// <exception cref="InvalidDataException">It is no bucket's name.</exception>
    public static TimerBucket Parse(string name)
    {
        if (name.Length == 17
            && long.TryParse(name.AsSpan(0, 6), NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var size)
            && long.TryParse(name.AsSpan(7), NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var start)
            && Array.Exists(Sizes, s => s.Size == TimeSpan.FromMinutes(size))
            && start < DateTimeOffset.MaxValue.UtcTicks / TimeSpan.TicksPerMinute)
        {
            return new TimerBucket(TimeSpan.FromMinutes(size), new DateTimeOffset(start * TimeSpan.TicksPerMinute, TimeSpan.Zero));
        }

        throw new InvalidDataException($"'{name}' is not the name of a timer bucket.");
    }
}
