using Serverless.Activities;
using Serverless.Converters;
using Serverless.Worker;
using Serverless.Worker.Interceptors;
using Serverless.Workflows;

namespace Serverless.Functions;

public sealed partial class ServerlessWorkflowsOptions
{
    /// <summary>How values and failures are stored. Every process and client of a hub must use the same. Default: JSON, no codec.</summary>
    public DataConverter DataConverter { get; set; } = DataConverter.Default;

    /// <summary>Surround workflows and activities, the first one outermost. Default none.</summary>
    public IList<IWorkerInterceptor> Interceptors { get; } = [];

    internal WorkerRegistrations Registrations { get; } = new();

    /// <summary>Adds a workflow type.</summary>
    /// <typeparam name="T">A class with the attribute <c>[Workflow]</c>.</typeparam>
    /// <returns>These options.</returns>
    public ServerlessWorkflowsOptions AddWorkflow<T>()
    {
        Registrations.AddWorkflow<T>();
        return this;
    }

    /// <summary>Adds a workflow type.</summary>
    /// <param name="definition">Its definition: another name than the type's, or another way to make it.</param>
    /// <returns>These options.</returns>
    public ServerlessWorkflowsOptions AddWorkflow(WorkflowDefinition definition)
    {
        Registrations.AddWorkflow(definition);
        return this;
    }

    /// <summary>Adds all activities of a class. It is resolved from the application's services, in a scope of its own for each attempt.</summary>
    /// <typeparam name="T">A class with methods that have the attribute <c>[Activity]</c>.</typeparam>
    /// <returns>These options.</returns>
    public ServerlessWorkflowsOptions AddActivities<T>()
        where T : class
    {
        Registrations.AddActivities<T>();
        return this;
    }

    /// <summary>Adds all activities of a class, which may be static.</summary>
    /// <param name="type">A class with methods that have the attribute <c>[Activity]</c>.</param>
    /// <returns>These options.</returns>
    public ServerlessWorkflowsOptions AddActivities(Type type)
    {
        Registrations.AddActivities(type);
        return this;
    }

    /// <summary>Adds one activity.</summary>
    /// <param name="activity">A method with the attribute <c>[Activity]</c>.</param>
    /// <returns>These options.</returns>
    public ServerlessWorkflowsOptions AddActivity(Delegate activity)
    {
        Registrations.AddActivity(activity);
        return this;
    }

    /// <summary>Adds one activity.</summary>
    /// <param name="definition">Its definition.</param>
    /// <returns>These options.</returns>
    public ServerlessWorkflowsOptions AddActivity(ActivityDefinition definition)
    {
        Registrations.AddActivity(definition);
        return this;
    }
}
