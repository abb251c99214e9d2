using Serverless.Client;
using Serverless.Common;
using Serverless.Converters;
using Serverless.History;
using Serverless.Replay;
using Serverless.Visibility;

namespace Serverless.Engine;

/// <summary>
/// Refuses search attributes that are not declared. Only what is new is looked at, a request or the events of one task: what a history recorded before stays as it is,
/// whatever is declared now.
/// </summary>
internal static class AttributeChecks
{
    /// <exception cref="WorkflowServiceException">An attribute of the start is not declared, or of another type.</exception>
    public static void Refuse(WorkflowStarted started, EngineOptions options)
    {
        if (DeclaredAttributes.ProblemOf(Set(started.SearchAttributes), options.SearchAttributes, acceptGiven: true) is { } problem)
        {
            throw new WorkflowServiceException(WorkflowServiceError.InvalidArgument, problem);
        }
    }

    /// <exception cref="WorkflowServiceException">An attribute that is changed is not declared, or of another type.</exception>
    public static void Refuse(WorkflowPropertiesModified change, EngineOptions options)
    {
        if (DeclaredAttributes.ProblemOf(change.SearchAttributes.Select(static a => (a.Key, a.Value)), options.SearchAttributes) is { } problem)
        {
            throw new WorkflowServiceException(WorkflowServiceError.InvalidArgument, problem);
        }
    }

    /// <param name="workflowType">The type of the workflow; those of the product may set what others can't.</param>
    /// <param name="events">What the task did.</param>
    /// <param name="options">What is declared.</param>
    /// <exception cref="WorkflowTaskFailedException">An attribute is not declared, or of another type.</exception>
    public static void Check(string workflowType, IReadOnlyList<HistoryEvent> events, EngineOptions options)
    {
        foreach (var e in events)
        {
            var set = e switch
            {
                PropertiesUpserted x => x.SearchAttributes.Select(static a => (a.Key, a.Value)),
                ChildWorkflowInitiated x => Set(x.SearchAttributes),
                ExternalSignalInitiated { Start: { } start } => Set(start.SearchAttributes),
                WorkflowContinuedAsNew { SearchAttributes: { } attributes } => Set(attributes),
                _ => [],
            };
            if (DeclaredAttributes.ProblemOf(set, options.SearchAttributes, MemberNames.IsSystem(workflowType)) is { } problem)
            {
                throw new WorkflowTaskFailedException(WorkflowTaskFailedCause.BadSearchAttributes, $"{NameOf(e)}: {problem}");
            }
        }
    }

    private static IEnumerable<(string, Payload?)> Set(IReadOnlyDictionary<string, Payload> attributes) =>
        attributes.Select(static a => (a.Key, (Payload?)a.Value));

    private static string NameOf(HistoryEvent e) => e switch
    {
        ChildWorkflowInitiated x => $"Child workflow '{x.WorkflowId}'",
        ExternalSignalInitiated x => $"Start of '{x.WorkflowId}' with signal '{x.SignalName}'",
        WorkflowContinuedAsNew => "Continue as new",
        _ => "Upsert",
    };
}
