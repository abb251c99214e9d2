namespace Serverless.Storage.Azure;

/// <summary>Runs one request and turns its failure into the one exception that the stores throw.</summary>
internal static class StorageCall
{
    /// <summary>A request with an effect: unless the service certainly refused it, a failure leaves the outcome open.</summary>
    public static Task<T> WriteAsync<T>(string operation, string target, Func<Task<T>> call, CancellationToken cancellationToken) =>
        RunAsync(new StorageRequest(operation, target, IsWrite: true), call, cancellationToken);

    /// <summary>A request without an effect: whatever happened to it, nothing was applied.</summary>
    public static Task<T> ReadAsync<T>(string operation, string target, Func<Task<T>> call, CancellationToken cancellationToken) =>
        RunAsync(new StorageRequest(operation, target, IsWrite: false), call, cancellationToken);

    private static async Task<T> RunAsync<T>(StorageRequest request, Func<Task<T>> call, CancellationToken cancellationToken)
    {
        try
        {
            return await call().ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            throw;
        }
        catch (Exception exception) when (exception is not ArgumentException and not StorageException)
        {
            throw FailureMap.ToStorageException(request, exception);
        }
    }
}

/// <summary>What a failed request was about, for the error's words and its outcome.</summary>
/// <param name="Operation">As in the REST API.</param>
/// <param name="Target">Name of the table, queue, container or blob.</param>
/// <param name="IsWrite">Whether it has an effect.</param>
internal readonly record struct StorageRequest(string Operation, string Target, bool IsWrite);
