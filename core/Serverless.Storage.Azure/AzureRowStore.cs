using Azure;
using Azure.Data.Tables;
using Azure.Data.Tables.Models;

namespace Serverless.Storage.Azure;

/// <summary>Rows of a hub in Azure Table storage. Every transaction is one entity group transaction, even with one operation.</summary>
internal sealed class AzureRowStore : IRowStore
{
    private readonly TableClient[] _tables;

    public AzureRowStore(TableServiceClient service, AzureLayout layout)
    {
        _tables = [.. Enum.GetValues<RowTable>().Select(table => service.GetTableClient(layout.Table(table)))];
    }

    public async ValueTask<RowPage> QueryAsync(RowQuery query, CancellationToken cancellationToken)
    {
        StorageGuard.Query(query);
        var filter = RowFilter.Range(query.Partition, query.FromKey, query.ToKey);
        var page = await ReadPageAsync(query.Table, filter, query.Limit, query.Continuation, cancellationToken).ConfigureAwait(false);
        return new RowPage([.. page.Values.Select(RowEntity.ToRow)], Continuation(page));
    }

    public async ValueTask<RowScanPage> ScanAsync(RowTable table, string? fromPartition, string? continuation, CancellationToken cancellationToken)
    {
        var filter = fromPartition is null ? null : RowFilter.FromPartition(fromPartition);
        var page = await ReadPageAsync(table, filter, StorageLimits.MaxPageRows, continuation, cancellationToken).ConfigureAwait(false);
        return new RowScanPage([.. page.Values.Select(entity => (entity.PartitionKey, RowEntity.ToRow(entity)))], Continuation(page));
    }

    public async ValueTask<TransactionOutcome> CommitAsync(
        RowTable table, string partition, IReadOnlyList<RowOperation> operations, CancellationToken cancellationToken)
    {
        StorageGuard.Transaction(partition, operations);
        var client = Table(table);
        var actions = operations.Select(operation => ToAction(partition, operation)).ToList();
        return await StorageCall.WriteAsync("EntityGroupTransaction", client.Name, SubmitAsync, cancellationToken).ConfigureAwait(false);

        async Task<TransactionOutcome> SubmitAsync()
        {
            try
            {
                var answers = await client.SubmitTransactionAsync(actions, cancellationToken).ConfigureAwait(false);
                return new TransactionOutcome(true, Tags(operations, answers.Value));
            }
            catch (RequestFailedException exception) when (IsConflict(exception))
            {
                return TransactionOutcome.Conflict;
            }
        }
    }

    /// <summary>
    /// A condition failed: another tag (412), an insert of what is there (409), a touch, replacement or deletion of what is not (404).
    /// A missing or vanishing table has the same status and is no conflict.
    /// </summary>
    private static bool IsConflict(RequestFailedException exception) => exception.Status switch
    {
        412 => true,
        409 => exception.ErrorCode == TableErrorCode.EntityAlreadyExists,
        404 => exception.ErrorCode == TableErrorCode.ResourceNotFound || exception.ErrorCode == TableErrorCode.EntityNotFound,
        _ => false,
    };

    private static TableTransactionAction ToAction(string partition, RowOperation operation) => operation.Kind switch
    {
        RowOperationKind.Insert => new(TableTransactionActionType.Add, RowEntity.Create(partition, operation)),
        RowOperationKind.Replace => new(TableTransactionActionType.UpdateReplace, RowEntity.Create(partition, operation), new ETag(operation.Tag!)),
        RowOperationKind.Upsert => new(TableTransactionActionType.UpsertReplace, RowEntity.Create(partition, operation)),
        RowOperationKind.Delete => new(
            TableTransactionActionType.Delete, new TableEntity(partition, operation.Key), operation.Tag is { } tag ? new ETag(tag) : ETag.All),

        // A merge of nothing: the data stays, the tag changes; with If-Match "*" it fails when there is no such row.
        RowOperationKind.Touch => new(TableTransactionActionType.UpdateMerge, new TableEntity(partition, operation.Key), ETag.All),
        _ => throw new ArgumentOutOfRangeException(nameof(operation), operation.Kind, "No such operation."),
    };

    private static string?[] Tags(IReadOnlyList<RowOperation> operations, IReadOnlyList<Response> answers)
    {
        if (answers.Count != operations.Count)
        {
            throw new InvalidDataException($"The service answered {answers.Count} of {operations.Count} operations.");
        }

        var tags = new string?[operations.Count];
        for (var index = 0; index < tags.Length; index++)
        {
            if (operations[index].Kind != RowOperationKind.Delete)
            {
                tags[index] = answers[index].Headers.ETag?.ToString("G")
                    ?? throw new InvalidDataException($"The service's answer to operation {index} carries no ETag.");
            }
        }

        return tags;
    }

    private static string? Continuation(Page<TableEntity> page) => string.IsNullOrEmpty(page.ContinuationToken) ? null : page.ContinuationToken;

    private Task<Page<TableEntity>> ReadPageAsync(RowTable table, string? filter, int limit, string? continuation, CancellationToken cancellationToken)
    {
        var client = Table(table);
        return StorageCall.ReadAsync(
            "QueryEntities",
            client.Name,
            () => FirstPage.OfAsync(
                client.QueryAsync<TableEntity>(filter, limit, cancellationToken: cancellationToken).AsPages(continuation, limit), cancellationToken),
            cancellationToken);
    }

    private TableClient Table(RowTable table) => _tables[(int)table];
}
