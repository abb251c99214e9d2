namespace Serverless.Storage;

/// <summary>
/// Rows in partitions, read in key order and changed by transactions: what Azure Table storage offers, and no more.
/// The journal, the parked timers and the visibility index are all built on it (see <c>Engine</c>), so that one small
/// contract carries every invariant and every storage call can be counted and made to fail.
/// </summary>
/// <remarks>
/// Every method may throw <see cref="StorageException"/>. Unless the exception says <see cref="StorageException.Outcome"/>
/// is <see cref="StorageOutcome.NotApplied"/>, a write may have been applied: callers re-read before they repeat it.
/// Implementations never repeat a write by themselves.
/// </remarks>
internal interface IRowStore
{
    /// <summary>
    /// Reads rows of one partition, ordered by ordinal comparison of their keys.
    /// A page may hold fewer rows than asked for, even none, and still carry a continuation: only a null
    /// <see cref="RowPage.Continuation"/> means the end. One page is one request. Rows of one page are not a snapshot
    /// of different moments than a transaction: a transaction is seen whole or not at all within a page.
    /// </summary>
    ValueTask<RowPage> QueryAsync(RowQuery query, CancellationToken cancellationToken);

    /// <summary>
    /// Applies all operations or none, atomically, in one request. At most <see cref="StorageLimits.MaxOperations"/> operations on
    /// different rows of one partition and <see cref="StorageLimits.MaxTransactionBytes"/> bytes; more is an <see cref="ArgumentException"/>.
    /// A failed condition (see <see cref="RowOperation"/>) returns <see cref="TransactionOutcome.Conflict"/> and changes nothing.
    /// </summary>
    ValueTask<TransactionOutcome> CommitAsync(
        RowTable table, string partition, IReadOnlyList<RowOperation> operations, CancellationToken cancellationToken);

    /// <summary>
    /// Reads rows of all partitions in (partition, key) order, for repair and purge only: it is a scan.
    /// Same paging rules as <see cref="QueryAsync"/>. <paramref name="fromPartition"/> null starts at the first.
    /// </summary>
    ValueTask<RowScanPage> ScanAsync(
        RowTable table, string? fromPartition, string? continuation, CancellationToken cancellationToken);
}

/// <summary>The tables of a hub.</summary>
internal enum RowTable
{
    /// <summary>One partition per workflow id: head, gate, inbox, history.</summary>
    Workflows,

    /// <summary>Far timers, one partition per bucket of due times.</summary>
    Timers,

    /// <summary>The list of workflows: a projection that can be rebuilt.</summary>
    Visibility,
}

/// <summary>A range of keys in one partition.</summary>
/// <param name="Table">The table.</param>
/// <param name="Partition">The partition, exactly.</param>
/// <param name="FromKey">First key, inclusive; empty for the start.</param>
/// <param name="ToKey">Last key, exclusive; null for the end.</param>
/// <param name="Limit">Rows per page, 1..1000.</param>
/// <param name="Continuation">The continuation of the page before; null for the first.</param>
internal readonly record struct RowQuery(
    RowTable Table, string Partition, string FromKey, string? ToKey, int Limit = StorageLimits.MaxPageRows, string? Continuation = null);

/// <summary>A row as read.</summary>
/// <param name="Key">Its key within the partition.</param>
/// <param name="Data">Its bytes.</param>
/// <param name="Tag">Changes with each write of the row; the condition of <see cref="RowOperation.Replace"/> and <see cref="RowOperation.Delete"/>.</param>
/// <param name="Written">
/// The store's own clock or counter at the row's last write: grows (never shrinks) from write to write in one partition, and may tie.
/// It orders messages from senders whose clocks differ. It has no unit.
/// </param>
internal readonly record struct Row(string Key, ReadOnlyMemory<byte> Data, string Tag, long Written);

/// <summary>One page of a query.</summary>
internal readonly record struct RowPage(IReadOnlyList<Row> Rows, string? Continuation);

/// <summary>One page of a scan.</summary>
internal readonly record struct RowScanPage(IReadOnlyList<(string Partition, Row Row)> Rows, string? Continuation);

/// <summary>What a transaction did.</summary>
/// <param name="Committed">False: a condition failed and nothing changed.</param>
/// <param name="Tags">The new tag of each operation's row, in the order of the operations; null for deletes. Empty when not committed.</param>
internal readonly record struct TransactionOutcome(bool Committed, IReadOnlyList<string?> Tags)
{
    public static TransactionOutcome Conflict { get; } = new(false, []);
}

/// <summary>One change of one row, with the condition under which it may happen.</summary>
internal readonly record struct RowOperation(RowOperationKind Kind, string Key, ReadOnlyMemory<byte> Data, string? Tag)
{
    /// <summary>Conflict when a row with this key exists.</summary>
    public static RowOperation Insert(string key, ReadOnlyMemory<byte> data) => new(RowOperationKind.Insert, key, data, null);

    /// <summary>Conflict when the row is missing or its tag is another.</summary>
    public static RowOperation Replace(string key, ReadOnlyMemory<byte> data, string tag) => new(RowOperationKind.Replace, key, data, tag);

    /// <summary>Writes whatever is there or not. Never a conflict, so it fences nothing: for projections only.</summary>
    public static RowOperation Upsert(string key, ReadOnlyMemory<byte> data) => new(RowOperationKind.Upsert, key, data, null);

    /// <summary>Conflict when the row is missing or, with a tag, when its tag is another.</summary>
    public static RowOperation Delete(string key, string? tag) => new(RowOperationKind.Delete, key, default, tag);

    /// <summary>Leaves the row's data, changes its tag. Conflict when the row is missing: "only while this exists".</summary>
    public static RowOperation Touch(string key) => new(RowOperationKind.Touch, key, default, null);
}

/// <summary>The kinds of <see cref="RowOperation"/>.</summary>
internal enum RowOperationKind
{
    Insert,
    Replace,
    Upsert,
    Delete,
    Touch,
}
