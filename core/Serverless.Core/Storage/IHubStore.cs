namespace Serverless.Storage;

/// <summary>All storage of one hub, and its life cycle.</summary>
internal interface IHubStore : IAsyncDisposable
{
    /// <summary>Journal, parked timers, visibility.</summary>
    IRowStore Rows { get; }

    /// <summary>Work and timers.</summary>
    IQueueStore Queues { get; }

    /// <summary>Large payloads.</summary>
    IBlobStore Blobs { get; }

    /// <summary>For people: which store this is, without secrets, such as "SQLite .data/default.db".</summary>
    string Description { get; }

    /// <summary>Creates what is missing (tables, container, the given queues). May be called by any number of processes at once, any number of times.</summary>
    ValueTask InitializeAsync(IReadOnlyList<string> queues, CancellationToken cancellationToken);

    /// <summary>Deletes the hub with all it holds.</summary>
    ValueTask DestroyAsync(CancellationToken cancellationToken);
}
