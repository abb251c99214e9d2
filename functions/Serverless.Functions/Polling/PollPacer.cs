namespace Serverless.Functions.Polling;

/// <summary>
/// Decides when an idle queue is looked at again: the pause doubles from look to look up to a maximum, ends early when a message that
/// this process sent becomes visible, and starts over after a find. Pure; the poller asks and waits.
/// </summary>
internal sealed class PollPacer
{
    /// <summary>Moments beyond these are left to ordinary polling, so that the list stays small.</summary>
    private const int MaxExpected = 10_000;

    private readonly PriorityQueue<long, long> _expected = new();
    private readonly Lock _lock = new();
    private readonly TimeSpan _first;
    private readonly TimeSpan _max;
    private TimeSpan _pause;

    public PollPacer(TimeSpan first, TimeSpan max)
    {
        _first = first;
        _max = max;
        _pause = first;
    }

    /// <summary>Notes that a message becomes visible at <paramref name="visibleAt"/>. True when it is sooner than all known, so that a wait must be cut short.</summary>
    public bool Expect(DateTimeOffset visibleAt)
    {
        lock (_lock)
        {
            var isSoonest = !_expected.TryPeek(out _, out var soonest) || visibleAt.UtcTicks < soonest;
            if (isSoonest || _expected.Count < MaxExpected)
            {
                _expected.Enqueue(visibleAt.UtcTicks, visibleAt.UtcTicks);
            }

            return isSoonest;
        }
    }

    /// <summary>The last look found messages.</summary>
    public void Found()
    {
        lock (_lock)
        {
            _pause = _first;
        }
    }

    /// <summary>How long to wait after a look that found nothing. <paramref name="jitter"/> is 0..1.</summary>
    public TimeSpan NextPause(DateTimeOffset now, double jitter)
    {
        lock (_lock)
        {
            // What was due was seen by the look before this, is another process's by now, or the store's clock is a little behind ours.
            while (_expected.TryPeek(out _, out var due) && due <= now.UtcTicks)
            {
                _expected.Dequeue();
                _pause = _first;
            }

            var pause = _pause * (0.8 + (0.4 * jitter));
            _pause = _pause * 2 < _max ? _pause * 2 : _max;

            return _expected.TryPeek(out _, out var next) && next - now.UtcTicks < pause.Ticks ? TimeSpan.FromTicks(next - now.UtcTicks) : pause;
        }
    }
}
