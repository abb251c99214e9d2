using Microsoft.Extensions.Logging.Abstractions;
using Serverless.Activities;
using Serverless.Api.Enums.V1;
using Serverless.Converters;
using Serverless.Engine;
using Serverless.Replay;
using Serverless.Worker.Interceptors;
using Serverless.Workflows;

namespace Serverless.Simulation.Workloads;

/// <summary>The application that all simulated processes run.</summary>
internal static class SimCode
{
    private static readonly WorkflowExecutorFactory Executors = new(
        typeof(SimCode).Assembly.GetTypes().Where(static t => t.Namespace == typeof(SimCode).Namespace && t.IsDefined(typeof(WorkflowAttribute), false)).OrderBy(static t => t.FullName, StringComparer.Ordinal).Select(WorkflowDefinition.Create),
        new ExecutorOptions(DataConverter.Default.PayloadConverter, DataConverter.Default.FailureConverter, NullLoggerFactory.Instance) { TraceTasks = false });

    public static IReadOnlyDictionary<string, IndexedValueType> SearchAttributes { get; } = new SortedDictionary<string, IndexedValueType>(StringComparer.Ordinal)
    {
        ["Group"] = IndexedValueType.Keyword,
        ["Rank"] = IndexedValueType.Int,
    };

    /// <summary>All workflows of this program, with these activities, and somebody who watches them.</summary>
    public static EngineCode Create(IEnumerable<object> activities, IWorkerInterceptor watch) => new(
        Executors,
        new ActivityInvoker(activities.Distinct().SelectMany(static a => ActivityDefinition.CreateAll(a.GetType(), a)), new ActivityInvokerOptions("default") { Interceptors = [watch] }),
        new InPlaceCodeRunner());
}
