using Serverless.Client;
using Serverless.History;

namespace Serverless.Engine;

/// <summary>
/// Updates, for their callers: they go through the inbox, and their outcome is a row of the run that decided on them. An update id is one update within a
/// run; what the inbox holds when a run is continued, the next one decides on.
/// </summary>
internal sealed class WorkflowUpdates(EngineServices services, WorkflowStarter starter, RunReader reader) : IUpdateReader
{
    public async Task<UpdateOutcome?> UpdateAsync(
        WorkflowRef workflow, WorkflowUpdateAccepted update, bool untilCompleted, TimeSpan wait, CancellationToken cancellationToken)
    {
        NameLimits.Refuse(
            NameLimits.ProblemOfName("an update", update.Name) ?? NameLimits.ProblemOfId("An update id", update.UpdateId) ?? NameLimits.ProblemOfText("An identity", update.Identity));
        services.Options.Limits.Check($"The arguments of update '{update.Name}'", update.Args);
        var before = (await ReadOutcomesAsync(workflow, update.UpdateId, cancellationToken)).FirstOrDefault();
        if (before is null || workflow.RunId is null)
        {
            await reader.CheckRunAsync(workflow, cancellationToken);
        }

        // A run that is named decides once on an id, whatever became of the run since.
        var isAnother = before is not null && workflow.RunId is null && await IsOfEarlierRunAsync(workflow.WorkflowId, before, cancellationToken);
        var posted = PostOutcome.Accepted;
        if (before is null || isAnother)
        {
            var item = InboxItem.For(workflow, update with { Time = services.Time.GetUtcNow() });
            posted = await services.Journal.PostAsync(
                workflow.WorkflowId, JournalKeys.UpdateRequest(update.UpdateId), item, null, cancellationToken);
            if (posted == PostOutcome.Accepted)
            {
                await services.NudgeAsync(workflow.WorkflowId, cancellationToken);
            }
        }

        // The first run that decides on it from here on: an older outcome is that of another update with the same id.
        var after = isAnother ? before!.RunNumber : 0;
        var of = isAnother ? null : before;
        if (posted != PostOutcome.Accepted)
        {
            // An earlier try of the same update may have been decided on since, by the task that closed the run.
            await ReadAsync();
            (of is null ? posted : PostOutcome.Accepted).ThrowUnlessAccepted(workflow.WorkflowId);
        }

        async Task ReadAsync()
        {
            var all = await ReadOutcomesAsync(workflow, update.UpdateId, cancellationToken);
            of = of is null ? all.LastOrDefault(u => u.RunNumber > after) : all.FirstOrDefault(u => u.RunNumber == of.RunNumber);
        }

        async Task<bool> LookAsync()
        {
            await ReadAsync();
            if (of is null && await starter.ReadHeadAsync(workflow.WorkflowId, cancellationToken) is var found && (found is not { Head: { IsOpen: true } head } || !head.IsMeantBy(workflow)))
            {
                // The run may have decided on it and closed between the two reads.
                await ReadAsync();
                _ = of ?? throw WorkflowServiceException.Closed(workflow.WorkflowId);
            }

            return of is not null && (IsOver(of.Outcome) || !untilCompleted);
        }

        await services.Watchers.PollAsync(workflow.WorkflowId, wait, LookAsync, cancellationToken);
        return of is not null && (IsOver(of.Outcome) || !untilCompleted) ? Admitted(of.Outcome) : null;
    }

    public async Task<UpdateOutcome?> WaitForUpdateAsync(WorkflowRef workflow, string updateId, TimeSpan wait, CancellationToken cancellationToken)
    {
        NameLimits.Refuse(WorkflowKey.Problem(workflow.WorkflowId) ?? NameLimits.ProblemOfId("An update id", updateId));

        UpdateOutcome? known = null;
        async Task<bool> LookAsync()
        {
            known = await OutcomeAsync();
            if (known is null
                && await services.Reading.ReadRowAsync(workflow.WorkflowId, JournalKeys.Inbox(JournalKeys.UpdateRequest(updateId)), cancellationToken) is null)
            {
                // It may have been taken from the inbox between the two reads.
                known = await OutcomeAsync() ?? throw new WorkflowServiceException(
                    WorkflowServiceError.NotFound, $"There is no update '{updateId}' of workflow '{workflow.WorkflowId}'.");
            }

            return known is not null && IsOver(known);
        }

        async Task<UpdateOutcome?> OutcomeAsync()
        {
            var all = await ReadOutcomesAsync(workflow, updateId, cancellationToken);
            return all.FirstOrDefault()?.Outcome;
        }

        await services.Watchers.PollAsync(workflow.WorkflowId, wait, LookAsync, cancellationToken);
        return known is not null && IsOver(known) ? Admitted(known) : null;
    }

    /// <summary>What the runs that are meant have decided, the newest first.</summary>
    private async Task<List<StoredUpdate>> ReadOutcomesAsync(WorkflowRef workflow, string updateId, CancellationToken cancellationToken)
    {
        var all = await services.Reading.ReadUpdateAsync(workflow.WorkflowId, updateId, cancellationToken);
        return [.. all.Where(u => workflow.RunId is null || u.Outcome.RunId == workflow.RunId)];
    }

    private static bool IsOver(UpdateOutcome outcome) => outcome.Completed || !outcome.Accepted;

    /// <exception cref="WorkflowServiceException">The run took no more updates.</exception>
    private static UpdateOutcome Admitted(UpdateOutcome outcome) =>
        outcome is { Accepted: false, Failure: { Info: ApplicationFailureInfo { Type: UpdateLimit.FailureType } } failure }
            ? throw new WorkflowServiceException(WorkflowServiceError.TooManyUpdates, failure.Message, outcome.RunId)
            : outcome;

    private async Task<bool> IsOfEarlierRunAsync(string workflowId, StoredUpdate update, CancellationToken cancellationToken) =>
        await starter.ReadHeadAsync(workflowId, cancellationToken) is { } found && found.Head.RunNumber > update.RunNumber;
}

/// <summary>How many updates a run accepts.</summary>
internal static class UpdateLimit
{
    public const string FailureType = "UpdateLimitExceeded";

    /// <summary>Why an update was refused that came after the last one that the run accepts.</summary>
    public static Failure Passed(int limit) => new(
        $"The run has accepted {limit} updates, which is the limit. Let the workflow continue as new earlier (Workflow.ContinueAsNewSuggested).",
        new ApplicationFailureInfo(FailureType, NonRetryable: true));
}
