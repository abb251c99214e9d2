using Microsoft.Extensions.Logging;
using Serverless.Activities;
using Serverless.Engine;
using Serverless.Replay;

namespace Serverless.Functions.Hosting;

/// <summary>The registered code of the application, ready for the engine.</summary>
internal sealed class ApplicationCode
{
    private readonly IWorkflowExecutorFactory _workflows;
    private readonly ActivityInvoker _activities;

    public ApplicationCode(ServerlessWorkflowsOptions options, IServiceProvider services, ILoggerFactory loggers)
    {
        _workflows = new PendingExecutors();
        _activities = new ActivityInvoker(options.Registrations.Activities, new ActivityInvokerOptions(options.Hub)
        {
            DataConverter = options.DataConverter,
            LoggerFactory = loggers,
            Services = services,
            Interceptors = [.. options.Interceptors],
        });
    }

    public WorkflowTypeList WorkflowTypes { get; } = new([], true);

    public EngineCode Create(ICodeRunner runner) => new(_workflows, _activities, runner);

    private sealed class PendingExecutors : IWorkflowExecutorFactory
    {
        public bool Knows(string workflowType) => false;

        public IWorkflowExecutor Create(string workflowId, History.WorkflowStarted started) =>
            throw new WorkflowTaskFailedException(WorkflowTaskFailedCause.UnknownWorkflowType, started.WorkflowType);
    }
}
