using Serverless.Client;
using Serverless.Engine;
using Serverless.History;
using Serverless.Storage;

namespace Serverless.Maintenance;

/// <summary>All rows of one workflow id, as a scan brings them in order: what a task would see of them, and a summary of each run.</summary>
internal sealed class PartitionScan(EngineServices services, string workflowId)
{
    private readonly PartitionRead _read = new();
    private readonly List<string> _damage = [];
    private RunState? _state;
    private int _number;
    private long _bytes;

    public string WorkflowId => workflowId;

    public WorkflowHead? Head => _read.Head;

    /// <summary>Rows beside those of the current run that can't be read.</summary>
    public IReadOnlyList<string> Damage => _damage;

    /// <summary>Runs whose history can be read, the newest first.</summary>
    public List<(int Number, WorkflowSummary Summary)> Runs { get; } = [];

    public async Task AddAsync(Row raw, CancellationToken cancellationToken)
    {
        var row = await services.Segments.RestoreAsync(raw, cancellationToken);
        if (!row.Key.StartsWith(JournalKeys.SegmentPrefix, StringComparison.Ordinal))
        {
            await AddBesideAsync(row, cancellationToken);
            return;
        }

        var number = JournalKeys.RunOf(row.Key);
        if (number == Head?.RunNumber)
        {
            await services.Reading.CollectAsync(_read, row, cancellationToken);
        }

        if (number != _number)
        {
            EndRun();
            (_number, _state, _bytes) = (number, new RunState(), 0);
        }

        await FoldAsync(row, number, cancellationToken);
    }

    /// <summary>What a task would see; null when there is no head.</summary>
    public ColdRead? ToCold()
    {
        EndRun();
        return Head is null ? null : _read.ToCold();
    }

    private async Task AddBesideAsync(Row row, CancellationToken cancellationToken)
    {
        try
        {
            await services.Reading.CollectAsync(_read, row, cancellationToken);
            if (row.Key.StartsWith(JournalKeys.UpdatePrefix, StringComparison.Ordinal))
            {
                StoredUpdate.Decode(row.Data);
            }
        }
        catch (InvalidDataException e)
        {
            _damage.Add($"row '{row.Key}': {e.Message}");
        }
    }

    private async Task FoldAsync(Row row, int number, CancellationToken cancellationToken)
    {
        if (_state is null)
        {
            return;
        }

        try
        {
            foreach (var e in await services.Segments.PeekAsync(row.Data, cancellationToken))
            {
                // Only what the list shows is fetched from blobs.
                _state.Apply(e is WorkflowStarted started
                    ? await services.Segments.RestoreAsync(started with { Args = [], Headers = WorkflowStarted.Empty, LastResult = null }, cancellationToken)
                    : e);
            }

            _bytes += row.Data.Length;
        }
        catch (InvalidDataException e)
        {
            _state = null;
            if (number != Head?.RunNumber)
            {
                _damage.Add($"row '{row.Key}': {e.Message}");
            }
        }
    }

    private void EndRun()
    {
        if (_state is { LastEventId: > 0 } state)
        {
            Runs.Add((_number, WorkflowSummaries.Of(workflowId, state, _number == Head?.RunNumber ? Head.HistoryBytes : _bytes)));
        }

        _state = null;
    }
}
