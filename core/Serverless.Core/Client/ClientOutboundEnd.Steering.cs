using Serverless.Client.Interceptors;
using Serverless.History;

namespace Serverless.Client;

internal sealed partial class ClientOutboundEnd
{
    private IWorkflowSteering Steering => services.Steering ?? throw new NotSupportedException("This client can't steer workflows.");

    public override Task UpsertWorkflowSearchAttributesAsync(UpsertWorkflowSearchAttributesInput input)
    {
        var attributes = input.Updates.ToDictionary(static u => u.UntypedKey.Name, static u => u.ToPayload());
        var change = new WorkflowPropertiesModified(WorkflowStarted.Empty!, attributes) { Identity = client.Options.Identity };
        return _calls.RunAsync(input.Options?.Rpc, token => Steering.ModifyAsync(new(input.Id, input.RunId), change, null, token));
    }

    public override Task<bool> ResumeWorkflowAsync(ResumeWorkflowInput input) =>
        _calls.RunAsync(input.Options?.Rpc, token => Steering.ResumeAsync(new(input.Id, input.RunId), token));
}
