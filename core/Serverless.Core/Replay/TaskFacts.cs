using Serverless.History;
using Serverless.Workflows;

namespace Serverless.Replay;

/// <summary>
/// What the code can see of the present task. Decided when the task ran first, and recorded: limits and builds may be others when it is replayed.
/// </summary>
/// <param name="HistoryLength">Events so far.</param>
/// <param name="HistoryBytes">Their size.</param>
/// <param name="BuildId">The build that runs the task, or ran it; null when builds are not named.</param>
/// <param name="Flags">See <see cref="TaskFlags"/>.</param>
internal readonly record struct TaskFacts(long HistoryLength, long HistoryBytes, string? BuildId, ulong Flags)
{
    private static readonly (ulong Flag, SuggestContinueAsNewReason Reason)[] Reasons =
    [
        (TaskFlags.HistorySizeTooLarge, SuggestContinueAsNewReason.HistorySizeTooLarge),
        (TaskFlags.TooManyHistoryEvents, SuggestContinueAsNewReason.TooManyHistoryEvents),
        (TaskFlags.TooManyUpdates, SuggestContinueAsNewReason.TooManyUpdates),
    ];

    /// <summary>Why the run should continue as new; empty when it need not.</summary>
    public IReadOnlyList<SuggestContinueAsNewReason> ContinueAsNewReasons
    {
        get
        {
            var flags = Flags;
            return [.. Reasons.Where(r => (flags & r.Flag) != 0).Select(static r => r.Reason)];
        }
    }

    /// <summary>The reasons that a history gives for continuing as new, as flags.</summary>
    public static ulong Suggest(long length, long bytes, int updates, ExecutorOptions options) =>
        (length >= options.SuggestContinueAsNewEvents ? TaskFlags.TooManyHistoryEvents : 0)
        | (bytes >= options.SuggestContinueAsNewBytes ? TaskFlags.HistorySizeTooLarge : 0)
        | (updates >= options.SuggestContinueAsNewUpdates ? TaskFlags.TooManyUpdates : 0);
}
