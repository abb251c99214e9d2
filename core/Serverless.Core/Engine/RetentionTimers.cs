using System.Globalization;
using Serverless.History;
using Serverless.Visibility;

namespace Serverless.Engine;

/// <summary>
/// Sees to it that closed runs are removed when they have been kept long enough: one timer for each hour in which runs close. Its key follows from the hour, so processes that set
/// it too overwrite it; a process sets it once.
/// </summary>
internal sealed class RetentionTimers(EngineOptions options, TimerService timers)
{
    private const int RememberedSlices = 1_000;

    /// <summary>How long the platform's own workflows (batches, schedules) are kept when nothing is said about retention.</summary>
    private static readonly TimeSpan SystemDefault = TimeSpan.FromDays(30);
    private readonly Lock _lock = new();
    private readonly HashSet<RetentionSlice> _armed = [];

    /// <summary>How long closed runs of a list are kept; null for ever.</summary>
    public static TimeSpan? Of(EngineOptions options, ListDivision division) => options.Retention ?? (division == ListDivision.System ? SystemDefault : null);

    /// <summary>Sets the timer of the hour in which a run closed. Nothing happens where closed runs are kept for ever.</summary>
    public async Task ArmAsync(RunState closed, CancellationToken cancellationToken)
    {
        var division = ListDivisions.Of(closed.Started.WorkflowType);
        if (Of(options, division) is { } keep && closed.Closed is { } end)
        {
            var slice = RetentionSlice.Containing(division, end.Time);
            if (!IsArmed(slice))
            {
                await timers.ScheduleAsync(slice.Message(keep), cancellationToken);
                Remember(slice);
            }
        }
    }

    private bool IsArmed(RetentionSlice slice)
    {
        lock (_lock)
        {
            return _armed.Contains(slice);
        }
    }

    private void Remember(RetentionSlice slice)
    {
        lock (_lock)
        {
            if (_armed.Count >= RememberedSlices)
            {
                _armed.Clear();
            }

            _armed.Add(slice);
        }
    }
}

/// <summary>An hour in which runs of a list close.</summary>
/// <param name="Division">The list.</param>
/// <param name="End">End of the hour.</param>
internal readonly record struct RetentionSlice(ListDivision Division, DateTimeOffset End)
{
    private static readonly TimeSpan Length = TimeSpan.FromHours(1);

    public static RetentionSlice Containing(ListDivision division, DateTimeOffset time) =>
        new(division, new DateTimeOffset(time.UtcTicks - (time.UtcTicks % Length.Ticks), TimeSpan.Zero) + Length);

    /// <summary>The slice that a message is about.</summary>
    /// <exception cref="InvalidDataException">The message names none.</exception>
    public static RetentionSlice Of(WorkMessage message) =>
        message.WorkflowId.Split('-') is [var division, var ticks]
        && Enum.TryParse<ListDivision>(division, out var list)
        && Enum.IsDefined(list)
        && long.TryParse(ticks, NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var end)
        && end >= 0
        && end <= DateTimeOffset.MaxValue.UtcTicks
            ? new RetentionSlice(list, new DateTimeOffset(end, TimeSpan.Zero))
            : throw new InvalidDataException($"'{message.WorkflowId}' names no time in which runs closed.");

    /// <summary>The message that removes what closed in it.</summary>
    public WorkMessage Message(TimeSpan keep)
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"{Division}-{End.UtcTicks:x}");
        return new WorkMessage(WorkKind.Retention, name, name) { DueAt = End.After(keep) };
    }
}
