namespace Serverless.Client.Schedules;

/// <summary>Creates schedules and finds them.</summary>
public interface IScheduleClient
{
    /// <summary>Creates a schedule. On return it is stored.</summary>
    /// <param name="scheduleId">Its id, 1 to 200 characters.</param>
    /// <param name="schedule">The schedule.</param>
    /// <param name="options">Options.</param>
    /// <exception cref="ArgumentException">Something can't be set for an action, or is missing.</exception>
    /// <exception cref="Exceptions.ScheduleAlreadyRunningException">A schedule with the id exists.</exception>
    /// <exception cref="Exceptions.RpcException">The specification is not valid.</exception>
    Task<ScheduleHandle> CreateScheduleAsync(string scheduleId, Schedule schedule, ScheduleOptions? options = null);

    /// <summary>A handle to a schedule; nothing is looked up.</summary>
    /// <param name="scheduleId">Its id.</param>
    ScheduleHandle GetScheduleHandle(string scheduleId);

    /// <summary>Lists schedules, newest first.</summary>
    /// <param name="options">Options.</param>
    /// <exception cref="Visibility.FilterSyntaxException">The filter can't be read.</exception>
    IAsyncEnumerable<ScheduleListDescription> ListSchedulesAsync(ScheduleListOptions? options = null);
}
