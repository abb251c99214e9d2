using Azure;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;

namespace Serverless.Storage.Azure;

/// <summary>Large payloads of a hub in one blob container.</summary>
internal sealed class AzureBlobStore(BlobContainerClient container) : IBlobStore
{
    /// <summary>Only a name that is not in use may be written.</summary>
    private static readonly BlobRequestConditions _absent = new() { IfNoneMatch = ETag.All };

    public async ValueTask PutAsync(string name, ReadOnlyMemory<byte> data, CancellationToken cancellationToken)
    {
        StorageGuard.Blob(name);
        await StorageCall.WriteAsync("PutBlob", Target(name), UploadAsync, cancellationToken).ConfigureAwait(false);

        async Task<bool> UploadAsync()
        {
            try
            {
                var options = new BlobUploadOptions { Conditions = _absent };
                await container.GetBlobClient(name).UploadAsync(BinaryData.FromBytes(data), options, cancellationToken).ConfigureAwait(false);
                return true;
            }
            catch (RequestFailedException exception) when (exception.Status is 409 or 412 && IsTaken(exception))
            {
                return false;
            }
        }
    }

    public async ValueTask<ReadOnlyMemory<byte>?> GetAsync(string name, CancellationToken cancellationToken)
    {
        StorageGuard.Blob(name);
        return await StorageCall.ReadAsync<ReadOnlyMemory<byte>?>("GetBlob", Target(name), DownloadAsync, cancellationToken).ConfigureAwait(false);

        async Task<ReadOnlyMemory<byte>?> DownloadAsync()
        {
            try
            {
                var blob = await container.GetBlobClient(name).DownloadContentAsync(cancellationToken).ConfigureAwait(false);
                return blob.Value.Content.ToMemory();
            }
            catch (RequestFailedException exception) when (exception.ErrorCode == BlobErrorCode.BlobNotFound)
            {
                return null;
            }
        }
    }

    public async ValueTask<(IReadOnlyList<string> Names, string? Continuation)> ListAsync(
        string prefix, string? continuation, CancellationToken cancellationToken)
    {
        StorageGuard.Prefix(prefix);
        var page = await StorageCall.ReadAsync("ListBlobs", container.Name, ListPageAsync, cancellationToken).ConfigureAwait(false);
        return ([.. page.Values.Select(blob => blob.Name)], string.IsNullOrEmpty(page.ContinuationToken) ? null : page.ContinuationToken);

        async Task<Page<BlobItem>> ListPageAsync()
        {
            var pages = container.GetBlobsAsync(BlobTraits.None, BlobStates.None, prefix, cancellationToken).AsPages(continuation, StorageLimits.MaxPageRows);
            return await FirstPage.OfAsync(pages, cancellationToken).ConfigureAwait(false);
        }
    }

    public async ValueTask DeleteAsync(string name, CancellationToken cancellationToken)
    {
        await StorageCall.WriteAsync("DeleteBlob", Target(name), TryDeleteAsync, cancellationToken).ConfigureAwait(false);

        async Task<bool> TryDeleteAsync() => await container.GetBlobClient(name)
            .DeleteIfExistsAsync(DeleteSnapshotsOption.IncludeSnapshots, cancellationToken: cancellationToken).ConfigureAwait(false);
    }

    private static bool IsTaken(RequestFailedException exception) =>
        exception.ErrorCode == BlobErrorCode.BlobAlreadyExists || exception.ErrorCode == BlobErrorCode.ConditionNotMet;

    private string Target(string name) => $"{container.Name}/{name}";
}
