using Microsoft.Extensions.Logging;
using Serverless.Activities;
using Serverless.Converters;
using Serverless.Engine;
using Serverless.Replay;

namespace Serverless.Functions.Hosting;

/// <summary>The registered code of the application, ready for the engine.</summary>
internal sealed class ApplicationCode
{
    private readonly WorkflowExecutorFactory _workflows;
    private readonly ActivityInvoker _activities;
    private readonly DataConverter _converter;

    /// <exception cref="ArgumentException">A definition is wrong or two have one name; the message says which.</exception>
    public ApplicationCode(ServerlessWorkflowsOptions options, IServiceProvider services, ILoggerFactory loggers)
    {
        var definitions = options.Registrations.Workflows;
        var converter = options.DataConverter;
        _converter = converter;
        _workflows = new WorkflowExecutorFactory(definitions, new ExecutorOptions(converter.PayloadConverter, converter.FailureConverter, loggers)
        {
            Interceptors = [.. options.Interceptors],
            DefaultVersioning = options.DefaultVersioningBehavior,
            DeploymentName = options.Hub,
        });
        _activities = new ActivityInvoker(options.Registrations.Activities, new ActivityInvokerOptions(options.Hub)
        {
            DataConverter = converter,
            LoggerFactory = loggers,
            Services = services,
            Interceptors = [.. options.Interceptors],
        });
        WorkflowTypes = new WorkflowTypeList(_workflows.KnownTypes, definitions.Any(definition => definition.Dynamic));
    }

    public WorkflowTypeList WorkflowTypes { get; }

    public EngineCode Create(ICodeRunner runner) => new(_workflows, _activities, runner) { DataConverter = _converter };
}
