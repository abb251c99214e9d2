using Serverless.Client;

namespace Serverless.Functions.Hosting;

/// <summary>Makes the client of the application's own hub.</summary>
internal static class HubClient
{
    /// <exception cref="HubNotReadyException">Storage has not been reached yet.</exception>
    public static WorkflowClient Create(EngineRuntime runtime, ServerlessWorkflowsOptions options) => new(
        runtime.ForClient(static () => Guid.NewGuid().ToString()),
        new WorkflowClientOptions
        {
            Namespace = options.Hub,
            DefaultTaskQueue = options.TaskQueue,
            DataConverter = options.DataConverter,
            Interceptors = options.AllClientInterceptors,
        });
}
