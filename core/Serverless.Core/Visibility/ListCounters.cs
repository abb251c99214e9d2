using System.Globalization;
using Serverless.Api.Enums.V1;
using Serverless.Storage;

namespace Serverless.Visibility;

/// <summary>How many runs have a status and a type.</summary>
internal readonly record struct ListCount(WorkflowExecutionStatus Status, string WorkflowType, long Count);

/// <summary>
/// The counters of one slot of a list, as one writer changes them: in the transaction that changes the rows, each under its tag. A slot's counters are changes rather than
/// totals and may be negative; the sum over all slots is the number of runs. Writers take different slots, so that they seldom meet; who met another goes to the next slot.
/// Not thread-safe.
/// </summary>
internal sealed class ListCounters(IRowStore rows, string partition, int slot)
{
    public const int Slots = 16;
    private readonly Dictionary<string, (long Count, string Tag)> _known = new(StringComparer.Ordinal);
    private int _slot = slot % Slots;
    private bool _isRead;
    private bool _isSuspect;

    /// <summary>The counters of all slots together; those of nothing are left out. A few requests, whatever the number of runs.</summary>
    public static async Task<IReadOnlyList<ListCount>> TotalsAsync(IRowStore rows, string partition, CancellationToken cancellationToken)
    {
        var sums = new SortedDictionary<(WorkflowExecutionStatus Status, string Type), long>(
            Comparer<(WorkflowExecutionStatus Status, string Type)>.Create(static (x, y) =>
                x.Status != y.Status ? x.Status.CompareTo(y.Status) : string.CompareOrdinal(x.Type, y.Type)));
        await foreach (var row in rows.RangeAsync(partition, ListKeys.CounterPrefix, ListKeys.EndOf(ListKeys.CounterPrefix), cancellationToken))
        {
            var count = Decode(row.Data);
            var key = (count.Status, count.WorkflowType);
            sums[key] = sums.GetValueOrDefault(key) + count.Count;
        }

        return [.. sums.Where(static s => s.Value != 0).Select(static s => new ListCount(s.Key.Status, s.Key.Type, s.Value))];
    }

    /// <summary>True for the row of a counter that can be read.</summary>
    public static bool IsCounter(Row row)
    {
        try
        {
            return row.Key.StartsWith(ListKeys.CounterPrefix, StringComparison.Ordinal) && Decode(row.Data).Count is var _;
        }
        catch (InvalidDataException)
        {
            return false;
        }
    }

    /// <summary>Reads the slot if what is in it is not known.</summary>
    public async Task LoadAsync(CancellationToken cancellationToken)
    {
        if (_isRead)
        {
            return;
        }

        var before = _known.ToDictionary();
        await ReadAsync(cancellationToken);
        if (_isSuspect && !(before.Count == _known.Count && before.All(b => _known.TryGetValue(b.Key, out var now) && now == b.Value)))
        {
            _slot = (_slot + 1) % Slots;
            await ReadAsync(cancellationToken);
        }

        _isSuspect = false;
        _isRead = true;
    }

    /// <summary>What a transaction must hold to change counters so. One that comes to nothing is deleted.</summary>
    public IReadOnlyList<RowOperation> Change(IEnumerable<ListCount> changes) =>
        [.. changes.Where(static c => c.Count != 0).Select(Operation)];

    /// <summary>The transaction with these operations was committed.</summary>
    public void Written(IReadOnlyList<RowOperation> operations, IEnumerable<string?> tags)
    {
        foreach (var (operation, tag) in operations.Zip(tags))
        {
            if (tag is null)
            {
                _known.Remove(operation.Key);
            }
            else
            {
                _known[operation.Key] = (Decode(operation.Data).Count, tag);
            }
        }
    }

    /// <summary>What is known may be wrong.</summary>
    /// <param name="isSuspect">True: it was not this writer's doing, so a slot that has changed has another writer, and the next one is taken.</param>
    public void Forget(bool isSuspect)
    {
        _isRead = false;
        _isSuspect = isSuspect;
    }

    private static string Prefix(int slot) => string.Create(CultureInfo.InvariantCulture, $"{ListKeys.CounterPrefix}{slot:x}:");

    private static byte[] Encode(ListCount count)
    {
        using var stream = new MemoryStream(32);
        using var writer = new BinaryWriter(stream);
        writer.Write(count.Count);
        writer.Write((byte)count.Status);
        writer.Write(count.WorkflowType);
        return stream.ToArray();
    }

    private static ListCount Decode(ReadOnlyMemory<byte> data)
    {
        try
        {
            using var reader = new BinaryReader(new MemoryStream(data.ToArray(), writable: false));
            var count = reader.ReadInt64();
            return new ListCount((WorkflowExecutionStatus)reader.ReadByte(), reader.ReadString(), count);
        }
        catch (Exception e) when (e is EndOfStreamException or FormatException or ArgumentException or IOException)
        {
            throw new InvalidDataException("A counter of the list can't be read. Rebuild the list.", e);
        }
    }

    private async Task ReadAsync(CancellationToken cancellationToken)
    {
        _known.Clear();
        var prefix = Prefix(_slot);
        await foreach (var row in rows.RangeAsync(partition, prefix, ListKeys.EndOf(prefix), cancellationToken))
        {
            _known[row.Key] = (Decode(row.Data).Count, row.Tag);
        }
    }

    private RowOperation Operation(ListCount change)
    {
        var key = Prefix(_slot) + ListKeys.Value(change.Status) + KeyText.End + KeyText.Of(change.WorkflowType);
        if (!_known.TryGetValue(key, out var known))
        {
            return RowOperation.Insert(key, Encode(change));
        }

        var sum = known.Count + change.Count;
        return sum == 0 ? RowOperation.Delete(key, known.Tag) : RowOperation.Replace(key, Encode(change with { Count = sum }), known.Tag);
    }
}
