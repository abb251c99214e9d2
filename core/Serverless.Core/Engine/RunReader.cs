using Serverless.Client;
using Serverless.History;

namespace Serverless.Engine;

/// <summary>Finds runs by id, their ends and their summaries.</summary>
internal sealed class RunReader(EngineServices services, RunLoader loader, WorkflowStarter starter)
{
    /// <summary>
    /// Refuses a reference that names a run which is not the current one. Without a run named nothing is read (unless asked for): the write itself decides.
    /// </summary>
    public async Task<WorkflowHead?> CheckRunAsync(WorkflowRef workflow, CancellationToken cancellationToken, bool read = false)
    {
        if (WorkflowKey.Problem(workflow.WorkflowId) is { } problem)
        {
            throw new WorkflowServiceException(WorkflowServiceError.InvalidArgument, problem);
        }

        if (!read && workflow.RunId is null && workflow.FirstRunId is null)
        {
            return null;
        }

        var head = (await starter.ReadHeadAsync(workflow.WorkflowId, cancellationToken))?.Head;
        var isOfOtherChain = workflow.FirstRunId is { } first && head?.FirstRunId != first;
        if (head is null || !head.IsMeantBy(workflow))
        {
            throw new WorkflowServiceException(
                head is null || (isOfOtherChain && head.IsOpen) ? WorkflowServiceError.NotFound : WorkflowServiceError.Closed,
                head is null
                    ? $"There is no workflow '{workflow.WorkflowId}'."
                    : $"Run {workflow.RunId ?? workflow.FirstRunId} of workflow '{workflow.WorkflowId}' is not its current run: that is {head.RunId}.",
                head?.RunId);
        }

        return head;
    }

    /// <summary>False when the request was accepted before, and the run that it reached has closed since. Refuses as <see cref="CheckRunAsync"/> does otherwise.</summary>
    public async Task<bool> MayReachAsync(WorkflowRef workflow, string? requestId, CancellationToken cancellationToken)
    {
        try
        {
            await CheckRunAsync(workflow, cancellationToken);
            return true;
        }
        catch (WorkflowServiceException e) when (requestId is not null && e.Code == WorkflowServiceError.Closed)
        {
            if (await services.Reading.HasArrivedAsync(workflow.WorkflowId, requestId, cancellationToken))
            {
                return false;
            }

            throw;
        }
    }

    /// <summary>
    /// What the accepted message came to when it was meant for a certain run or chain: false when that closed just then, and the message lies before another one, which drops it.
    /// </summary>
    public async Task<bool> HasReachedAsync(WorkflowRef workflow, string requestId, CancellationToken cancellationToken)
    {
        if (!workflow.IsCertain || (await starter.ReadHeadAsync(workflow.WorkflowId, cancellationToken))?.Head is not { } head || head.IsMeantBy(workflow))
        {
            return true;
        }

        for (var number = head.RunNumber - 1; number > 0; number--)
        {
            var events = (await services.Reading.ReadSegmentsAsync(workflow.WorkflowId, number, cancellationToken)).SelectMany(static s => s.Events).ToList();
            var isMeant = events is [WorkflowStarted started, ..] && (workflow.RunId is null ? started.FirstRunId == workflow.FirstRunId : started.RunId == workflow.RunId);
            if (isMeant && events.OfType<WorkflowSignaled>().Any(s => s.RequestId == requestId))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The run that is meant, as it is stored; null when there is none.</summary>
    public async Task<LiveRun?> LoadAsync(WorkflowRef workflow, CancellationToken cancellationToken) =>
        (await LoadWithInboxAsync(workflow, cancellationToken))?.Run;

    /// <summary>The run that is meant, with the inbox when it is the current one.</summary>
    public async Task<(LiveRun Run, IReadOnlyList<InboxRow> Inbox)?> LoadWithInboxAsync(WorkflowRef workflow, CancellationToken cancellationToken)
    {
        if (WorkflowKey.Problem(workflow.WorkflowId) is { } problem)
        {
            throw new WorkflowServiceException(WorkflowServiceError.InvalidArgument, problem);
        }

        if (await loader.LoadAsync(workflow.WorkflowId, cancellationToken) is not { } current)
        {
            return null;
        }

        if (workflow.RunId is null || current.Run.Head.RunId == workflow.RunId)
        {
            return current;
        }

        for (var number = current.Run.Head.RunNumber - 1; number > 0; number--)
        {
            if (await loader.LoadRunAsync(workflow.WorkflowId, current.Run.Head, number, cancellationToken) is { } older && older.Head.RunId == workflow.RunId)
            {
                return (older, []);
            }
        }

        return null;
    }

    /// <summary>How the run that is meant ended, or (following) the last of its chain; null while it is open.</summary>
    public async Task<CloseResult?> ReadCloseAsync(WorkflowRef workflow, bool followRuns, CancellationToken cancellationToken)
    {
        var head = (await starter.ReadHeadAsync(workflow.WorkflowId, cancellationToken))?.Head ?? throw Missing(workflow);
        var isCurrent = workflow.RunId is null || head.RunId == workflow.RunId;
        if (isCurrent && head.IsOpen)
        {
            return null;
        }

        if (isCurrent)
        {
            // The end is a row of its own: it can be told whatever became of the rows before it.
            var segments = await services.Reading.ReadSegmentsAsync(workflow.WorkflowId, head.RunNumber, cancellationToken);
            return segments.Count > 0 && segments[^1].Events[^1] is var end && CommitBuilder.StatusAfter(end) == head.Status
                ? new CloseResult(head.RunId, head.Status, await services.Segments.RestoreAsync(end, cancellationToken))
                : throw Missing(workflow);
        }

        var run = await LoadAsync(workflow, cancellationToken) ?? throw Missing(workflow);
        if (followRuns && run.Head.FirstRunId == head.FirstRunId)
        {
            return await ReadCloseAsync(workflow with { RunId = head.RunId }, followRuns, cancellationToken);
        }

        // The end of an earlier run whose rows are damaged is not known.
        var closed = run.State.Closed ?? throw Missing(workflow);
        return new CloseResult(run.State.Started.RunId, run.State.Status, await services.Segments.RestoreAsync(closed, cancellationToken));
    }

    public static WorkflowServiceException Missing(WorkflowRef workflow) => new(
        WorkflowServiceError.NotFound,
        workflow.RunId is null ? $"There is no workflow '{workflow.WorkflowId}'." : $"There is no run {workflow.RunId} of workflow '{workflow.WorkflowId}'.");
}
