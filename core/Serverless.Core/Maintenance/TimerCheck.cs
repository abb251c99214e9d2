using System.Runtime.CompilerServices;
using Serverless.Client;
using Serverless.Engine;
using Serverless.Storage;

namespace Serverless.Maintenance;

/// <summary>Finds buckets of parked timers that nobody opens, timers that can't be read or belong to nobody, and places that nobody gave back.</summary>
internal sealed class TimerCheck(EngineServices services)
{
    /// <summary>A place whose lease ended this long ago is not going to be renewed.</summary>
    private static readonly TimeSpan Abandoned = TimeSpan.FromDays(1);
    private readonly HashSet<(WorkKind Kind, string RunId, long EventId)> _parked = [];

    /// <summary>True when a timer was among the parked ones.</summary>
    public bool IsParked(WorkKind kind, string runId, long eventId) => _parked.Contains((kind, runId, eventId));

    public async IAsyncEnumerable<Trouble> LookAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var buckets = new SortedSet<string>(StringComparer.Ordinal);
        await foreach (var (partition, row) in services.Scan(RowTable.Timers, cancellationToken))
        {
            if (partition.StartsWith(SharedPlaces.PartitionPrefix, StringComparison.Ordinal))
            {
                if (PlaceRow.Of(row).Until + Abandoned < services.Time.GetUtcNow())
                {
                    yield return Trouble.Of(
                        FindingKind.Place, null, $"a place of {partition} is held by nobody", "remove its row", token => DeleteAsync(partition, row, token));
                }
            }
            else
            {
                buckets.Add(partition);
                if (!TimerBuckets.IsMarker(row) && Note(row) is { } problem)
                {
                    yield return Trouble.Of(
                        FindingKind.Unreadable, null, $"parked timer '{row.Key}' of bucket {partition}: {problem}", "remove it; a workflow that needs it gets it anew", token => DeleteAsync(partition, row, token));
                }
            }
        }

        foreach (var name in buckets)
        {
            if (await LookAtBucketAsync(name, cancellationToken) is { } trouble)
            {
                yield return trouble;
            }
        }
    }

    /// <summary>Timers of workflows that do not exist.</summary>
    public async IAsyncEnumerable<Trouble> OrphansAsync(Func<string, Task<bool>> exists, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var (partition, row) in services.Scan(RowTable.Timers, cancellationToken))
        {
            if (!partition.StartsWith(SharedPlaces.PartitionPrefix, StringComparison.Ordinal) && !TimerBuckets.IsMarker(row)
                && Decode(row) is { Kind: not WorkKind.Retention } message && !await exists(message.WorkflowId))
            {
                yield return Trouble.Of(
                    FindingKind.OrphanedTimer, new WorkflowRef(message.WorkflowId), $"a parked timer ({message.Kind}, due {message.DueAt:O}) of a workflow that does not exist", "remove it",
                    token => DeleteAsync(partition, row, token));
            }
        }
    }

    /// <summary>Null when the row was read and is remembered.</summary>
    private string? Note(Row row)
    {
        try
        {
            var message = WorkMessage.Decode(row.Data);
            _parked.Add((message.Kind, message.RunId, message.EventId));
            return null;
        }
        catch (InvalidDataException e)
        {
            return e.Message;
        }
    }

    private static WorkMessage? Decode(Row row)
    {
        try
        {
            return WorkMessage.Decode(row.Data);
        }
        catch (InvalidDataException)
        {
            return null;
        }
    }

    private async Task<Trouble?> LookAtBucketAsync(string name, CancellationToken cancellationToken)
    {
        TimerBucket bucket;
        try
        {
            bucket = TimerBucket.Parse(name);
        }
        catch (InvalidDataException)
        {
            return null;
        }

        var (timers, hasMarker) = (0, false);
        await foreach (var row in services.Rows(new RowQuery(RowTable.Timers, name, "", null), cancellationToken))
        {
            hasMarker |= TimerBuckets.IsMarker(row);
            timers += TimerBuckets.IsMarker(row) ? 0 : 1;
        }

        var isLate = bucket.OpensAt + OverdueWork.Grace < services.Time.GetUtcNow();
        return (timers > 0 && !hasMarker) || (isLate && (timers > 0 || hasMarker))
            ? Trouble.Of(
                FindingKind.Bucket,
                null,
                $"bucket {name} holds {timers} timers, {(isLate ? $"should have been opened {bucket.OpensAt:O}" : "and nothing shows that it will be opened")}",
                "send the message that opens it",
                token => services.Timers.ReviveBucketAsync(name, token))
            : null;
    }

    private Task<TransactionOutcome> DeleteAsync(string partition, Row row, CancellationToken cancellationToken) => services.Retry.WriteAsync(
        () => services.Store.Rows.CommitAsync(RowTable.Timers, partition, [RowOperation.Delete(row.Key, row.Tag)], cancellationToken), cancellationToken);
}
