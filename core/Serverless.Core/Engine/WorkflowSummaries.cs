using Serverless.Client;
using Serverless.Common;
using Serverless.Converters;
using Serverless.History;

namespace Serverless.Engine;

/// <summary>A run as a row of the list. What its history tells about patches and builds stands among its search attributes.</summary>
internal static class WorkflowSummaries
{
    private const int MaxDerivedCharacters = 2_000;
    private static readonly SearchAttributeKey<IReadOnlyCollection<string>> ChangeVersion = SearchAttributeKey.CreateKeywordList("TemporalChangeVersion");
    private static readonly SearchAttributeKey<IReadOnlyCollection<string>> BuildIds = SearchAttributeKey.CreateKeywordList("BuildIds");

    /// <summary>True when events that were just committed change what the list shows of an open run. One whose first task had to wait is listed already.</summary>
    public static bool Changes(RunState state, IReadOnlyList<HistoryEvent> events) => events.Any(e => e switch
    {
        WorkflowStarted started => !started.Waits(),
        PropertiesUpserted or WorkflowPropertiesModified => true,
        PatchMarked patch => state.Patches[patch.PatchId] == e.Id,
        WorkflowTaskCompleted { BuildId: { } build } => state.Builds[build] == e.Id,
        _ => false,
    });

    /// <summary>A run that has not begun.</summary>
    public static WorkflowSummary Of(string workflowId, WorkflowStarted unbegun)
    {
        var state = new RunState();
        state.Apply(unbegun with { Id = 1 });
        return Of(workflowId, state, 0) with { HistoryLength = 0 };
    }

    public static WorkflowSummary Of(LiveRun run) => Of(run.WorkflowId, run.State, run.Head.HistoryBytes);

    public static WorkflowSummary Of(string workflowId, RunState state, long historyBytes)
    {
        var started = state.Started;
        return new WorkflowSummary(workflowId, started.RunId, started.WorkflowType, started.TaskQueue, state.Status)
        {
            StartTime = started.Time,
            CloseTime = state.Closed?.Time,
            ExecutionTime = started.FirstTaskDue(),
            HistoryLength = state.LastEventId,
            HistoryBytes = historyBytes,
            ParentWorkflowId = started.Parent?.WorkflowId,
            ParentRunId = started.Parent?.RunId,
            RootWorkflowId = started.Root?.WorkflowId ?? workflowId,
            Memo = state.Memo,
            SearchAttributes = Attributes(state),
        };
    }

    private static IReadOnlyDictionary<string, Payload> Attributes(RunState state)
    {
        if (state.Patches.Count + state.Builds.Count == 0)
        {
            return state.SearchAttributes;
        }

        var attributes = new SortedDictionary<string, Payload>(state.SearchAttributes.ToDictionary(), StringComparer.Ordinal);
        Add(attributes, ChangeVersion, state.Patches);
        Add(attributes, BuildIds, state.Builds);
        return attributes;
    }

    /// <summary>What came first is kept; what is too much for a row of the list is left out.</summary>
    private static void Add(
        SortedDictionary<string, Payload> attributes, SearchAttributeKey<IReadOnlyCollection<string>> key, IReadOnlyDictionary<string, long> values)
    {
        var left = MaxDerivedCharacters;
        var words = values.OrderBy(static v => v.Value).Select(static v => v.Key).TakeWhile(word => (left -= word.Length) >= 0).Order(StringComparer.Ordinal).ToArray();
        if (words.Length > 0)
        {
            attributes[key.Name] = SearchAttributeEncoding.Encode(key, words);
        }
    }
}
