using Serverless.Client;
using Serverless.Converters;
using Serverless.History;

namespace Serverless.Tests.Behaviour;

/// <summary>
/// Lets what clients ask for happen on the engine's side: a call answers when all that it set going is at rest, and calls made together arrive together.
/// Waiting stays on the client's side.
/// </summary>
internal sealed class ClientSide(IWorkflowService inner, IWorkflowSteering steering, Stepper.Lane engine) : IWorkflowService, IWorkflowSteering
{
    private static readonly AsyncLocal<bool> s_waits = new();

    /// <summary>True in code that only waits for what others do: time does not stop for it.</summary>
    public static bool Waits => s_waits.Value;

    public Task<StartResult> StartAsync(StartRequest request, CancellationToken cancellationToken) =>
        engine.Start(() => inner.StartAsync(request, cancellationToken));

    public Task SignalAsync(WorkflowRef workflow, WorkflowSignaled signal, string? requestId, CancellationToken cancellationToken) =>
        engine.Start(() => inner.SignalAsync(workflow, signal, requestId, cancellationToken));

    public Task CancelAsync(WorkflowRef workflow, string? reason, string? requestId, CancellationToken cancellationToken) =>
        engine.Start(() => inner.CancelAsync(workflow, reason, requestId, cancellationToken));

    public Task TerminateAsync(WorkflowRef workflow, string? reason, IReadOnlyList<Payload> details, string? identity, CancellationToken cancellationToken) =>
        engine.Start(() => inner.TerminateAsync(workflow, reason, details, identity, cancellationToken));

    public Task ModifyAsync(WorkflowRef workflow, WorkflowPropertiesModified change, string? requestId, CancellationToken cancellationToken) =>
        engine.Start(() => steering.ModifyAsync(workflow, change, requestId, cancellationToken));

    public Task<bool> ResumeAsync(WorkflowRef workflow, CancellationToken cancellationToken) =>
        engine.Start(() => steering.ResumeAsync(workflow, cancellationToken));

    public Task<Payload?> QueryAsync(
        WorkflowRef workflow, string name, IReadOnlyList<Payload> args, IReadOnlyDictionary<string, Payload> headers, CancellationToken cancellationToken) =>
        engine.Start(() => inner.QueryAsync(workflow, name, args, headers, cancellationToken));

    public Task<UpdateOutcome?> UpdateAsync(
        WorkflowRef workflow, WorkflowUpdateAccepted update, bool untilCompleted, TimeSpan wait, CancellationToken cancellationToken) =>
        engine.Start(() =>
        {
            // It stores the update at once; all that follows is waiting.
            s_waits.Value = true;
            return inner.UpdateAsync(workflow, update, untilCompleted, wait, cancellationToken);
        });

    public Task<CloseResult?> WaitForCloseAsync(WorkflowRef workflow, bool followRuns, TimeSpan wait, CancellationToken cancellationToken) =>
        inner.WaitForCloseAsync(workflow, followRuns, wait, cancellationToken);

    public Task DeleteAsync(string workflowId, CancellationToken cancellationToken) => engine.Start(() => inner.DeleteAsync(workflowId, cancellationToken));
}

/// <summary>The same for resets and forks.</summary>
internal sealed class ResetSide(IWorkflowResetService inner, Stepper.Lane engine) : IWorkflowResetService
{
    public Task<ResetResult> ResetAsync(WorkflowRef workflow, ResetRequest request, CancellationToken cancellationToken) =>
        engine.Start(() => inner.ResetAsync(workflow, request, cancellationToken));

    public Task<ResetResult> ForkAsync(WorkflowRef workflow, string? newWorkflowId, ResetRequest request, CancellationToken cancellationToken) =>
        engine.Start(() => inner.ForkAsync(workflow, newWorkflowId, request, cancellationToken));
}
