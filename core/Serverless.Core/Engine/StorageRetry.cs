using Serverless.Storage;

namespace Serverless.Engine;

/// <summary>
/// Repeats storage calls where repeating is safe: reads after any failure, writes only when the store says that nothing was applied.
/// Waits are jittered, and as long as the service asks.
/// </summary>
internal sealed class StorageRetry(TimeProvider time, IdSource ids)
{
    private const int MaxAttempts = 5;
    private static readonly TimeSpan FirstWait = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(5);

    public async Task<T> ReadAsync<T>(Func<ValueTask<T>> call, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await call();
            }
            catch (StorageException e) when (attempt < MaxAttempts)
            {
                await WaitAsync(attempt, e, cancellationToken);
            }
        }
    }

    public async Task<T> WriteAsync<T>(Func<ValueTask<T>> call, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await call();
            }
            catch (StorageException e) when (e.Outcome == StorageOutcome.NotApplied && attempt < MaxAttempts)
            {
                await WaitAsync(attempt, e, cancellationToken);
            }
        }
    }

    private async Task WaitAsync(int attempt, StorageException cause, CancellationToken cancellationToken)
    {
        var wait = cause.RetryAfter ?? FirstWait * Math.Pow(2, attempt - 1) * ids.NextJitter();
        await Task.Delay(wait < LongestWait ? wait : LongestWait, time, cancellationToken);
    }
}
