using Serverless.Api.Enums.V1;
using Serverless.Client;
using Serverless.Converters;

namespace Serverless.Operations;

/// <summary>What system workflows and those who ask for them work with.</summary>
/// <param name="Hub">Name of the hub.</param>
/// <param name="TaskQueue">The task queue that they start on.</param>
/// <param name="Converter">
/// The application's codec and its converter of failures. Values are plain JSON whatever the application makes of its own: processes of a hub that only ask need not have its converter.
/// </param>
/// <param name="Time">The clock.</param>
internal sealed record SystemServices(string Hub, string TaskQueue, DataConverter Converter, TimeProvider Time)
{
    /// <summary>The search attributes that are declared.</summary>
    public IReadOnlyDictionary<string, IndexedValueType> SearchAttributes { get; init; } = new Dictionary<string, IndexedValueType>();

    /// <summary>Of the engine that runs them, which is made after them: set once, by it.</summary>
    public IWorkflowService Service { get; set; } = null!;

    /// <summary>As <see cref="Service"/>.</summary>
    public IWorkflowSteering Steering { get; set; } = null!;

    /// <summary>As <see cref="Service"/>.</summary>
    public IWorkflowResetService Resets { get; set; } = null!;

    /// <summary>As <see cref="Service"/>.</summary>
    public IWorkflowReader Reader { get; set; } = null!;

    /// <summary>The converter for what a workflow gets.</summary>
    public DataConverter ConverterOf(string workflowId) => Converter.WithSerializationContext(new ISerializationContext.Workflow(Hub, workflowId));
}
