using Serverless.Client;
using Serverless.History;

namespace Serverless.Engine;

/// <summary>What a chain does after each commit: tells those who wait, writes the list row beside its other work, sends on what the commit asks for.</summary>
internal sealed class ChainDispatch(EngineServices services, ChainParts parts, ChainActivities activities)
{
    private readonly List<Task> _projections = [];

    /// <summary>List rows that are being written.</summary>
    public IReadOnlyList<Task> Projections => _projections;

    /// <summary>Answers that came at once: inputs of the next task.</summary>
    public async Task<IReadOnlyList<InputEvent>> AfterAsync(LiveRun run, IReadOnlyList<HistoryEvent> events)
    {
        var closed = !run.State.IsOpen;
        services.Watchers.Committed(run.WorkflowId, closed && !run.IsContinued ? new CloseResult(run.State.Started.RunId, run.State.Status, run.State.Closed!) : null);
        if (closed || WorkflowSummaries.Changes(run.State, events))
        {
            _projections.Add(services.Visibility.ProjectAsync(
                WorkflowSummaries.Of(run), isFirst: events.Any(static e => e is WorkflowStarted started && !started.Waits())));
        }

        if (!closed)
        {
            return await parts.Dispatcher.DispatchAsync(run, events, activities.StartAsync, services.Shutdown);
        }

        await parts.Closing.DispatchAsync(run, !run.IsContinued, services.Shutdown);
        if (run.IsContinued)
        {
            await parts.Dispatcher.SendNextRunAsync(run, services.Shutdown);
        }

        return [];
    }

    /// <summary>A run whose first task is going to be blocked is listed, and its time-outs count. Nothing happens for others.</summary>
    public async Task HoldAsync(LiveRun run, IReadOnlyList<InputEvent> inputs)
    {
        if (run is { HeadTag: not null, Head.Blocked: null } && inputs is [WorkflowStarted unbegun, ..])
        {
            _projections.Add(services.Visibility.ProjectAsync(WorkflowSummaries.Of(run.WorkflowId, unbegun)));
            await parts.Dispatcher.ArmTimeoutsAsync(run.WorkflowId, unbegun, services.Shutdown);
        }
    }

    /// <summary>
    /// Waits for the list row of the run before, where this commit is the first of a run: it drops the mark by which the row would be written again.
    /// </summary>
    public Task ListedBeforeAsync(LiveRun run) => run.Head.LastEventId == 0 ? Task.WhenAll(_projections) : Task.CompletedTask;

    public void Project(LiveRun run) => _projections.Add(services.Visibility.ProjectAsync(WorkflowSummaries.Of(run)));
}
