using Serverless.Api.Enums.V1;
using Serverless.Client.Interceptors;
using Serverless.Converters;

namespace Serverless.Client;

/// <summary>Settings of a client.</summary>
public class WorkflowClientOptions : ICloneable
{
    /// <summary>The hub, as converters see it. Default "default".</summary>
    public string Namespace { get; set; } = "default";

    /// <summary>Task queue of starts that name none. Default "default".</summary>
    public string DefaultTaskQueue { get; set; } = "default";

    /// <summary>Recorded as the sender of messages. Default: none.</summary>
    public string? Identity { get; set; }

    /// <summary>Converts values and failures; the same as the workers'.</summary>
    public DataConverter DataConverter { get; set; } = DataConverter.Default;

    /// <summary>Outermost first. Default none.</summary>
    public IReadOnlyCollection<IClientInterceptor>? Interceptors { get; set; }

    /// <summary>States of a workflow in which queries are not asked, where the query does not say. Default: all are asked.</summary>
    public QueryRejectCondition? QueryRejectCondition { get; set; }

    /// <inheritdoc/>
    public virtual object Clone() => MemberwiseClone();
}
