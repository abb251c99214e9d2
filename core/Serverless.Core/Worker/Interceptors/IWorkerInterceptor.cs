namespace Serverless.Worker.Interceptors;

/// <summary>Stands between the engine and the code of workflows and activities. Override what is of interest.</summary>
public interface IWorkerInterceptor
{
    /// <summary>Called for each run of a workflow, and again each time it is brought into memory.</summary>
    /// <param name="nextInterceptor">The next one towards the workflow.</param>
    /// <returns>What is called in its place; it should call the next one.</returns>
    WorkflowInboundInterceptor InterceptWorkflow(WorkflowInboundInterceptor nextInterceptor) => nextInterceptor;

    /// <summary>Called for each attempt of an activity.</summary>
    /// <param name="nextInterceptor">The next one towards the activity.</param>
    /// <returns>What is called in its place; it should call the next one.</returns>
    ActivityInboundInterceptor InterceptActivity(ActivityInboundInterceptor nextInterceptor) => nextInterceptor;
}
