using Serverless.Converters;

namespace Serverless.Activities;

/// <summary>
/// Converts and encodes the heartbeats of one attempt. Any thread may send; with a codec one encoding runs at a time and only the latest details wait.
/// </summary>
internal sealed class ActivityHeartbeats : IDisposable
{
    private readonly Lock _lock = new();
    private readonly DataConverter _converter;
    private readonly Action<IReadOnlyList<Payload>> _record;
    private readonly CancellationTokenSource _cancel;
    private IReadOnlyList<Payload>? _next;
    private Task _pump = Task.CompletedTask;
    private bool _pumping;

    public ActivityHeartbeats(DataConverter converter, Action<IReadOnlyList<Payload>> record, CancellationToken cancel)
    {
        _converter = converter;
        _record = record;
        _cancel = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        Token = _cancel.Token;
    }

    /// <summary>Cancelled with the attempt, and when a heartbeat fails.</summary>
    public CancellationToken Token { get; }

    /// <summary>Why a heartbeat could not be recorded; null while all could.</summary>
    public Exception? Failure { get; private set; }

    public void Send(object?[] details)
    {
        try
        {
            IReadOnlyList<Payload> payloads = [.. details.Select(_converter.PayloadConverter.ToPayload)];
            if (_converter.PayloadCodec is null)
            {
                _record(payloads);
                return;
            }

            lock (_lock)
            {
                _next = payloads;
                if (_pumping)
                {
                    return;
                }

                _pumping = true;
            }

            _pump = PumpAsync();
        }
        catch (Exception e)
        {
            Fail(e);
        }
    }

    /// <summary>Completes when what was sent is recorded.</summary>
    public Task FlushAsync() => _pump;

    public void Dispose() => _cancel.Dispose();

    private async Task PumpAsync()
    {
        try
        {
            while (TryTake() is { } payloads)
            {
                _record(await _converter.PayloadCodec.EncodeAllAsync(payloads));
            }
        }
        catch (Exception e)
        {
            // Stays "pumping": after a failure nothing more is sent.
            Fail(e);
        }
    }

    private IReadOnlyList<Payload>? TryTake()
    {
        lock (_lock)
        {
            var taken = _next;
            _next = null;
            _pumping = taken is not null;
            return taken;
        }
    }

    private void Fail(Exception e)
    {
        Failure ??= e;
        try
        {
            _cancel.Cancel();
        }
        catch (Exception inCallback) when (inCallback is AggregateException or ObjectDisposedException)
        {
            // What the code registered on its token, or that it has ended meanwhile, does not change that the heartbeat failed.
        }
    }
}
