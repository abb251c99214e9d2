using Serverless.Client;
using Serverless.Converters;
using Serverless.Engine;
using Serverless.Replay;
using Serverless.Tests.Engine;
using Serverless.Worker;
using Serverless.Worker.Interceptors;
using Serverless.Workflows;

namespace Serverless.Tests.Behaviour;

/// <summary>What a behaviour test runs on. Made anew for each way, so that nothing is left over from the other one.</summary>
internal sealed class BehaviourSetup
{
    private readonly List<object> _objects = [];

    public WorkerRegistrations Code { get; } = new();

    /// <summary>Engine options; the cache is set by the way.</summary>
    public EngineOptions Engine { get; set; } = EngineHost.Options with { Identity = "worker" };

    /// <summary>Task queues besides the default one whose activities are run.</summary>
    public List<string> TaskQueues { get; } = [];

    public DataConverter Converter { get; set; } = DataConverter.Default with { FailureConverter = new SteadyFailures() };

    public List<Type> FailureExceptionTypes { get; } = [];

    /// <summary>Changes how workflow code is run.</summary>
    public Func<ExecutorOptions, ExecutorOptions> Executor { get; set; } = static options => options;

    public List<IWorkerInterceptor> Interceptors { get; } = [];

    public WorkflowClientOptions Client { get; } = new() { Identity = "client" };

    public IReadOnlyList<object> Objects => _objects;

    public BehaviourSetup Add<TWorkflow>()
    {
        Code.AddWorkflow<TWorkflow>();
        return this;
    }

    public BehaviourSetup Add(params Type[] workflows)
    {
        foreach (var type in workflows)
        {
            Code.AddWorkflow(type);
        }

        return this;
    }

    public BehaviourSetup Add(WorkflowDefinition definition)
    {
        Code.AddWorkflow(definition);
        return this;
    }

    /// <summary>Adds the activities of an object, which the test can ask for with <see cref="BehaviourRun.The{T}"/>.</summary>
    public BehaviourSetup AddActivities<T>(T activities)
        where T : class
    {
        _objects.Add(activities);
        Code.AddActivities(typeof(T), activities);
        return this;
    }
}
