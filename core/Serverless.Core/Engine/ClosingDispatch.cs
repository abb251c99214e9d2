using Serverless.Activities;
using Serverless.Client;
using Serverless.History;
using Serverless.Operations;
using Serverless.Workflows;

namespace Serverless.Engine;

/// <summary>
/// What the closing of a run means to others: activities here stop, children get their policy, the parent and who asked for it their answer. Every step may repeat. What a reset keeps for the
/// run that it makes is left alone.
/// </summary>
internal sealed class ClosingDispatch(EngineServices services, Dispatcher dispatcher, RunningActivities running)
{
    /// <param name="run">The closed run.</param>
    /// <param name="chainEnds">True when no run follows it.</param>
    /// <param name="cancellationToken">Gives up between steps.</param>
    public async Task DispatchAsync(LiveRun run, bool chainEnds, CancellationToken cancellationToken)
    {
        running.Cancel(run.WorkflowId, run.State.Started.RunId, null, ActivityCancelReason.GoneFromServer);
        var kept = run.State.Closed is WorkflowTerminated closed ? closed.KeptEventId : 0;
        var children = run.State.Children.Where(c => c.Key > kept).ToList();

        // What the task that closes a run says to others leaves too; nobody waits for the answers.
        var unsent = children.Where(static c => c.Value.Initiated.ParentClosePolicy == ParentClosePolicy.Abandon).Select(static c => (HistoryEvent)c.Value.Initiated)
            .Concat(run.State.Externals.Where(e => e.Key > kept).Select(static e => e.Value));
        await dispatcher.DispatchAsync(run, [.. unsent], static _ => Task.CompletedTask, cancellationToken);
        foreach (var (_, child) in children)
        {
            await ApplyPolicyAsync(child, cancellationToken);
        }

        if (chainEnds && run.State.Started.OnClose is { } notice)
        {
            await NotifyAsync(run, notice, cancellationToken);
        }

        if (chainEnds && run.State.Started.Parent is { } parent && AnswerOf(run.State.Closed, parent.InitiatedEventId) is { } answer)
        {
            var outcome = await services.Journal.PostAsync(
                parent.WorkflowId,
                JournalKeys.Answer('c', parent.RunId, parent.InitiatedEventId),
                new InboxItem(answer with { Time = services.Time.GetUtcNow() }, parent.RunId),
                null,
                cancellationToken);
            if (outcome == PostOutcome.Accepted)
            {
                await services.NudgeAsync(parent.WorkflowId, cancellationToken);
            }
        }
    }

    /// <summary>Tells who asked to be told of the end of the chain. The request id makes a repeated one the same; who is gone needs no news.</summary>
    private async Task NotifyAsync(LiveRun run, CloseNotice notice, CancellationToken cancellationToken)
    {
        var closed = new ChainClosed
        {
            Correlation = notice.Correlation,
            Status = run.State.Status,
            Event = await services.Coding.WireFormAsync(run, run.State.Closed!, ChainClosed.MaxEventBytes),
        };
        var requestId = $"{run.State.Started.RunId}-{notice.Correlation}-closed";
        var signal = new WorkflowSignaled(notice.SignalName, [await services.Coding.EncodeAsync(notice.WorkflowId, closed)])
        {
            Time = services.Time.GetUtcNow(),
            Identity = run.WorkflowId,
            RequestId = requestId,
        };
        if (await services.Journal.PostAsync(notice.WorkflowId, services.Ids.NextUlid(), new InboxItem(signal), requestId, cancellationToken, evenIfFull: true) == PostOutcome.Accepted)
        {
            await services.NudgeAsync(notice.WorkflowId, cancellationToken);
        }
    }

    /// <summary>What a parent is told of a child that ended with the event; null when it did not end with it.</summary>
    public static ChildWorkflowClosed? AnswerOf(HistoryEvent? closed, long initiatedEventId) => closed switch
    {
        WorkflowCompleted e => new ChildWorkflowCompleted(initiatedEventId, e.Result),
        WorkflowFailed e => new ChildWorkflowFailed(initiatedEventId, e.Failure, e.RetryState),
        WorkflowCanceled e => new ChildWorkflowCanceled(initiatedEventId, e.Details),
        WorkflowTimedOut e => new ChildWorkflowTimedOut(initiatedEventId, e.RetryState),
        WorkflowTerminated => new ChildWorkflowTerminated(initiatedEventId),
        _ => null,
    };

    private async Task ApplyPolicyAsync(PendingChild child, CancellationToken cancellationToken)
    {
        switch (child.Initiated.ParentClosePolicy)
        {
            case ParentClosePolicy.Abandon:
                break;
            case ParentClosePolicy.RequestCancel:
                await dispatcher.PostCancelAsync(
                    new WorkflowRef(child.Initiated.WorkflowId, FirstRunId: child.Initiated.RunId),
                    new WorkflowCancelRequested("The parent workflow closed.", null),
                    null,
                    cancellationToken);
                break;
            default:
                await dispatcher.TerminateAsync(child.Initiated.WorkflowId, child.Initiated.RunId, "The parent workflow closed.", cancellationToken);
                break;
        }
    }
}
