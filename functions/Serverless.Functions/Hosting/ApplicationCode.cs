using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Serverless.Activities;
using Serverless.Common;
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
        var metrics = new DiagnosticMetricMeter(services.GetRequiredService<IMeterFactory>().Create(DiagnosticMetricMeter.MeterName), MetricTags.None);
        _converter = converter;
        _activities = new ActivityInvoker(options.Registrations.Activities, new ActivityInvokerOptions(options.Hub)
        {
            DataConverter = converter,
            LoggerFactory = loggers,
            MetricMeter = metrics,
            Services = services,
            Interceptors = options.AllWorkerInterceptors,
        });
        _workflows = new WorkflowExecutorFactory(definitions, new ExecutorOptions(converter.PayloadConverter, converter.FailureConverter, loggers)
        {
            Namespace = options.Hub,
            MetricMeter = metrics,
            FailureExceptionTypes = [.. options.WorkflowFailureExceptionTypes ?? []],
            Interceptors = options.AllWorkerInterceptors,
            KnowsActivity = _activities.Knows,
            DefaultVersioning = options.DefaultVersioningBehavior,
        });
        WorkflowTypes = new WorkflowTypeList(_workflows.KnownTypes, definitions.Any(definition => definition.Dynamic));
    }

    public WorkflowTypeList WorkflowTypes { get; }

    public EngineCode Create(ICodeRunner runner) => new(_workflows, _activities, runner) { DataConverter = _converter };
}
