using Serverless.Client;
using Serverless.History;

namespace Serverless.Engine;

/// <summary>How long names and texts may be. Pure.</summary>
internal static class NameLimits
{
    /// <summary>Longest name of a type, a signal, a query, an update, a task queue, an activity, in characters.</summary>
    public const int MaxName = 1_000;

    /// <summary>Longest reason, summary, details, identity, in characters.</summary>
    public const int MaxText = 20_000;

    /// <exception cref="WorkflowServiceException">There is a problem.</exception>
    public static void Refuse(string? problem)
    {
        if (problem is not null)
        {
            throw new WorkflowServiceException(WorkflowServiceError.InvalidArgument, problem);
        }
    }

    /// <summary>What is wrong with a name; null for nothing.</summary>
    /// <param name="what">What it names, with its article.</param>
    /// <param name="name">The name.</param>
    public static string? ProblemOfName(string what, string? name) => name?.Length is > 0 and <= MaxName
        ? null
        : $"The name of {what} has 1 to {MaxName:N0} characters; this one has {name?.Length ?? 0}.";

    /// <summary>What is wrong with the id of a request or an update, which becomes a key; null for nothing.</summary>
    /// <param name="what">What it is, with its article.</param>
    /// <param name="id">The id; null for none.</param>
    public static string? ProblemOfId(string what, string? id) => id is null ? null : WorkflowKey.Problem(what, id);

    /// <summary>What is wrong with a text for people; null for nothing.</summary>
    /// <param name="what">What it is, with its article.</param>
    /// <param name="text">The text; null for none.</param>
    public static string? ProblemOfText(string what, string? text) =>
        text?.Length > MaxText ? $"{what} has at most {MaxText:N0} characters; this one has {text.Length}." : null;

    /// <summary>What is wrong with a start; null for nothing.</summary>
    public static string? ProblemOf(StartRequest request)
    {
        var started = request.Started;
        return ProblemOfName("a workflow type", started.WorkflowType)
            ?? ProblemOfName("a task queue", started.TaskQueue)
            ?? ProblemOfId("A request id", started.RequestId)
            ?? ProblemOfText("A summary", started.Summary)
            ?? ProblemOfText("The details of a workflow", started.Details)
            ?? ProblemOfText("An identity", started.Identity)
            ?? (request.Signal is { } signal ? ProblemOfName("a signal", signal.Name) ?? ProblemOfId("A request id", signal.RequestId) : null);
    }

    /// <summary>What is wrong with the names in what a task asks for; null for nothing.</summary>
    public static string? ProblemOf(HistoryEvent e) => e switch
    {
        ActivityScheduled x => ProblemOfName("an activity type", x.ActivityType) ?? ProblemOfName("an activity", x.ActivityId) ?? ProblemOfName("a task queue", x.TaskQueue)
            ?? ProblemOfText("A summary", x.Summary),
        TimerStarted x => ProblemOfText("A summary", x.Summary),
        ChildWorkflowInitiated x => ProblemOfName("a workflow type", x.WorkflowType) ?? ProblemOfName("a task queue", x.TaskQueue)
            ?? ProblemOfText("A summary", x.Summary) ?? ProblemOfText("The details of a workflow", x.Details),
        WorkflowContinuedAsNew x => ProblemOfName("a workflow type", x.WorkflowType) ?? ProblemOfName("a task queue", x.TaskQueue),
        ExternalSignalInitiated x => ProblemOfName("a signal", x.SignalName),
        ExternalCancelInitiated x => ProblemOfText("A reason", x.Reason),
        PatchMarked x => ProblemOfName("a patch", x.PatchId),
        _ => null,
    };
}
