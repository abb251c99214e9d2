using Serverless.Client;
using Serverless.History;
using Serverless.Replay;

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
        if (run.WasBlocked)
        {
            _projections.Add(services.Blocked.RemoveAsync(run.WorkflowId, services.Shutdown));
        }

        if (closed)
        {
            _projections.Add(services.Retention.ArmAsync(run.State, services.Shutdown));
        }

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
    /// Waits for the list row of the run before, where this commit drops the mark by which the row would be written again: the first of a run does, and a later one if the first was somebody else's.
    /// </summary>
    public Task ListedBeforeAsync(LiveRun run) =>
        run.Head.LastEventId == 0 || run.Head.Marks.Any(m => m.RunNumber < run.Head.RunNumber) ? Task.WhenAll(_projections) : Task.CompletedTask;

    /// <summary>Blocks a run, and notes that it is. False when somebody else committed meanwhile.</summary>
    public async Task<bool> BlockAsync(LiveRun run, WorkflowTaskFailedException e)
    {
        var isNew = run.Head.Blocked is null;
        var committed = await services.Blocking.BlockAsync(run, e, services.Shutdown);
        if (committed && isNew)
        {
            await services.Blocked.AddAsync(run.WorkflowId, services.Shutdown);
        }

        return committed;
    }

    /// <summary>
    /// Does again what follows a commit beside its messages. Done when it is done: the mark that asks for it may be dropped then, and its message deleted. A run of which nothing is left is being
    /// removed.
    /// </summary>
    public Task ProjectAsync(LiveRun run) => run.State.LastEventId == 0 ? Task.CompletedTask : Task.WhenAll(
        services.Visibility.ProjectAsync(WorkflowSummaries.Of(run)), services.Retention.ArmAsync(run.State, services.Shutdown));
}
