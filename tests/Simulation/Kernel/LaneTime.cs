namespace Serverless.Simulation.Kernel;

/// <summary>
/// The clock of one process. Its wall clock may be off and may jump; its timers and timestamps count the time that really passes, as those of real machines do.
/// </summary>
internal sealed class LaneTime(SimKernel kernel, Lane lane) : TimeProvider
{
    /// <summary>How far the wall clock is ahead of the world's.</summary>
    public TimeSpan Skew { get; set; }

    public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override DateTimeOffset GetUtcNow() => kernel.Now + Skew;

    public override long GetTimestamp() => kernel.Elapsed.Ticks;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new LaneTimer(kernel, lane, () => callback(state));
        timer.Change(dueTime, period);
        return timer;
    }

    private sealed class LaneTimer(SimKernel kernel, Lane lane, Action callback) : ITimer
    {
        private TimeSpan _period;
        private int _version;

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            _version++;
            _period = period;
            if (dueTime >= TimeSpan.Zero)
            {
                Arm(dueTime, _version);
            }

            return true;
        }

        public void Dispose() => _version++;

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }

        private void Arm(TimeSpan due, int version) => kernel.After(due, () =>
        {
            if (version == _version && !lane.IsDead)
            {
                // On the lane: a paused process gets its timers when it goes on.
                lane.Post(() => Fire(version));
            }
        });

        private void Fire(int version)
        {
            if (version != _version)
            {
                return;
            }

            if (_period > TimeSpan.Zero)
            {
                Arm(_period, version);
            }

            callback();
        }
    }
}
