using Serverless.History;

namespace Serverless.Engine;

/// <summary>
/// One commit of those that close a run from outside (a termination, a time-out). What was accepted before the end belongs to the history, though no code will see it: people look for it
/// there, and a reset takes it over. More than one transaction takes is recorded by several, the last of which has the end. What a full or damaged history can't take any more is only
/// removed. Pure.
/// </summary>
/// <param name="Events">What is appended.</param>
/// <param name="Consumed">Keys of inbox rows that go.</param>
/// <param name="IsLast">True when the run is closed by it.</param>
internal sealed record ClosingStep(IReadOnlyList<HistoryEvent> Events, IReadOnlyList<string> Consumed, bool IsLast)
{
    public static ClosingStep Of(LiveRun run, HistoryEvent closing, IReadOnlyList<InboxRow> inbox, CommitBuilder commits, EngineLimits limits)
    {
        // A start that waits for its time waits no more.
        var messages = MayRecord(run, limits) ? InputSelection.OfMessages(run, inbox, DateTimeOffset.MaxValue, limits) : null;
        var recorded = messages?.Recorded ?? [];
        if (inbox.Count <= limits.MaxInboxPerCommit && messages is not { HasMore: true })
        {
            var head = recorded.Count > 0 ? run.Head with { LastEventId = recorded[^1].Id } : run.Head;
            return new ClosingStep([.. recorded, .. commits.Closing(head, closing, inbox)], [.. inbox.Select(static row => row.Key)], true);
        }

        return recorded.Count > 0
            ? new ClosingStep(recorded, messages!.Consumed, false)
            : new ClosingStep([], [.. inbox.Where(static row => row.Item.Event is not WorkflowStarted).Take(limits.MaxInboxPerCommit).Select(static row => row.Key)], false);
    }

    private static bool MayRecord(LiveRun run, EngineLimits limits) => run.Damage is null && run.State.LastEventId == run.Head.LastEventId
        && run.Head.LastEventId + limits.MaxInboxPerCommit < limits.MaxHistoryEvents && run.Head.HistoryBytes < limits.MaxHistoryBytes;
}
