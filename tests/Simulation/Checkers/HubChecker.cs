using System.Text;
using Serverless.Client;
using Serverless.Engine;
using Serverless.History;
using Serverless.Simulation.Hosts;
using Serverless.Simulation.Workloads;
using Serverless.Storage;

namespace Serverless.Simulation.Checkers;

/// <summary>
/// Looks at a hub in which nothing happens any more: histories are whole and their code agrees with them, nothing waits, the list agrees, the doctor finds nothing; and when everything
/// is removed, nothing is left.
/// </summary>
internal sealed class HubChecker(SimWorld world, SimClient client)
{
    private const string CounterPrefix = "n:";
    private const string PlacesPrefix = "places-";
    private static readonly TimeSpan Settled = TimeSpan.FromMinutes(15);

    public async Task CheckAsync()
    {
        var runs = await ListAsync();
        foreach (var run in runs)
        {
            await CheckRunAsync(run);
        }

        await ExamineAsync();
        CheckQueues();
        await PurgeAsync();
    }

    private Task<IReadOnlyList<WorkflowSummary>> ListAsync() => client.AskAsync(async process =>
    {
        var all = new List<WorkflowSummary>();
        string? token = null;
        do
        {
            var page = await process.Engine!.Reader.ListAsync(null, 100, token, default);
            all.AddRange(page.Workflows);
            token = page.NextPageToken;
        }
        while (token is not null);

        return (IReadOnlyList<WorkflowSummary>)all;
    });

    private async Task CheckRunAsync(WorkflowSummary run)
    {
        var of = new WorkflowRef(run.WorkflowId, run.RunId);
        var events = await client.AskAsync(process => process.Engine!.Reader.ReadHistoryAsync(of, 0, TimeSpan.Zero, default));
        for (var i = 0; i < events.Count; i++)
        {
            if (events[i].Id != i + 1)
            {
                world.Violation($"I1: event {i + 1} of {run.WorkflowId}/{run.RunId} has the id {events[i].Id}");
                return;
            }
        }

        var description = await client.AskAsync(process => process.Engine!.Reader.DescribeAsync(of, default));
        if (description.Blocked is { } blocked)
        {
            world.Violation($"I2: {run.WorkflowId}/{run.RunId} is blocked: {blocked.Cause} {blocked.Message}");
        }

        if (description.Summary.Status != run.Status)
        {
            world.Violation($"The list has {run.WorkflowId}/{run.RunId} as {run.Status}, its history as {description.Summary.Status}");
        }

        if (run.Status == Api.Enums.V1.WorkflowExecutionStatus.Running)
        {
            world.Violation($"I3: {run.WorkflowId}/{run.RunId} ({run.WorkflowType}) is still open: {Pending(description.State)}");
        }
    }

    private static string Pending(RunState state) =>
        $"{state.Activities.Count} activities, {state.Timers.Count} timers, last event {state.LastEventId}";

    private async Task ExamineAsync()
    {
        var findings = await client.AskAsync(async process =>
        {
            var found = new List<HubReport.Finding>();
            await foreach (var report in process.Engine!.Hub.ExamineAsync(repair: true, rebuild: false, default))
            {
                if (report is HubReport.Finding finding)
                {
                    found.Add(finding);
                }
            }

            return found;
        });
        // What no workflow depends on is left to the doctor: places, notes and blobs of who died over a commit, and what was written late into a bucket that had been opened.
        foreach (var finding in findings.Where(static f => f.Kind is not (FindingKind.Place or FindingKind.BlockedNote or FindingKind.Bucket or FindingKind.OrphanedBlob)))
        {
            world.Violation($"The doctor finds {finding.Kind}: {finding.Detail} ({finding.WorkflowId}/{finding.RunId})");
        }
    }

    private void CheckQueues()
    {
        foreach (var queue in WorkflowEngine.Queues)
        {
            foreach (var name in (string[])[queue, PoisonSweep.PoisonOf(queue)])
            {
                if (CountOf(name) is > 0 and var left)
                {
                    world.Violation($"{left} messages are left in {name}");
                }
            }
        }
    }

    private int? CountOf(string queue) => Storage.SimService.Now(world.Service.Store.Queues.CountAsync(queue, default));

    /// <summary>What the hub did for others, such as batches that have ended.</summary>
    private Task<bool> RemoveSystemAsync() => client.AskAsync(async process =>
    {
        while ((await process.Engine!.Reader.ListAsync("ExecutionStatus != 'Running'", 100, null, default, Visibility.ListDivision.System)).Workflows is { Count: > 0 } workflows)
        {
            foreach (var id in workflows.Select(static w => w.WorkflowId).Distinct(StringComparer.Ordinal))
            {
                await process.Engine.Service.DeleteAsync(id, default);
            }
        }

        return true;
    });

    private async Task PurgeAsync()
    {
        await RemoveSystemAsync();
        await client.AskAsync(async process =>
        {
            await foreach (var report in process.Engine!.Hub.PurgeAsync("ExecutionStatus != 'Running'", dryRun: false, default))
            {
                _ = report;
            }

            return true;
        });

        // What closed a moment ago is looked at again, and goes then.
        await client.SleepAsync(Settled);
        CheckQueues();
        foreach (var table in Enum.GetValues<RowTable>())
        {
            foreach (var (partition, row) in Rows(table).Where(static r => !MayStay(r.Partition, r.Row.Key)))
            {
                world.Violation($"I8: row {table} {partition} {row.Key} is left after everything was purged");
            }
        }

        // Slots of counters may be left, of which one is above and one below zero.
        var counted = await client.AskAsync(process => process.Engine!.Reader.CountAsync("GROUP BY ExecutionStatus", default));
        if (counted.Count > 0)
        {
            world.Violation($"I8: after everything was purged, {string.Join(", ", counted)} are counted");
        }

        CheckBlobs();
    }

    /// <summary>Slots of counters, and the places of a limited activity type, which are few and are taken again.</summary>
    private static bool MayStay(string partition, string key) =>
        key.StartsWith(CounterPrefix, StringComparison.Ordinal) || partition.StartsWith(PlacesPrefix, StringComparison.Ordinal);

    private IEnumerable<(string Partition, Row Row)> Rows(RowTable table)
    {
        string? continuation = null;
        do
        {
            var page = world.Service.Scan(table, null, continuation);
            foreach (var row in page.Rows)
            {
                yield return row;
            }

            continuation = page.Continuation;
        }
        while (continuation is not null);
    }

    private void CheckBlobs()
    {
        string? more = null;
        do
        {
            var (names, next) = Storage.SimService.Now(world.Service.Store.Blobs.ListAsync("", more, default));
            foreach (var name in names)
            {
                world.Violation($"I8: blob {name} is left after everything was purged");
            }

            more = next;
        }
        while (more is not null);
    }
}
