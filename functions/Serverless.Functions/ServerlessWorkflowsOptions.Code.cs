using Serverless.Activities;
using Serverless.Client;
using Serverless.Client.Interceptors;
using Serverless.Converters;
using Serverless.Worker;
using Serverless.Worker.Interceptors;
using Serverless.Workflows;

namespace Serverless.Functions;

public sealed partial class ServerlessWorkflowsOptions
{
    /// <summary>How values and failures are stored. Every process and client of a hub must use the same. Default: JSON, no codec.</summary>
    public DataConverter DataConverter { get; set; } = DataConverter.Default;

    /// <summary>
    /// Surround the calls of this process's <see cref="IWorkflowClient"/>, the first one outermost. One that is an <see cref="IWorkerInterceptor"/> too surrounds workflows
    /// and activities as well, outside of <see cref="Interceptors"/>: add it once. Default none.
    /// </summary>
    public IList<IClientInterceptor> ClientInterceptors { get; } = [];

    /// <summary>
    /// Surround workflows and activities, the first one outermost. One that is an <see cref="IClientInterceptor"/> too surrounds the client as well: add it once. Default
    /// none.
    /// </summary>
    public IList<IWorkerInterceptor> Interceptors { get; } = [];

    /// <summary>
    /// Exceptions that fail a workflow, besides failures and cancellation: any of these types and of types derived from them. All others block it until its code is mended.
    /// Default none.
    /// </summary>
    public IReadOnlyCollection<Type>? WorkflowFailureExceptionTypes { get; set; }

    internal WorkerRegistrations Registrations { get; } = new();

    internal IReadOnlyList<IClientInterceptor> AllClientInterceptors => [.. AllInterceptors.OfType<IClientInterceptor>()];

    internal IReadOnlyList<IWorkerInterceptor> AllWorkerInterceptors => [.. AllInterceptors.OfType<IWorkerInterceptor>()];

    private IEnumerable<object> AllInterceptors => ClientInterceptors.Concat<object>(Interceptors).Distinct(ReferenceEqualityComparer.Instance);

    /// <summary>Adds a workflow type.</summary>
    /// <typeparam name="T">A class with the attribute <c>[Workflow]</c>.</typeparam>
    /// <returns>These options.</returns>
    public ServerlessWorkflowsOptions AddWorkflow<T>()
    {
        Registrations.AddWorkflow<T>();
        return this;
    }

    /// <summary>Adds a workflow type.</summary>
    /// <param name="type">A class with the attribute <c>[Workflow]</c>.</param>
    /// <returns>These options.</returns>
    public ServerlessWorkflowsOptions AddWorkflow(Type type)
    {
        Registrations.AddWorkflow(type);
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

    /// <summary>Adds all activities of an object, which all attempts share.</summary>
    /// <param name="instance">An object with methods that have the attribute <c>[Activity]</c>.</param>
    /// <returns>These options.</returns>
    public ServerlessWorkflowsOptions AddActivities(object instance)
    {
        ArgumentNullException.ThrowIfNull(instance);
        return AddAllActivities(instance.GetType(), instance);
    }

    /// <summary>Adds all activities of a type, called on one object.</summary>
    /// <typeparam name="T">A class with methods that have the attribute <c>[Activity]</c>.</typeparam>
    /// <param name="instance">The object, which all attempts share; null when all methods are static.</param>
    /// <returns>These options.</returns>
    /// <exception cref="InvalidOperationException">A method is not static, and there is no object.</exception>
    public ServerlessWorkflowsOptions AddAllActivities<T>(T? instance) => AddAllActivities(typeof(T), instance);

    /// <summary>Adds all activities of a type, called on one object.</summary>
    /// <param name="type">A class with methods that have the attribute <c>[Activity]</c>.</param>
    /// <param name="instance">The object, which all attempts share; null when all methods are static.</param>
    /// <returns>These options.</returns>
    /// <exception cref="InvalidOperationException">A method is not static, and there is no object.</exception>
    public ServerlessWorkflowsOptions AddAllActivities(Type type, object? instance)
    {
        Registrations.AddActivities(type, instance);
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
