using Serverless.Simulation.Kernel;
using Serverless.Storage;
using Serverless.Storage.Memory;

namespace Serverless.Simulation.Storage;

/// <summary>
/// The storage account of a simulated world: the strict store in memory, a bell for its queues, and clocks as coarse as those of the real service, so that rows which were written
/// within a millisecond can't be told apart by time.
/// </summary>
#pragma warning disable CA1001 // Memory is all that the store holds.
internal sealed class SimService
#pragma warning restore CA1001
{
    private readonly Dictionary<string, long> _written = new(StringComparer.Ordinal);
    private readonly MemoryHubStore _store;
    private readonly SimKernel _kernel;

    public SimService(SimKernel kernel, int seed, bool hostilePages)
    {
        _kernel = kernel;
        _store = new MemoryHubStore(kernel.CreateLane("service").Time, seed, hostilePages);
        Bell = new QueueBell(kernel, _store);
    }

    /// <summary>Tells when messages become visible.</summary>
    public QueueBell Bell { get; }

    /// <summary>The store behind, for those who look without a network between.</summary>
    public MemoryHubStore Store => _store;

    /// <summary>Called after each transaction that was applied.</summary>
    public Action<RowTable, string, IReadOnlyList<RowOperation>>? Committed { get; set; }

    public TransactionOutcome Commit(RowTable table, string partition, IReadOnlyList<RowOperation> operations)
    {
        var outcome = Now(_store.Rows.CommitAsync(table, partition, operations, default));
        foreach (var tag in outcome.Tags)
        {
            if (tag is not null)
            {
                _written[tag] = (long)_kernel.Elapsed.TotalMilliseconds;
            }
        }

        if (outcome.Committed)
        {
            Committed?.Invoke(table, partition, operations);
        }

        return outcome;
    }

    /// <summary>Somebody else writes the rows whose tags a transaction names, without changing what they say.</summary>
    public void Overtake(RowTable table, string partition, IReadOnlyList<RowOperation> operations)
    {
        foreach (var operation in operations.Where(static o => o.Tag is not null))
        {
            Commit(table, partition, [RowOperation.Touch(operation.Key)]);
        }
    }

    public RowPage Query(RowQuery query)
    {
        var page = Now(_store.Rows.QueryAsync(query, default));
        return page with { Rows = [.. page.Rows.Select(Dated)] };
    }

    public RowScanPage Scan(RowTable table, string? fromPartition, string? continuation)
    {
        var page = Now(_store.Rows.ScanAsync(table, fromPartition, continuation, default));
        return page with { Rows = [.. page.Rows.Select(r => (r.Partition, Dated(r.Row)))] };
    }

    /// <summary>The answer of a call that finishes before it returns.</summary>
    public static T Now<T>(ValueTask<T> call) => call.IsCompleted ? call.GetAwaiter().GetResult() : throw new InvalidOperationException("The store in memory must not wait.");

    private Row Dated(Row row) => row with { Written = _written.GetValueOrDefault(row.Tag) };
}
