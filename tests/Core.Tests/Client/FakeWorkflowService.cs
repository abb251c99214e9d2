using Serverless.Api.Enums.V1;
using Serverless.Client;
using Serverless.Converters;
using Serverless.History;
using Serverless.Visibility;

namespace Core.Tests.Client;

/// <summary>Records what was asked, and answers what the test says.</summary>
internal sealed class FakeWorkflowService : IWorkflowService, IWorkflowReader, IActivityCompletionService, IUpdateReader
{
    /// <summary>What was asked, in order.</summary>
    public List<object> Asked { get; } = [];

    public Func<StartRequest, StartResult> OnStart { get; set; } = _ => new StartResult("run-1", "run-0", true, WorkflowExecutionStatus.Running, null);

    public Queue<CloseResult?> Closes { get; } = new();

    public Queue<UpdateOutcome?> Updates { get; } = new();

    public Exception? Throws { get; set; }

    /// <summary>Thrown by updates only.</summary>
    public Exception? UpdateThrows { get; set; }

    public Payload? Answer { get; set; }

    public bool ActivityCanceled { get; set; }

    public WorkflowExecutionStatus Status { get; set; } = WorkflowExecutionStatus.Running;

    public List<HistoryEvent> History { get; } = [];

    public Queue<WorkflowPage> Pages { get; } = new();

    public IReadOnlyDictionary<string, long> Counts { get; set; } = new Dictionary<string, long>();

    /// <summary>Never answers while true: waits for its cancellation.</summary>
    public bool Hangs { get; set; }

    public Task<StartResult> StartAsync(StartRequest request, CancellationToken cancellationToken) =>
        AnswerAsync(request, () => OnStart(request), cancellationToken);

    public Task SignalAsync(WorkflowRef workflow, WorkflowSignaled signal, string? requestId, CancellationToken cancellationToken) =>
        AnswerAsync((workflow, signal, requestId), () => true, cancellationToken);

    public Task CancelAsync(WorkflowRef workflow, string? reason, string? requestId, CancellationToken cancellationToken) =>
        AnswerAsync(("cancel", workflow, reason), () => true, cancellationToken);

    public Task TerminateAsync(WorkflowRef workflow, string? reason, IReadOnlyList<Payload> details, string? identity, CancellationToken cancellationToken) =>
        AnswerAsync(("terminate", workflow, reason, details.Count), () => true, cancellationToken);

    public Task<Payload?> QueryAsync(
        WorkflowRef workflow, string name, IReadOnlyList<Payload> args, IReadOnlyDictionary<string, Payload> headers, CancellationToken cancellationToken) =>
        AnswerAsync(("query", workflow, name, args.Count), () => Answer, cancellationToken);

    public Task<UpdateOutcome?> UpdateAsync(
        WorkflowRef workflow, WorkflowUpdateAccepted update, bool untilCompleted, TimeSpan wait, CancellationToken cancellationToken) =>
        AnswerAsync((workflow, update, untilCompleted), () => UpdateThrows is null ? Updates.Dequeue() : throw UpdateThrows, cancellationToken);

    public Task<CloseResult?> WaitForCloseAsync(WorkflowRef workflow, bool followRuns, TimeSpan wait, CancellationToken cancellationToken) =>
        AnswerAsync(("wait", workflow, followRuns), Closes.Dequeue, cancellationToken);

    public Task DeleteAsync(string workflowId, CancellationToken cancellationToken) => AnswerAsync(workflowId, () => true, cancellationToken);

    public Task<WorkflowDescription> DescribeAsync(WorkflowRef workflow, CancellationToken cancellationToken) => AnswerAsync(
        ("describe", workflow),
        () => new WorkflowDescription(new WorkflowSummary(workflow.WorkflowId, "run-1", "Flow", "q", Status), new RunState()),
        cancellationToken);

    public Task<IReadOnlyList<HistoryEvent>> ReadHistoryAsync(WorkflowRef workflow, long afterEventId, TimeSpan wait, CancellationToken cancellationToken) =>
        AnswerAsync<IReadOnlyList<HistoryEvent>>(
            ("history", workflow, afterEventId), () => [.. History.Where(e => e.Id > afterEventId).Take(2)], cancellationToken);

    public Task<WorkflowPage> ListAsync(
        string? filter, int pageSize, string? pageToken, CancellationToken cancellationToken, ListDivision division = ListDivision.Workflows) =>
        AnswerAsync((filter, pageSize, pageToken), Pages.Dequeue, cancellationToken);

    public Task<IReadOnlyDictionary<string, long>> CountAsync(
        string? filter, CancellationToken cancellationToken, ListDivision division = ListDivision.Workflows) =>
        AnswerAsync(("count", filter), () => Counts, cancellationToken);

    public Task<ListExplanation> ExplainAsync(string? filter, CancellationToken cancellationToken, ListDivision division = ListDivision.Workflows) =>
        AnswerAsync(("explain", filter), () => new ListExplanation("StartTime", [], 0, true, null, "", "counters"), cancellationToken);

    public Task<bool> HeartbeatAsync(ActivityRef activity, IReadOnlyList<Payload> details, CancellationToken cancellationToken) =>
        AnswerAsync(("heartbeat", activity, details.Count), () => ActivityCanceled, cancellationToken);

    public Task CompleteAsync(ActivityRef activity, Payload? result, CancellationToken cancellationToken) =>
        AnswerAsync(("complete", activity), () => true, cancellationToken);

    public Task FailAsync(ActivityRef activity, Failure failure, IReadOnlyList<Payload> lastHeartbeatDetails, CancellationToken cancellationToken) =>
        AnswerAsync(("fail", activity, failure.Message), () => true, cancellationToken);

    public Task ReportCancellationAsync(ActivityRef activity, IReadOnlyList<Payload> details, CancellationToken cancellationToken) =>
        AnswerAsync(("canceled", activity), () => true, cancellationToken);

    public Task<UpdateOutcome?> WaitForUpdateAsync(WorkflowRef workflow, string updateId, TimeSpan wait, CancellationToken cancellationToken) =>
        AnswerAsync(("update", workflow, updateId), Updates.Dequeue, cancellationToken);

    private async Task<T> AnswerAsync<T>(object asked, Func<T> answer, CancellationToken cancellationToken)
    {
        Asked.Add(asked);
        if (Hangs)
        {
            var never = new TaskCompletionSource();
            await using (cancellationToken.Register(() => never.TrySetCanceled(cancellationToken)))
            {
                await never.Task;
            }
        }

        return Throws is null ? answer() : throw Throws;
    }
}
