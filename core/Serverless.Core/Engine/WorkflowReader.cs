using Serverless.Client;
using Serverless.History;
using Serverless.Visibility;

namespace Serverless.Engine;

/// <summary>What clients read about workflows; see the contract.</summary>
internal sealed class WorkflowReader(EngineServices services, RunReader runs, WorkflowLister lister) : IWorkflowReader
{
    private static readonly TimeSpan Poll = TimeSpan.FromSeconds(1);

    public async Task<WorkflowDescription> DescribeAsync(WorkflowRef workflow, CancellationToken cancellationToken)
    {
        if (await runs.LoadWithInboxAsync(workflow, cancellationToken) is not { } found)
        {
            throw RunReader.Missing(workflow);
        }

        var (run, inbox) = found;
        var start = inbox.Select(static r => r.Item.Event).OfType<WorkflowStarted>().FirstOrDefault();
        if (run.State.LastEventId == 0 && start is not null)
        {
            run.State.Apply(start with { Id = 1 });
        }

        if (run.State.Started is null)
        {
            throw new WorkflowServiceException(
                WorkflowServiceError.CodeUnavailable, $"Workflow '{workflow.WorkflowId}' can't be described: {run.Damage ?? "its start is missing"}");
        }

        return new WorkflowDescription(WorkflowSummaries.Of(run) with { HistoryLength = run.Head.LastEventId }, run.State)
        {
            Blocked = run.Head.Blocked,
            InboxCount = inbox.Count,
            Attempts = run.Attempts.Where(a => run.State.Activities.ContainsKey(a.Key)).ToDictionary(
                static a => a.Key,
                static a => new ActivityAttempts(a.Value.Attempt, a.Value.LastFailure, a.Value.DueAt, a.Value.HeartbeatDetails)),
        };
    }

    public async Task<IReadOnlyList<HistoryEvent>> ReadHistoryAsync(
        WorkflowRef workflow, long afterEventId, TimeSpan wait, CancellationToken cancellationToken)
    {
        var deadline = services.Time.GetUtcNow().After(wait);
        using var watch = services.Watchers.Watch(workflow.WorkflowId);
        while (true)
        {
            var committed = watch.NextCommit();
            var (run, inbox) = await runs.LoadWithInboxAsync(workflow, cancellationToken) ?? throw RunReader.Missing(workflow);
            var events = (await services.Reading.ReadSegmentsAsync(workflow.WorkflowId, run.RunNumber, cancellationToken))
                .SelectMany(static s => s.Events).Where(e => e.Id > afterEventId).ToList();
            if (run.State.LastEventId == 0 && afterEventId == 0 && events.Count == 0)
            {
                // A run that waits for its first task: its start is what it will be.
                events.AddRange(inbox.Select(static r => r.Item.Event).OfType<WorkflowStarted>().Take(1).Select(static start => start with { Id = 1 }));
            }

            var left = deadline - services.Time.GetUtcNow();
            if (events.Count > 0 || !run.Head.IsOpen || left <= TimeSpan.Zero)
            {
                return await RestoreAsync(events, cancellationToken);
            }

            await services.Time.WaitAsync(committed, left < Poll ? left : Poll, cancellationToken);
            cancellationToken.ThrowIfCancellationRequested();
        }
    }

    public Task<WorkflowPage> ListAsync(
        string? filter, int pageSize, string? pageToken, CancellationToken cancellationToken, ListDivision division = ListDivision.Workflows) =>
        lister.ListAsync(filter, pageSize, pageToken, cancellationToken, division);

    public Task<IReadOnlyDictionary<string, long>> CountAsync(
        string? filter, CancellationToken cancellationToken, ListDivision division = ListDivision.Workflows) =>
        lister.CountAsync(filter, cancellationToken, division);

    public Task<ListExplanation> ExplainAsync(string? filter, CancellationToken cancellationToken, ListDivision division = ListDivision.Workflows) =>
        lister.ExplainAsync(filter, cancellationToken, division);

    private async Task<IReadOnlyList<HistoryEvent>> RestoreAsync(List<HistoryEvent> events, CancellationToken cancellationToken)
    {
        for (var i = 0; i < events.Count; i++)
        {
            events[i] = await services.Segments.RestoreAsync(events[i], cancellationToken);
        }

        return events;
    }
}
