using Serverless.Client;
using Serverless.History;

namespace Serverless.Engine;

/// <summary>A run as a row of the list.</summary>
internal static class WorkflowSummaries
{
    public static WorkflowSummary Of(LiveRun run) => Of(run.WorkflowId, run.State, run.Head.HistoryBytes);

    public static WorkflowSummary Of(string workflowId, RunState state, long historyBytes)
    {
        var started = state.Started;
        return new WorkflowSummary(workflowId, started.RunId, started.WorkflowType, started.TaskQueue, state.Status)
        {
            StartTime = started.Time,
            CloseTime = state.Closed?.Time,
            ExecutionTime = started.Time + (started.FirstTaskDelay ?? TimeSpan.Zero),
            HistoryLength = state.LastEventId,
            HistoryBytes = historyBytes,
            ParentWorkflowId = started.Parent?.WorkflowId,
            ParentRunId = started.Parent?.RunId,
            RootWorkflowId = started.Root?.WorkflowId ?? workflowId,
            Memo = state.Memo,
            SearchAttributes = state.SearchAttributes,
        };
    }
}
