using Serverless.Worker.Interceptors;
using Serverless.Workflows;

namespace Serverless.Replay;

/// <summary>Where calls from the engine reach the workflow's code, behind all interceptors.</summary>
internal sealed class InboundEnd(WorkflowRun run) : WorkflowInboundInterceptor
{
    public override void Init(WorkflowOutboundInterceptor outbound) => run.Outbound = outbound;

    public override Task<object?> ExecuteWorkflowAsync(ExecuteWorkflowInput input) =>
        Invoker.AwaitAsync(run.Definition.Run.Invoke(input.Instance, input.Args));

    public override Task HandleSignalAsync(HandleSignalInput input) => Invoker.AwaitAsync(input.Definition.Call.Invoke(run.Instance, input.Args));

    public override object? HandleQuery(HandleQueryInput input) => run.IsInitialized
        ? input.Definition.Call.Invoke(run.Instance, input.Args)
        : throw new QueryFailedException("None of its code has run, so there is nothing to look at.");

    public override void ValidateUpdate(HandleUpdateInput input) => input.Definition.Validator?.Invoke(run.Instance, input.Args);

    public override Task<object?> HandleUpdateAsync(HandleUpdateInput input) => Invoker.AwaitAsync(input.Definition.Call.Invoke(run.Instance, input.Args));
}
