using Serverless.Client;
using Serverless.History;

namespace Serverless.Engine;

/// <summary>Steers open workflows, straight on storage; see the contract.</summary>
internal sealed class WorkflowSteering(EngineServices services, WorkflowStarter starter, RunReader reader) : IWorkflowSteering
{
    public async Task ModifyAsync(WorkflowRef workflow, WorkflowPropertiesModified change, string? requestId, CancellationToken cancellationToken)
    {
        if (change.Memo.Count + change.SearchAttributes.Count == 0)
        {
            throw new WorkflowServiceException(WorkflowServiceError.InvalidArgument, "At least one memo value or search attribute must change.");
        }

        NameLimits.Refuse(NameLimits.ProblemOfId("A request id", requestId) ?? NameLimits.ProblemOfText("An identity", change.Identity));
        AttributeChecks.Refuse(change, services.Options);
        if (!await reader.MayReachAsync(workflow, requestId, cancellationToken))
        {
            return;
        }

        // The size of all that the workflow has then counts.
        using var run = await reader.LoadAsync(workflow, cancellationToken) ?? throw RunReader.Missing(workflow);
        SizeLimits.Refuse(SizeLimits.ProblemOf(run.State, change, services.Options.Limits));
        var item = InboxItem.For(workflow, change with { Time = services.Time.GetUtcNow(), Identity = change.Identity ?? services.Options.Identity });
        var outcome = await services.Journal.PostAsync(workflow.WorkflowId, services.Ids.NextUlid(), item, requestId, cancellationToken);
        outcome.ThrowUnlessAccepted(workflow.WorkflowId);
        await services.NudgeAsync(workflow.WorkflowId, cancellationToken);
    }

    public async Task<bool> ResumeAsync(WorkflowRef workflow, CancellationToken cancellationToken)
    {
        while (true)
        {
            await reader.CheckRunAsync(workflow, cancellationToken);
            var (head, tag) = await starter.ReadHeadAsync(workflow.WorkflowId, cancellationToken) ?? throw RunReader.Missing(workflow);
            if (!head.IsOpen)
            {
                throw WorkflowServiceException.Closed(workflow.WorkflowId);
            }

            if (head.Blocked is not { } blocked)
            {
                return false;
            }

            // Nobody's failure keeps any process from trying. The note stays until the code has gone on.
            var commit = new JournalCommit(
                workflow.WorkflowId, head with { CommitId = services.Ids.NextUlid(), Blocked = blocked with { NextAttempt = services.Time.GetUtcNow() }, BlockedBy = null })
            {
                HeadTag = tag,
                EventsRunNumber = head.RunNumber,
                EventsRunId = head.RunId,
            };
            if ((await services.Journal.CommitAsync(commit, cancellationToken)).Committed)
            {
                await services.NudgeAsync(workflow.WorkflowId, cancellationToken, head.PinnedBuildId);
                return true;
            }
        }
    }
}
