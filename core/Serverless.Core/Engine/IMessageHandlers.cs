using System.Text.RegularExpressions;

namespace Serverless.Engine;

/// <summary>
/// What hosts call: one method per queue. Each returns when the message may be deleted and throws when it must come back. The host keeps the message
/// hidden meanwhile (the Functions host by itself, a poller by renewing).
/// </summary>
internal interface IMessageHandlers
{
    /// <summary>A message of the hub's workflows queue, or of the queue of this process's build.</summary>
    Task HandleWorkflowAsync(QueueDelivery delivery, CancellationToken shutdown);

    /// <summary>A message of an activities queue.</summary>
    Task HandleActivityAsync(QueueDelivery delivery, CancellationToken shutdown);

    /// <summary>A message of the timers queue.</summary>
    Task HandleTimerAsync(QueueDelivery delivery, CancellationToken shutdown);
}

/// <summary>A message as a host received it.</summary>
/// <param name="Body">Its bytes.</param>
/// <param name="DequeueCount">How often it was received, this time included.</param>
/// <param name="IsLastAttempt">True when the host will move it to the poison queue if the handler throws: the handler then records the failure and returns.</param>
internal readonly record struct QueueDelivery(ReadOnlyMemory<byte> Body, int DequeueCount, bool IsLastAttempt)
{
    /// <summary>How long the message is surely hidden from others; null for as long as its handler runs.</summary>
    public MessageHold? Hold { get; init; }
}

/// <summary>Names of a hub's queues, within the hub.</summary>
internal static partial class QueueNames
{
    /// <summary>With the longest hub name before it and the host's "-poison" after it, a name has 63 characters at most.</summary>
    private const int MaxBuildLength = 15;

    public const string Workflows = "workflows";
    public const string Activities = "activities";
    public const string Timers = "timers";

    /// <summary>
    /// The queue for workflows that are pinned to a build: the build's id itself where that can stand in a queue's name (see <see cref="IsPlainBuild"/>), else what
    /// is readable of it and a hash.
    /// </summary>
    public static string WorkflowsOf(string buildId)
    {
        if (IsPlainBuild(buildId))
        {
            return $"{Workflows}-{buildId}";
        }

        var readable = new string([.. buildId.ToLowerInvariant().Where(char.IsAsciiLetterOrDigit).Take(MaxBuildLength - 9)]);
        return $"{Workflows}-{(readable.Length == 0 ? "x" : readable)}-{WorkflowKey.Partition(buildId)[..8]}";
    }

    /// <summary>True for up to 15 lower-case letters, digits and single hyphens between them that are no name made for another id and of no poison queue.</summary>
    public static bool IsPlainBuild(string buildId) => buildId.Length <= MaxBuildLength && PlainBuild().IsMatch(buildId) && !TakenName().IsMatch(buildId);

    /// <summary>
    /// The queue for activities of a task queue: the hub's own for its default task queue, else one of its own, named after it and a hash that keeps names
    /// apart which differ only in characters that queue names can't hold.
    /// </summary>
    public static string ActivitiesOf(string taskQueue, string defaultTaskQueue)
    {
        if (taskQueue == defaultTaskQueue)
        {
            return Activities;
        }

        var readable = new string([.. taskQueue.ToLowerInvariant().Where(char.IsAsciiLetterOrDigit).Take(20)]);
        return $"{Activities}-{readable}{WorkflowKey.Partition(taskQueue)[..8]}";
    }

    [GeneratedRegex("^[a-z0-9]+(-[a-z0-9]+)*$")]
    private static partial Regex PlainBuild();

    [GeneratedRegex("^[a-z0-9]{1,6}-[0-9a-f]{8}$|(^|-)poison$")]
    private static partial Regex TakenName();
}
