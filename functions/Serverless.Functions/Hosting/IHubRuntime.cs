using Serverless.Client;
using Serverless.Engine;
using Serverless.Storage;

namespace Serverless.Functions.Hosting;

/// <summary>What clients and the HTTP API read and steer.</summary>
internal interface IHubServices
{
    IWorkflowService Service { get; }

    IWorkflowReader Reader { get; }

    IActivityCompletionService Completion { get; }

    IUpdateReader Updates { get; }
}

/// <summary>What hosting drives: the engine of one hub. Before the start, only the types are known.</summary>
internal interface IHubRuntime : IHubServices
{
    IMessageHandlers Handlers { get; }

    /// <summary>Types that this process can run.</summary>
    WorkflowTypeList WorkflowTypes { get; }

    /// <summary>The store as it was opened; null before.</summary>
    IHubStore? Store { get; }

    /// <summary>The queues, within the hub, whose activities this process runs.</summary>
    IReadOnlyList<string> ActivityQueues { get; }

    /// <summary>Creates what the hub lacks in storage and takes up work. Throws when storage can't be reached; may be called again then.</summary>
    Task StartAsync(CancellationToken cancellationToken);

    /// <summary>Asks what still runs to give up now; its messages come back to others.</summary>
    void Stop();
}

/// <summary>The workflow types of this process.</summary>
/// <param name="Names">Their names, sorted.</param>
/// <param name="HasDynamic">True when a dynamic workflow takes every other name.</param>
internal sealed record WorkflowTypeList(IReadOnlyList<string> Names, bool HasDynamic);
