using System.Runtime.CompilerServices;
using Serverless.Storage;

namespace Serverless.Visibility;

/// <summary>
/// Reads the rows of key ranges, each range page by page, and keeps what is read until it is taken. Pages begin small and double, so that little is read beyond what is needed
/// and many rows take few requests. A run that has several keys in the ranges comes once.
/// </summary>
internal sealed class ListRanges
{
    private const int SmallestPage = 8;
    private const int RequestsAtOnce = 16;
    private readonly IRowStore _rows;
    private readonly string _partition;
    private readonly List<Range> _ranges;

    /// <param name="rows">Where the list is stored.</param>
    /// <param name="division">Which list.</param>
    /// <param name="ranges">What to read.</param>
    /// <param name="firstPage">Rows that the first page of one range has, 1..1000; several ranges share it.</param>
    public ListRanges(IRowStore rows, ListDivision division, IReadOnlyList<KeyRange> ranges, int firstPage)
    {
        _rows = rows;
        _partition = division.Partition();
        var page = ranges.Count <= 1 ? firstPage : Math.Max(SmallestPage, firstPage / ranges.Count);
        _ranges = [.. ranges.Select(r => new Range(new RowQuery(RowTable.Visibility, _partition, r.From, r.To, Math.Clamp(page, 1, StorageLimits.MaxPageRows))))];
    }

    /// <summary>Rows that were read so far.</summary>
    public long Count { get; private set; }

    /// <summary>True when all ranges are read to their ends.</summary>
    public bool IsEnded => _ranges.TrueForAll(static r => r.IsEnded);

    /// <summary>Where the first rows that were read end, in the order of the list: the farther back, the fewer rows the ranges hold. Empty when nothing was read.</summary>
    public string Reach => _ranges.Where(static r => !r.IsEnded && r.Waiting.Count > 0).Select(static r => r.Waiting.Last().Suffix).Min(StringComparer.Ordinal) ?? "";

    /// <summary>Reads on, all ranges alike, until so many rows are read or there are no more. True: there are no more.</summary>
    public async Task<bool> FillAsync(long rows, CancellationToken cancellationToken)
    {
        while (!IsEnded && Count < rows)
        {
            var open = _ranges.FindAll(static r => !r.IsEnded);
            foreach (var part in open.Chunk(RequestsAtOnce))
            {
                await Task.WhenAll(part.Select(r => ReadPageAsync(r, cancellationToken)));
            }
        }

        return IsEnded;
    }

    /// <summary>All rows, or those of the pages that were read until there were more than so many.</summary>
    public async Task<IReadOnlyList<(string Suffix, ListRow Row)>> ReadAsync(long rows, CancellationToken cancellationToken)
    {
        await FillAsync(rows, cancellationToken);
        return [.. _ranges.SelectMany(static r => r.Waiting).DistinctBy(static r => r.Suffix)];
    }

    /// <summary>All rows, in no order.</summary>
    public async IAsyncEnumerable<ListRow> AllAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var seen = _ranges.Count > 1 ? new HashSet<string>(StringComparer.Ordinal) : null;
        foreach (var range in _ranges)
        {
            while (await FillAsync(range, cancellationToken))
            {
                var (suffix, row) = range.Waiting.Dequeue();
                if (seen?.Add(suffix) != false)
                {
                    yield return row;
                }
            }
        }
    }

    /// <summary>The rows of ranges that are each in the order of the list, in that order.</summary>
    public async IAsyncEnumerable<(string Suffix, ListRow Row)> NewestFirstAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var heads = new PriorityQueue<Range, string>(StringComparer.Ordinal);
        foreach (var part in _ranges.Chunk(RequestsAtOnce))
        {
            var filled = await Task.WhenAll(part.Select(r => FillAsync(r, cancellationToken)));
            heads.EnqueueRange(part.Zip(filled).Where(static r => r.Second).Select(static r => (r.First, r.First.Waiting.Peek().Suffix)));
        }

        var last = "";
        while (heads.TryDequeue(out var range, out var suffix))
        {
            var (_, row) = range.Waiting.Dequeue();
            if (suffix != last)
            {
                yield return (suffix, row);
            }

            last = suffix;
            if (await FillAsync(range, cancellationToken))
            {
                heads.Enqueue(range, range.Waiting.Peek().Suffix);
            }
        }
    }

    /// <summary>True when nothing waits and nothing is left to read.</summary>
    public bool IsEmpty => _ranges.TrueForAll(static r => r.IsEnded && r.Waiting.Count == 0);

    private async Task<bool> FillAsync(Range range, CancellationToken cancellationToken)
    {
        while (range.Waiting.Count == 0 && !range.IsEnded)
        {
            await ReadPageAsync(range, cancellationToken);
        }

        return range.Waiting.Count > 0;
    }

    private async Task ReadPageAsync(Range range, CancellationToken cancellationToken)
    {
        var page = await _rows.QueryAsync(range.Query, cancellationToken);
        range.IsEnded = page.Continuation is null;
        range.Query = range.Query with { Continuation = page.Continuation, Limit = Math.Min(range.Query.Limit * 2, StorageLimits.MaxPageRows) };
        var rows = new ListRow?[page.Rows.Count];
        foreach (var part in page.Rows.Index().Chunk(RequestsAtOnce))
        {
            await Task.WhenAll(part.Select(async r => rows[r.Index] = await FollowAsync(r.Item, cancellationToken)));
        }

        lock (_ranges)
        {
            Count += page.Rows.Count;
        }

        for (var i = 0; i < rows.Length; i++)
        {
            if (rows[i] is { } row)
            {
                range.Waiting.Enqueue((ListKeys.SuffixIn(page.Rows[i].Key), row));
            }
        }
    }

    /// <summary>The row that a key holds or leads to; null when it left the list meanwhile.</summary>
    private async ValueTask<ListRow?> FollowAsync(Row row, CancellationToken cancellationToken) =>
        row.Data.Length > 0 ? VisibilityRow.Decode(row.Data)
        : await _rows.GetAsync(_partition, ListKeys.Row(ListKeys.SuffixIn(row.Key)), cancellationToken) is { } main ? VisibilityRow.Decode(main.Data)
        : null;

    private sealed class Range(RowQuery query)
    {
        public RowQuery Query { get; set; } = query;

        public bool IsEnded { get; set; }

        public Queue<(string Suffix, ListRow Row)> Waiting { get; } = new();
    }
}
