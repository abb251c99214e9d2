using Microsoft.Extensions.Logging;
using Serverless.Activities;
using Serverless.Common;
using Serverless.History;
using Serverless.Replay;

namespace Serverless.Operations;

/// <summary>
/// The platform's own code beside the application's. Its options are its own: no interceptor surrounds it, no setting of the application decides how it fails or where it
/// is pinned.
/// </summary>
internal sealed class SystemCode(SystemServices services, ILoggerFactory loggers)
{
    private readonly WorkflowExecutorFactory _workflows = new(
        SystemWorkflows.Workflows,
        new ExecutorOptions(services.Converter.PayloadConverter, services.Converter.FailureConverter, loggers) { Namespace = services.Hub });

    private readonly ActivityInvoker _activities = new(
        SystemWorkflows.ActivitiesOn(services), new ActivityInvokerOptions(services.Hub) { DataConverter = services.Converter, LoggerFactory = loggers });

    /// <summary>The application's workflows and the platform's.</summary>
    public IWorkflowExecutorFactory With(IWorkflowExecutorFactory application) => new Executors(application, _workflows);

    /// <summary>The application's activities and the platform's.</summary>
    public IActivityInvoker With(IActivityInvoker application) => new Invokers(application, _activities);

    private sealed class Executors(IWorkflowExecutorFactory application, IWorkflowExecutorFactory system) : IWorkflowExecutorFactory
    {
        public bool Knows(string workflowType) => Of(workflowType).Knows(workflowType);

        public bool FailsOnNondeterminism(string workflowType) => Of(workflowType).FailsOnNondeterminism(workflowType);

        public IReadOnlyList<string> HandlersOf(string workflowType) => Of(workflowType).HandlersOf(workflowType);

        public IWorkflowExecutor Create(string workflowId, WorkflowStarted started) => Of(started.WorkflowType).Create(workflowId, started);

        private IWorkflowExecutorFactory Of(string type) => MemberNames.IsSystem(type) ? system : application;
    }

    private sealed class Invokers(IActivityInvoker application, IActivityInvoker system) : IActivityInvoker
    {
        public bool Knows(string activityType) => Of(activityType).Knows(activityType);

        public Task<ActivityOutcome> InvokeAsync(ActivityInvocation invocation) => Of(invocation.Scheduled.ActivityType).InvokeAsync(invocation);

        private IActivityInvoker Of(string type) => MemberNames.IsSystem(type) ? system : application;
    }
}
