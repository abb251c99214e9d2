using Microsoft.Extensions.Logging;
using Serverless.Client;
using Serverless.Replay;

namespace Serverless.Engine;

/// <summary>
/// Notes in the head that a run's code can't go on, and when it is tried again. Nothing of the history or inbox is touched: mended code goes on as if
/// nothing had happened.
/// </summary>
internal sealed partial class Blocking(
    Journal journal, TimerService timers, PayloadCoding coding, EngineOptions options, IdSource ids, TimeProvider time, ILogger logger)
{
    private const int MaxMessage = 4_000;
    private static readonly TimeSpan LongestWait = TimeSpan.FromMinutes(5);

    /// <summary>True while the code, which failed in this process or ended others, is not to be tried again here.</summary>
    public bool IsWaiting(LiveRun run) => run.Head.Blocked is { } blocked
        && (run.Head.BlockedBy == options.Identity || blocked.Cause == nameof(WorkflowTaskFailedCause.ProcessDied))
        && time.GetUtcNow() < blocked.NextAttempt;

    /// <summary>False when somebody else committed meanwhile: look again. The next attempt comes after seconds that double up to five minutes, and not before <paramref name="shortestWait"/>.</summary>
    public async Task<bool> BlockAsync(LiveRun run, WorkflowTaskFailedException e, CancellationToken cancellationToken, TimeSpan shortestWait = default)
    {
        var now = time.GetUtcNow();
        var attempts = (run.Head.Blocked?.Attempts ?? 0) + 1;
        var wait = TimeSpan.FromSeconds(Math.Pow(2, Math.Min(attempts - 1, 20)));
        wait = wait < LongestWait ? wait : LongestWait;
        var next = now + (wait > shortestWait ? wait : shortestWait);
        var message = e.InnerException is null ? e.Message : $"{e.Message}\n{e.InnerException}";
        var note = new BlockedNote(
            e.Cause.ToString(), message.Length > MaxMessage ? message[..MaxMessage] : message, run.Head.Blocked?.Since ?? now, attempts, next);
        LogBlocked(run.WorkflowId, run.Head.RunId, attempts, note.Cause, note.Message, next);

        // The retry's message goes first: a blocked run without one would wait for a nudge that may never come.
        await timers.ScheduleAsync(new WorkMessage(WorkKind.Nudge, ids.NextUlid(), run.WorkflowId) { RunId = run.Head.RunId, BuildId = run.PinnedBuildId, DueAt = next }, cancellationToken);
        var result = await journal.CommitAsync(
            new JournalCommit(run.WorkflowId, run.Head with { CommitId = ids.NextUlid(), Blocked = await coding.HideAsync(run, note), BlockedBy = options.Identity })
            {
                HeadTag = run.HeadTag,
                EventsRunNumber = run.RunNumber,
                EventsRunId = run.Head.RunId,
            },
            cancellationToken);
        return result.Committed;
    }

    [LoggerMessage(
        EventId = 1, Level = LogLevel.Error, Message = "Workflow '{WorkflowId}' run {RunId} is blocked (attempt {Attempt}, {Cause}), next attempt {Next:o}: {Reason}")]
    private partial void LogBlocked(string workflowId, string runId, int attempt, string cause, string reason, DateTimeOffset next);
}
