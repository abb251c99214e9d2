using Serverless.Storage;

namespace Serverless.Engine;

/// <summary>
/// A message on the timers queue that stands behind work whose own message comes back late or not at all: pushed back while the process lives,
/// deleted at the end.
/// </summary>
internal sealed class MessageBackup(EngineServices services, WorkMessage message)
{
    private readonly DateTimeOffset? _beginAt = services.Time.GetUtcNow() + services.Options.BackupAfter;
    private MessageReceipt? _receipt;
    private DateTimeOffset _pushAt;

    /// <summary>When <see cref="TickAsync"/> has something to do; null for never.</summary>
    public DateTimeOffset? NextAt => _receipt is not null ? _pushAt : _beginAt;

    public async Task BeginAsync()
    {
        if (_receipt is null)
        {
            _receipt = await QueueSending.SendAsync(
                services.Store.Queues, services.Retry, QueueNames.Timers, message, services.Options.BackupDelay, services.Shutdown);
            _pushAt = services.Time.GetUtcNow() + (services.Options.BackupDelay / 2);
        }
    }

    public async Task TickAsync()
    {
        if (NextAt is not { } next || services.Time.GetUtcNow() < next)
        {
            return;
        }

        if (_receipt is not { } receipt)
        {
            await BeginAsync();
            return;
        }

        // Lost to another process that took us for dead: it will find our marks or our commits.
        _receipt = await services.Store.Queues.PostponeAsync(receipt, services.Options.BackupDelay, services.Shutdown);
        _pushAt = services.Time.GetUtcNow() + (services.Options.BackupDelay / 2);
    }

    /// <summary>Makes sure that the message is there and does not come soon.</summary>
    public async Task RenewAsync()
    {
        await TickAsync();
        await BeginAsync();
    }

    public async Task EndAsync()
    {
        if (_receipt is { } receipt)
        {
            await services.Retry.ReadAsync(() => services.Store.Queues.DeleteAsync(receipt, services.Shutdown), services.Shutdown);
        }
    }
}
