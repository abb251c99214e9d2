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
        ?? ProblemOf("The headers of the workflow", request.Started.Headers.Values, limits)
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
    public static string? ProblemOf(string what, IEnumerable<Payload> payloads, EngineLimits limits) =>
        payloads.FirstOrDefault(p => p.Data.Length > limits.MaxPayloadBytes) is { } large
            ? $"{what} hold a payload of {large.Data.Length} bytes; the limit is {limits.MaxPayloadBytes}. Store it elsewhere and pass its address."
            : null;

    /// <summary>What is wrong with any payload of an event; null for nothing.</summary>
    public static string? ProblemOf(HistoryEvent e, EngineLimits limits)
    {
        Payload? large = null;
        EventPayloads.MapAll(e, payload =>
        {
            large ??= payload.Data.Length > limits.MaxPayloadBytes ? payload : null;
            return payload;
        });
        return large is null ? null : ProblemOf(NameOf(e, large), [large], limits);
    }

    /// <summary>Refuses what a task asks for if something of it is too large.</summary>
    /// <param name="events">What the task did.</param>
    /// <param name="stateAfter">Memo and search attributes after it.</param>
    /// <param name="limits">The limits.</param>
    /// <exception cref="WorkflowTaskFailedException">The message names what is too large, its size and the limit.</exception>
    public static void Check(IReadOnlyList<HistoryEvent> events, Func<RunState> stateAfter, EngineLimits limits)
    {
        foreach (var e in events)
        {
            var problem = e is CommandEvent ? ProblemOf(e, limits) : null;
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
        ProblemOfProperties($"The memo of {of} has", memo, limits.MaxMemoBytes, "Keep what is large in the workflow itself, or elsewhere.")
        ?? ProblemOfProperties($"The search attributes of {of} have", attributes, limits.MaxSearchAttributeBytes, "Keep what is not searched by in the memo.");

    private static string? ProblemOfProperties(string what, IReadOnlyDictionary<string, Payload> values, int limit, string cure)
    {
        var bytes = values.Sum(static v => Encoding.UTF8.GetByteCount(v.Key) + BytesOf(v.Value));
        return bytes > limit ? $"{what} {bytes} bytes; the limit is {limit}. {cure}" : null;
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

    private static string Part(IReadOnlyList<Payload> args, Payload large) => args.Contains(large) ? "The arguments" : "The headers or memo values";
}
