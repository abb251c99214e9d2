using Microsoft.Extensions.Time.Testing;

namespace Serverless.Tests.Behaviour;

/// <summary>A clock that stands still until it is told to go to the next moment at which something is due. Knows which timers wait, and for whom.</summary>
internal sealed class SteppingClock(Func<bool> isClient) : FakeTimeProvider(new DateTimeOffset(2026, 11, 23, 12, 0, 0, TimeSpan.Zero))
{
    private readonly Lock _lock = new();
    private readonly HashSet<Timer> _waiting = [];

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new Timer(this, isClient());
        timer.Start(base.CreateTimer(_ => timer.Fire(callback, state), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan), dueTime, period);
        return timer;
    }

    /// <summary>When the next timer is due: those of the engine and of activities, or those with which clients look again.</summary>
    public DateTimeOffset? NextTimer(bool ofClients)
    {
        lock (_lock)
        {
            return _waiting.Where(t => t.OfClient == ofClients).Select(static t => (DateTimeOffset?)t.DueAt).Min();
        }
    }

    public void GoTo(DateTimeOffset moment)
    {
        var now = GetUtcNow();
        Advance(moment > now ? moment - now : TimeSpan.Zero);
    }

    private sealed class Timer(SteppingClock clock, bool ofClient) : ITimer
    {
        private ITimer? _inner;

        public bool OfClient { get; } = ofClient;

        public DateTimeOffset DueAt { get; private set; }

        public void Start(ITimer inner, TimeSpan dueTime, TimeSpan period)
        {
            _inner = inner;
            Change(dueTime, period);
        }

        public void Fire(TimerCallback callback, object? state)
        {
            Forget();
            callback(state);
        }

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            Forget();
            if (dueTime != Timeout.InfiniteTimeSpan)
            {
                lock (clock._lock)
                {
                    DueAt = clock.GetUtcNow() + dueTime;
                    clock._waiting.Add(this);
                }
            }

            return _inner!.Change(dueTime, period);
        }

        public void Dispose()
        {
            Forget();
            _inner!.Dispose();
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }

        private void Forget()
        {
            lock (clock._lock)
            {
                clock._waiting.Remove(this);
            }
        }
    }
}
