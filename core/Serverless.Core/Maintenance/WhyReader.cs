using Serverless.Api.Enums.V1;
using Serverless.Client;
using Serverless.Engine;
using Serverless.Storage;

namespace Serverless.Maintenance;

/// <summary>Reads what <see cref="Waits"/> needs: the run, and little beside it.</summary>
internal sealed class WhyReader(EngineServices services, RunReader runs, WorkflowStarter starter, RunningActivities running)
{
    /// <summary>Children beyond this number are not looked at: each is a read.</summary>
    private const int MaxChildren = 20;

    public async Task<WorkflowWaits> ReadAsync(WorkflowRef workflow, CancellationToken cancellationToken)
    {
        var (run, inbox) = await runs.LoadWithInboxAsync(workflow, cancellationToken) ?? throw RunReader.Missing(workflow);
        using (run)
        {
            if (!run.Head.IsOpen)
            {
                return Waits.Of(new WaitFacts(run, [], services.Time.GetUtcNow()));
            }

            return Waits.Of(new WaitFacts(run, inbox, services.Time.GetUtcNow())
            {
                TaskQueue = services.Options.TaskQueue,
                RunningHere = run.State.Activities.Keys.Where(id => running.Contains(run.WorkflowId, run.Head.RunId, id)).ToHashSet(),
                Children = await ReadChildrenAsync(run, cancellationToken),
                FullTypes = await ReadLimitsAsync(run, cancellationToken),
                Handlers = services.Workflows.HandlersOf(run.Head.WorkflowType),
            });
        }
    }

    private async Task<IReadOnlyDictionary<long, WorkflowExecutionStatus?>> ReadChildrenAsync(LiveRun run, CancellationToken cancellationToken)
    {
        var found = new Dictionary<long, WorkflowExecutionStatus?>();
        foreach (var (id, child) in run.State.Children.Where(static c => c.Value.Started).Take(MaxChildren))
        {
            found[id] = (await starter.ReadHeadAsync(child.Initiated.WorkflowId, cancellationToken))?.Head.Status;
        }

        return found;
    }

    private async Task<IReadOnlyDictionary<string, int>> ReadLimitsAsync(LiveRun run, CancellationToken cancellationToken)
    {
        var full = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var type in run.State.Activities.Values.Select(static a => a.ActivityType).Distinct(StringComparer.Ordinal))
        {
            if (services.Options.ActivityLimits.GetValueOrDefault(type)?.AcrossProcesses is { } limit
                && await CountTakenAsync(SharedPlaces.PartitionOf(type), cancellationToken) >= limit)
            {
                full[type] = limit;
            }
        }

        return full;
    }

    private async Task<int> CountTakenAsync(string partition, CancellationToken cancellationToken)
    {
        var taken = 0;
        var now = services.Time.GetUtcNow();
        await foreach (var row in services.Rows(new RowQuery(RowTable.Timers, partition, "", null), cancellationToken))
        {
            taken += PlaceRow.Of(row).Until > now ? 1 : 0;
        }

        return taken;
    }
}
