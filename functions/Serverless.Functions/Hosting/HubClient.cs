using Serverless.Client;

namespace Serverless.Functions.Hosting;

/// <summary>Makes the client of the application's own hub.</summary>
internal static class HubClient
{
    /// <exception cref="HubNotReadyException">Storage has not been reached yet.</exception>
    public static WorkflowClient Create(EngineRuntime runtime, ServerlessWorkflowsOptions options, TimeProvider time) => new(
        new WorkflowClientServices
        {
            Service = runtime.Service,
            Reader = runtime.Reader,
            Completion = runtime.Completion,
            Updates = runtime.Updates,
            Schedules = runtime.Schedules,
            Steering = runtime.Steering,
            Batches = runtime.Batches,
            Resets = runtime.Resets,
            NewId = () => Guid.NewGuid().ToString(),
            Time = time,
        },
        new WorkflowClientOptions
        {
            Namespace = options.Hub,
            DefaultTaskQueue = options.TaskQueue,
            DataConverter = options.DataConverter,
            Interceptors = options.AllClientInterceptors,
        });
}
