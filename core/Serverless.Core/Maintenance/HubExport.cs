using System.Globalization;
using System.Runtime.CompilerServices;
using Serverless.Client;
using Serverless.Engine;
using Serverless.History;
using Serverless.Storage;

namespace Serverless.Maintenance;

/// <summary>Reads workflows out as lines, the runs of each in order, its newest run last.</summary>
internal sealed class HubExport(EngineServices services, IWorkflowReader reader)
{
    private const int PageRuns = 200;
    private const int MaxTries = 10;

    public async IAsyncEnumerable<HubReport> RunAsync(string? filter, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var (workflows, runs) = (0L, 0L);
        await foreach (var id in filter is null ? AllAsync(cancellationToken) : FoundAsync(filter, cancellationToken))
        {
            var (found, damage) = await TryReadAsync(id, cancellationToken);
            foreach (var run in found)
            {
                runs++;
                yield return new HubReport.Line(ExportLine.Write(run));
            }

            if (damage is not null)
            {
                yield return new HubReport.Skipped(id, "", damage);
            }

            workflows++;
            yield return new HubReport.Progress(workflows, null);
        }

        yield return new HubReport.Ended(new Dictionary<string, long> { ["workflows"] = workflows, ["runs"] = runs });
    }

    private async IAsyncEnumerable<string> AllAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var (partition, row) in services.Scan(RowTable.Workflows, cancellationToken))
        {
            if (row.Key == JournalKeys.Head && WorkflowHead.TryDecode(row.Data) is not { IsGone: true } && WorkflowKey.WorkflowId(partition) is { } id)
            {
                yield return id;
            }
        }
    }

    private async IAsyncEnumerable<string> FoundAsync(string filter, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        string? token = null;
        do
        {
            var page = await reader.ListAsync(filter, PageRuns, token, cancellationToken);
            foreach (var run in page.Workflows)
            {
                if (seen.Add(run.WorkflowId))
                {
                    yield return run.WorkflowId;
                }
            }

            token = page.NextPageToken;
        }
        while (token is not null);
    }

    /// <summary>All runs of an id, or why they can't be read.</summary>
    private async Task<(IReadOnlyList<ExportedRun> Runs, string? Damage)> TryReadAsync(string workflowId, CancellationToken cancellationToken)
    {
        try
        {
            return (await ReadAsync(workflowId, cancellationToken), null);
        }
        catch (InvalidDataException e)
        {
            return ([], $"it can't be read: {e.Message}");
        }
    }

    /// <summary>All runs of an id as of one moment.</summary>
    private async Task<IReadOnlyList<ExportedRun>> ReadAsync(string workflowId, CancellationToken cancellationToken)
    {
        for (var tries = 0; tries < MaxTries; tries++)
        {
            if (await services.Reading.ReadHeadAsync(workflowId, cancellationToken) is not { } before)
            {
                return [];
            }

            var runs = await ReadOnceAsync(workflowId, before.Head, cancellationToken);
            if (await services.Reading.ReadHeadAsync(workflowId, cancellationToken) is { } after && after.Tag == before.Tag)
            {
                return runs;
            }
        }

        throw new StorageException($"Workflow '{workflowId}' changes so often that it can't be exported. Try again, or stop what runs it.", StorageOutcome.NotApplied);
    }

    private async Task<IReadOnlyList<ExportedRun>> ReadOnceAsync(string workflowId, WorkflowHead head, CancellationToken cancellationToken)
    {
        var rows = new PartitionRows(services);
        await foreach (var row in services.Rows(new RowQuery(RowTable.Workflows, WorkflowKey.Partition(workflowId), "", null), cancellationToken))
        {
            await rows.AddAsync(row, cancellationToken);
        }

        var runs = new List<ExportedRun>();
        foreach (var number in rows.Numbers.Append(head.RunNumber).Distinct().Where(n => n <= head.RunNumber).Order())
        {
            var events = await rows.EventsAsync(number, cancellationToken);
            if (number == head.RunNumber ? events.Count != head.LastEventId : events is not [WorkflowStarted, ..])
            {
                throw new InvalidDataException($"the history of run {number} is not complete");
            }

            var run = new ExportedRun(workflowId, number == head.RunNumber ? head.RunId : ((WorkflowStarted)events[0]).RunId, number, head.RunId)
            {
                Status = number == head.RunNumber ? head.Status : CommitBuilder.StatusAfter(events[^1]),
                Events = events,
                Updates = rows.UpdatesOf(number),
            };
            runs.Add(number != head.RunNumber ? run : run with
            {
                Attempts = head.IsOpen ? rows.AttemptsOf(number) : [],
                Inbox = rows.Inbox,
                Requests = rows.Requests,
                StartRequestId = head.RequestId,
                PinnedBuildId = head.PinnedBuildId,
            });
        }

        return runs;
    }

    /// <summary>The rows of a workflow id by what they are.</summary>
    private sealed class PartitionRows(EngineServices services)
    {
        private readonly SortedDictionary<int, List<Row>> _segments = [];
        private readonly List<StoredUpdate> _updates = [];
        private readonly SortedDictionary<string, Row> _attempts = new(StringComparer.Ordinal);
        private readonly PartitionRead _read = new();

        public IEnumerable<int> Numbers => _segments.Keys;

        public List<ExportedRequest> Requests { get; } = [];

        public IReadOnlyList<ExportedMessage> Inbox =>
            [.. (_read.ToWarm()?.Inbox ?? []).Select(static r => new ExportedMessage(r.Key[JournalKeys.InboxPrefix.Length..], r.Item.RunId, r.Item.Event with { Id = 1 }))];

        public async Task AddAsync(Row raw, CancellationToken cancellationToken)
        {
            var row = await services.Segments.RestoreAsync(raw, cancellationToken);
            if (row.Key.StartsWith(JournalKeys.SegmentPrefix, StringComparison.Ordinal))
            {
                var number = JournalKeys.RunOf(row.Key);
                (_segments.TryGetValue(number, out var segments) ? segments : _segments[number] = []).Add(row);
            }
            else if (row.Key.StartsWith(JournalKeys.UpdatePrefix, StringComparison.Ordinal))
            {
                _updates.Add(StoredUpdate.Decode(row.Data));
            }
            else if (row.Key.StartsWith(JournalKeys.ActivityPrefix, StringComparison.Ordinal))
            {
                _attempts[row.Key] = row;
            }
            else if (row.Key.StartsWith(JournalKeys.RequestPrefix, StringComparison.Ordinal))
            {
                Requests.Add(new ExportedRequest(row.Key[JournalKeys.RequestPrefix.Length..], row.Data.IsEmpty ? null : row.Data.ToArray()));
            }
            else
            {
                await services.Reading.CollectAsync(_read, row, cancellationToken);
            }
        }

        public async Task<IReadOnlyList<HistoryEvent>> EventsAsync(int number, CancellationToken cancellationToken)
        {
            var events = new List<HistoryEvent>();
            foreach (var row in _segments.GetValueOrDefault(number) ?? [])
            {
                foreach (var e in await services.Segments.PeekAsync(row.Data, cancellationToken))
                {
                    events.Add(await services.Segments.RestoreAsync(e, cancellationToken));
                }
            }

            return events;
        }

        public IReadOnlyList<UpdateOutcome> UpdatesOf(int number) => [.. _updates.Where(u => u.RunNumber == number).Select(static u => u.Outcome)];

        public IReadOnlyList<ExportedAttempts> AttemptsOf(int number)
        {
            var prefix = JournalKeys.Activity(number, 0)[..^10];
            return
            [
                .. from key in _attempts.Keys
                   where key.StartsWith(prefix, StringComparison.Ordinal)
                   group key by key.Substring(prefix.Length, 10) into same
                   let id = long.Parse(same.Key, NumberStyles.HexNumber, CultureInfo.InvariantCulture)
                   let row = _attempts.TryGetValue(JournalKeys.Activity(number, id), out var found) ? ActivityAttemptRow.Decode(found.Data) : null
                   select new ExportedAttempts(id, row, _attempts.ContainsKey(JournalKeys.ActivityCancel(number, id))),
            ];
        }
    }
}
