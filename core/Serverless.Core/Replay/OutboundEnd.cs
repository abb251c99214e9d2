using Serverless.Converters;
using Serverless.History;
using Serverless.Worker.Interceptors;
using Serverless.Workflows;

namespace Serverless.Replay;

/// <summary>Where what the workflow asks for becomes steps, behind all interceptors.</summary>
internal sealed class OutboundEnd(WorkflowRun run) : WorkflowOutboundInterceptor
{
    public override Task CancelExternalWorkflowAsync(CancelExternalWorkflowInput input) => run.Externals.CancelAsync(input.Id, input.RunId);

    public override ContinueAsNewException CreateContinueAsNewException(CreateContinueAsNewExceptionInput input)
    {
        run.CheckWritable();
        return new(input.Workflow, input.Args, input.Options) { Headers = Headers(input.Headers) };
    }

    public override Task DelayAsync(DelayAsyncInput input) => run.Timers.DelayAsync(input.Delay, input.Summary, input.CancellationToken);

    public override Task<TResult> ScheduleActivityAsync<TResult>(ScheduleActivityInput input) =>
        run.Activities.ExecuteAsync<TResult>(input.Activity, input.Args, input.Options, Headers(input.Headers));

    public override Task<TResult> ScheduleLocalActivityAsync<TResult>(ScheduleLocalActivityInput input) =>
        run.Activities.ExecuteLocalAsync<TResult>(input.Activity, input.Args, input.Options, Headers(input.Headers));

    public override Task SignalChildWorkflowAsync(SignalChildWorkflowInput input) => run.Externals.SignalAsync(
        new ExternalSignalInitiated(input.Id, null, input.Signal, run.Encode(input.Args, Owner(input.Id))) { ChildOnly = true, Headers = Headers(input.Headers) },
        input.Options?.CancellationToken);

    public override Task SignalExternalWorkflowAsync(SignalExternalWorkflowInput input) => run.Externals.SignalAsync(
        new ExternalSignalInitiated(input.Id, input.RunId, input.Signal, run.Encode(input.Args, Owner(input.Id))) { Headers = Headers(input.Headers) },
        input.Options?.CancellationToken);

    public override async Task<ChildWorkflowHandle<TWorkflow, TResult>> StartChildWorkflowAsync<TWorkflow, TResult>(StartChildWorkflowInput input) =>
        new StartedChild<TWorkflow, TResult>(run, await run.Children.StartAsync(input.Workflow, input.Args, input.Options, Headers(input.Headers)));

    private ISerializationContext.Workflow Owner(string workflowId) => new(run.Info.Namespace, workflowId);

    private IReadOnlyDictionary<string, Payload> Headers(IDictionary<string, Payload>? given) =>
        given is null ? run.Started.Headers : new SortedDictionary<string, Payload>(given, StringComparer.Ordinal);
}
