using Serverless.Storage;

namespace Serverless.Engine;

/// <summary>
/// A message on the timers queue that stands behind work whose own message comes back late or not at all: pushed back while the process lives,
/// deleted at the end.
/// </summary>
internal sealed class MessageBackup(EngineServices services, WorkMessage message)
{
    /// <summary>Whoever gets it has to know that somebody had the work before, who may still live.</summary>
    private readonly WorkMessage _message = message with { IsRepeated = true };
    private readonly DateTimeOffset? _beginAt = services.Time.GetUtcNow() + services.Options.BackupAfter;
    private readonly MessageHold _hold = new(services.Time);
    private MessageReceipt? _receipt;
    private DateTimeOffset _pushAt;

    /// <summary>When <see cref="TickAsync"/> has something to do; null for never.</summary>
    public DateTimeOffset? NextAt => _receipt is not null ? _pushAt : _beginAt;

    /// <summary>How long the message surely is where it was put.</summary>
    public MessageHold Hold => _hold;

    /// <summary>Sees to it that the message is there. One that others may have had is sent anew: it may be deleted.</summary>
    public async Task BeginAsync()
    {
        if (!_hold.IsSure)
        {
            var asked = _hold.Now;
            _receipt = await QueueSending.SendAsync(
                services.Store.Queues, services.Retry, QueueNames.Timers, _message, services.Options.BackupDelay, services.Shutdown);
            _hold.Granted(asked, services.Options.BackupDelay);
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
        var asked = _hold.Now;
        _receipt = await services.Store.Queues.PostponeAsync(receipt, services.Options.BackupDelay, services.Shutdown);
        _hold.Granted(asked, _receipt is null ? TimeSpan.Zero : services.Options.BackupDelay);
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
