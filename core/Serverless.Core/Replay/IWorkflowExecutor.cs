using Serverless.Converters;
using Serverless.History;

namespace Serverless.Replay;

/// <summary>
/// One run in memory: its code, suspended at its awaits. Not thread-safe: one call at a time, from any thread; the code runs on the
/// calling thread, on a scheduler of its own, until it can go no further. Pure: knows no storage, clock or thread.
/// After any exception from <see cref="Replay"/> or <see cref="RunTask"/> the executor must be thrown away and rebuilt from history.
/// </summary>
internal interface IWorkflowExecutor : IDisposable
{
    /// <summary>Id of the last event that was replayed or produced; 0 for a new one.</summary>
    long LastEventId { get; }

    /// <summary>How the code left its scheduler; null as long as it has not. It may do so between tasks, from a foreign thread.</summary>
    string? Violation { get; }

    /// <summary>Told of a violation when it happens, on any thread.</summary>
    Action<string>? OnViolation { get; set; }

    /// <summary>
    /// Feeds recorded events, which must continue at <see cref="LastEventId"/> + 1, and checks that the code asks for what was recorded.
    /// Inputs after the last <see cref="WorkflowTaskCompleted"/> are not allowed.
    /// </summary>
    /// <exception cref="WorkflowTaskFailedException">The code asked for something else, or threw what is not a workflow failure.</exception>
    void Replay(IReadOnlyList<HistoryEvent> events);

    /// <summary>
    /// Delivers inputs (ids not yet set) in the given order, runs the code until it blocks, and returns the events to append. Nothing else changes.
    /// </summary>
    /// <exception cref="WorkflowTaskFailedException">The task failed; nothing may be committed.</exception>
    WorkflowTaskOutcome RunTask(WorkflowTaskInput input);

    /// <summary>Runs a query handler on the current state. Leaves no trace in the run.</summary>
    /// <exception cref="QueryFailedException">Unknown query (the message lists the known ones), undecodable arguments, or the handler threw.</exception>
    Payload? Query(string name, IReadOnlyList<Payload> args, IReadOnlyDictionary<string, Payload> headers);

    /// <summary>Nobody uses this executor any more, but its code may still be running on some thread: its next call to <c>Workflow.*</c> stops it.</summary>
    void Abandon();
}

/// <summary>Makes executors for the workflow types of one application.</summary>
internal interface IWorkflowExecutorFactory
{
    /// <summary>True when the application has the type, or a dynamic workflow.</summary>
    bool Knows(string workflowType);

    /// <summary>True when a history that the code can't replay fails workflows of the type, by its definition or the application's options, instead of blocking them.</summary>
    bool FailsOnNondeterminism(string workflowType);

    /// <summary>Names of the signals and updates that the type handles; empty when the application does not have the type.</summary>
    IReadOnlyList<string> HandlersOf(string workflowType);

    /// <summary>An executor without events yet. <paramref name="started"/> is event 1 of the run, which must still be replayed or delivered.</summary>
    /// <exception cref="WorkflowTaskFailedException">The type is unknown (see <see cref="Knows"/>).</exception>
    IWorkflowExecutor Create(string workflowId, WorkflowStarted started);
}

/// <summary>What a task is about.</summary>
/// <param name="Inputs">
/// New inputs in order, without ids. A <see cref="WorkflowUpdateAccepted"/> here is only asked for: its validator decides whether it is recorded.
/// May be empty (a task that was due for a new start delay, say).
/// </param>
/// <param name="Now">Becomes <c>Workflow.UtcNow</c> unless the task before was later.</param>
/// <param name="Identity">The process.</param>
/// <param name="BuildId">Its build.</param>
/// <param name="HistoryBytes">Size of the history so far, for <c>Workflow.CurrentHistorySize</c>.</param>
internal sealed record WorkflowTaskInput(
    IReadOnlyList<InputEvent> Inputs, DateTimeOffset Now, string Identity, string? BuildId, long HistoryBytes)
{
    /// <summary>True when a process of another build handed on what led to the task.</summary>
    public bool OtherBuildSeen { get; init; }
}

/// <summary>What the code did.</summary>
/// <param name="Events">
/// Accepted inputs, one <see cref="WorkflowTaskCompleted"/>, commands: with ids and times, ready to commit. Empty when updates were refused and nothing else happened.
/// </param>
/// <param name="RejectedUpdates">Updates whose validator (or decoding) said no: they leave no event.</param>
internal sealed record WorkflowTaskOutcome(IReadOnlyList<HistoryEvent> Events, IReadOnlyList<RejectedUpdate> RejectedUpdates);

/// <summary>An update that was not accepted, and why.</summary>
internal sealed record RejectedUpdate(string UpdateId, Failure Failure);
