using Serverless.Client.Interceptors;

namespace Serverless.Client;

internal sealed partial class ClientOutboundEnd
{
    private IWorkflowResetService Resets => services.Resets ?? throw new NotSupportedException("This client can't reset or fork workflows.");

    public override async Task<WorkflowHandle> ResetWorkflowAsync(ResetWorkflowInput input)
    {
        var workflow = new WorkflowRef(input.Id, input.RunId, input.FirstExecutionRunId);
        var result = await _calls.RunAsync(input.Options.Rpc, token => Resets.ResetAsync(workflow, Request(input.Options), token));
        return new(client, result.WorkflowId, RunId: null, result.RunId, input.FirstExecutionRunId);
    }

    public override async Task<WorkflowHandle> ForkWorkflowAsync(ForkWorkflowInput input)
    {
        var workflow = new WorkflowRef(input.Id, input.RunId, input.FirstExecutionRunId);
        var result = await _calls.RunAsync(input.Options.Rpc, token => Resets.ForkAsync(workflow, input.Options.Id, Request(input.Options), token));
        return new(client, result.WorkflowId, RunId: null, result.RunId, result.RunId);
    }

    private static ResetRequest Request(WorkflowResetOptions options) => new(options.Point)
    {
        Reason = options.Reason,
        Reapply = options.Reapply,
        Children = options.Children,
        RequestId = options.RequestId,
    };
}
