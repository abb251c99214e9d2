using System.Text;
using Serverless.Client;
using Serverless.Converters;
using Serverless.History;
using Serverless.Replay;

namespace Serverless.Engine;

/// <summary>Finds what is larger than the documented limits allow, as it would be stored: encoded. Nothing is copied. Pure.</summary>
internal static class SizeLimits
{
    /// <summary>Error type of an attempt that ends because of the size of what it gives.</summary>
    public const string ErrorType = "PayloadTooLarge";

    /// <summary>Refuses a request with which something is wrong.</summary>
    /// <exception cref="WorkflowServiceException">There is a problem.</exception>
    public static void Refuse(string? problem)
    {
        if (problem is not null)
        {
            throw new WorkflowServiceException(WorkflowServiceError.LimitExceeded, problem);
        }
    }

    /// <summary>What is wrong with a start; null for nothing.</summary>
    public static string? ProblemOf(StartRequest request, EngineLimits limits) =>
        ProblemOf("The arguments of the workflow", request.Started.Args, limits)
        ?? ProblemOf("The headers of the workflow", [.. request.Started.Headers.Values], limits)
        ?? (request.Signal is { } signal ? ProblemOf($"The arguments of signal '{signal.Name}'", signal.Args, limits) : null)
        ?? ProblemOfProperties("the workflow", request.Started.Memo, request.Started.SearchAttributes, limits);

    /// <summary>What is wrong with a run's properties once they are changed; null for nothing.</summary>
    public static string? ProblemOf(RunState state, WorkflowPropertiesModified change, EngineLimits limits) =>
        ProblemOf((HistoryEvent)change, limits)
        ?? ProblemOfProperties("the workflow", Changed(state.Memo, change.Memo), Changed(state.SearchAttributes, change.SearchAttributes), limits);

    /// <summary>What is wrong with a list of payloads; null for nothing.</summary>
    /// <param name="what">Its name, in the plural.</param>
    /// <param name="payloads">The payloads.</param>
    /// <param name="limits">The limits.</param>
    public static string? ProblemOf(string what, IReadOnlyCollection<Payload> payloads, EngineLimits limits) =>
        payloads.Count > limits.MaxValues
            ? $"{what} are {payloads.Count}; the limit is {limits.MaxValues}. Put them into one list, which is one value."
            : payloads.FirstOrDefault(p => p.Data.Length > limits.MaxPayloadBytes) is { } large
                ? $"{what} hold a payload of {large.Data.Length} bytes; the limit is {limits.MaxPayloadBytes}. Store it elsewhere and pass its address."
                : payloads.Sum(static p => (long)p.Data.Length) is var bytes && bytes > limits.MaxCallBytes
                    ? $"{what} have {bytes} bytes together; the limit is {limits.MaxCallBytes}. Store them elsewhere and pass their address."
                    : null;

    /// <summary>What is wrong with any payload of an event; null for nothing.</summary>
    public static string? ProblemOf(HistoryEvent e, EngineLimits limits)
    {
        Payload? large = null;
        var (count, bytes) = (0, 0L);
        EventPayloads.MapAll(e, payload =>
        {
            count++;
            bytes += payload.Data.Length;
            large ??= payload.Data.Length > limits.MaxPayloadBytes ? payload : null;
            return payload;
        });
        return large is not null ? ProblemOf(NameOf(e, large), [large], limits)
            : count > limits.MaxValues ? $"{NameOf(e)} holds {count} values; the limit is {limits.MaxValues}. Put them into one list, which is one value."
            : bytes > limits.MaxCallBytes ? $"{NameOf(e)} holds {bytes} bytes of values; the limit is {limits.MaxCallBytes}. Store them elsewhere and pass their address."
            : null;
    }

    /// <summary>Refuses what a task asks for if something of it is too large.</summary>
    /// <param name="before">The run before it.</param>
    /// <param name="events">What the task did.</param>
    /// <param name="stateAfter">Memo and search attributes after it.</param>
    /// <param name="limits">The limits.</param>
    /// <exception cref="WorkflowTaskFailedException">The message names what is too large, its size and the limit.</exception>
    public static void Check(RunState before, IReadOnlyList<HistoryEvent> events, Func<RunState> stateAfter, EngineLimits limits)
    {
        var found = PendingLimits.ProblemOf(before, events, limits) ?? ProblemOfTask(events, limits);
        if (found is not null)
        {
            throw new WorkflowTaskFailedException(WorkflowTaskFailedCause.LimitExceeded, found);
        }

        foreach (var e in events)
        {
            var problem = e is CommandEvent ? NameLimits.ProblemOf(e) ?? ProblemOf(e, limits) : null;
            problem ??= e switch
            {
                PropertiesUpserted => stateAfter() is var state ? ProblemOfProperties("the workflow", state.Memo, state.SearchAttributes, limits) : null,
                ChildWorkflowInitiated x => ProblemOfProperties($"child workflow '{x.WorkflowId}'", x.Memo, x.SearchAttributes, limits),
                WorkflowContinuedAsNew x => ProblemOfProperties(
                    "the next run", x.Memo ?? WorkflowStarted.Empty, x.SearchAttributes ?? WorkflowStarted.Empty, limits),
                _ => null,
            };
            if (problem is not null)
            {
                throw new WorkflowTaskFailedException(WorkflowTaskFailedCause.LimitExceeded, problem);
            }
        }
    }

    private static string? ProblemOfProperties(
        string of, IReadOnlyDictionary<string, Payload> memo, IReadOnlyDictionary<string, Payload> attributes, EngineLimits limits) =>
        ProblemOfProperties($"The memo of {of} has", memo, limits.MaxValues, limits.MaxMemoBytes, "Keep what is large in the workflow itself, or elsewhere.")
        ?? ProblemOfProperties(
            $"The search attributes of {of} have", attributes, limits.MaxSearchAttributes, limits.MaxSearchAttributeBytes, "Keep what is not searched by in the memo.");

    private static string? ProblemOfProperties(string what, IReadOnlyDictionary<string, Payload> values, int most, int limit, string cure)
    {
        if (values.Count > most)
        {
            return $"{what} {values.Count} values; the limit is {most}. {cure}";
        }

        var bytes = values.Sum(static v => Encoding.UTF8.GetByteCount(v.Key) + BytesOf(v.Value));
        return bytes > limit ? $"{what} {bytes} bytes; the limit is {limit}. {cure}" : null;
    }

    private static string? ProblemOfTask(IReadOnlyList<HistoryEvent> events, EngineLimits limits)
    {
        var bytes = events.OfType<CommandEvent>().Sum(e => EventPayloads.Weigh(e, limits.PayloadBlobThreshold).Inline);
        return bytes > limits.MaxTaskBytes
            ? $"What the code asked for without a pause has {bytes} bytes of values; the limit is {limits.MaxTaskBytes}. Ask for fewer things at once, or for less in each."
            : null;
    }

    private static Dictionary<string, Payload> Changed(IReadOnlyDictionary<string, Payload> values, IReadOnlyDictionary<string, Payload?> changes)
    {
        var changed = values.Where(v => !changes.ContainsKey(v.Key)).ToDictionary();
        foreach (var (key, value) in changes)
        {
            if (value is not null)
            {
                changed[key] = value;
            }
        }

        return changed;
    }

    private static long BytesOf(Payload payload) => payload.Data.Length + payload.Metadata.Sum(static m => m.Key.Length + (long)m.Value.Length);

    private static string NameOf(HistoryEvent e, Payload large) => e switch
    {
        ActivityScheduled x => $"{Part(x.Args, large)} of activity '{x.ActivityType}'",
        ChildWorkflowInitiated x => $"{Part(x.Args, large)} of child workflow '{x.WorkflowId}'",
        ExternalSignalInitiated x => $"{Part(x.Args, large)} of signal '{x.SignalName}' to workflow '{x.WorkflowId}'",
        WorkflowContinuedAsNew x => $"{Part(x.Args, large)} of the next run",
        WorkflowUpdateCompleted x => $"The results of update '{x.UpdateId}'",
        WorkflowCompleted => "The results of the workflow",
        PropertiesUpserted or WorkflowPropertiesModified => "The memo values of the workflow",
        ActivityCompleted => "The results of the activity",
        ActivityFailed or WorkflowFailed => "The failure details",
        _ => "The details",
    };

    private static string NameOf(HistoryEvent e) => e switch
    {
        ActivityScheduled x => $"Activity '{x.ActivityType}'",
        ChildWorkflowInitiated x => $"Child workflow '{x.WorkflowId}'",
        ExternalSignalInitiated x => $"Signal '{x.SignalName}' to workflow '{x.WorkflowId}'",
        WorkflowContinuedAsNew => "The next run",
        _ => EventNames.Of(e),
    };

    private static string Part(IReadOnlyList<Payload> args, Payload large) => args.Contains(large) ? "The arguments" : "The headers or memo values";
}
