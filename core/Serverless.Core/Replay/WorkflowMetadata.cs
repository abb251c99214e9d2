using Serverless.Converters;
using Serverless.Workflows;

namespace Serverless.Replay;

/// <summary>What every run tells of itself on the built-in query: its handlers and what it says of its doings. For tools, in the field's usual JSON.</summary>
internal static class WorkflowMetadata
{
    public const string QueryName = "__temporal_workflow_metadata";

    /// <summary>Plain JSON whatever converter the application uses.</summary>
    public static Payload Of(WorkflowRun run) => DataConverter.Default.PayloadConverter.ToPayload(new
    {
        definition = new
        {
            type = run.Info.WorkflowType,
            queryDefinitions = Handlers(run.Handlers.Queries, run.Handlers.DynamicQuery, static q => q.Description),
            signalDefinitions = Handlers(run.Handlers.Signals, run.Handlers.DynamicSignal, static s => s.Description),
            updateDefinitions = Handlers(run.Handlers.Updates, run.Handlers.DynamicUpdate, static u => u.Description),
        },
        currentDetails = run.CurrentDetails,
    });

    private static List<object> Handlers<T>(IDictionary<string, T> named, T? dynamic, Func<T, string?> description)
        where T : class
    {
        var handlers = named.Select(h => (object)new { name = h.Key, description = description(h.Value) ?? "" }).ToList();
        if (dynamic is not null)
        {
            handlers.Add(new { name = "", description = description(dynamic) ?? "Takes what has no handler of its own." });
        }

        return handlers;
    }
}
