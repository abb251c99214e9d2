namespace Serverless.Storage.Memory;

/// <summary>The requests of a hub's stores.</summary>
internal enum StorageOperation
{
    QueryRows,
    CommitRows,
    ScanRows,
    SendMessage,
    ReceiveMessages,
    PostponeMessage,
    DeleteMessage,
    CreateQueue,
    CountMessages,
    PutBlob,
    GetBlob,
    ListBlobs,
    DeleteBlob,
    Initialize,
    Destroy,
}

/// <summary>A call that is about to be made.</summary>
/// <param name="Number">1 for the first call of the store, and so on.</param>
/// <param name="Operation">What is called.</param>
/// <param name="Target">The partition, queue, blob or prefix; empty for a scan from the start and for the hub itself.</param>
/// <param name="Table">Of a row call.</param>
/// <param name="Rows">The operations of a commit; else empty.</param>
internal readonly record struct InterceptedCall(
    long Number, StorageOperation Operation, string Target, RowTable? Table, IReadOnlyList<RowOperation> Rows)
{
    /// <summary>True when the call has an effect, so that a lost answer leaves its outcome open.</summary>
    public bool IsWrite => Operation is not (StorageOperation.QueryRows or StorageOperation.ScanRows or StorageOperation.CountMessages
        or StorageOperation.GetBlob or StorageOperation.ListBlobs);
}

/// <summary>What is to happen to a call.</summary>
/// <param name="Kind">Whether it is made and whether its answer arrives.</param>
/// <param name="Until">The call is not made before this task has ended; null for at once.</param>
internal readonly record struct StorageFault(FaultKind Kind, Task? Until = null)
{
    /// <summary>The call is made.</summary>
    public static StorageFault None => default;

    /// <summary>The call is not made; the caller is told that nothing was applied.</summary>
    public static StorageFault FailBefore => new(FaultKind.FailBefore);

    /// <summary>The call is made and its answer lost: the caller is told that the outcome is unknown.</summary>
    public static StorageFault DoThenFail => new(FaultKind.DoThenFail);

    /// <summary>The call is made when the task has ended.</summary>
    public static StorageFault Wait(Task until) => new(FaultKind.None, until);
}

/// <summary>The kinds of <see cref="StorageFault"/>.</summary>
internal enum FaultKind
{
    None,
    FailBefore,
    DoThenFail,
}
