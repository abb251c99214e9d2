namespace Serverless.Client.Schedules;

/// <summary>A schedule, by its id.</summary>
/// <param name="Client">The client.</param>
/// <param name="Id">The schedule's id.</param>
public record ScheduleHandle(IWorkflowClient Client, string Id)
{
    /// <summary>Starts the actions of spans of time now, also when it is paused. On return that is stored.</summary>
    /// <param name="backfills">The spans, at least one.</param>
    /// <param name="rpcOptions">How long to wait.</param>
    /// <exception cref="ArgumentException">There is no span, or one ends before it starts.</exception>
    public virtual Task BackfillAsync(IReadOnlyCollection<ScheduleBackfill> backfills, RpcOptions? rpcOptions = null)
    {
        ArgumentNullException.ThrowIfNull(backfills);
        return backfills.Count > 0
            ? Client.OutboundInterceptor.BackfillScheduleAsync(new(Id, backfills, rpcOptions))
            : throw new ArgumentException("There is nothing to fill back: give at least one span of time.", nameof(backfills));
    }

    /// <summary>Removes it. Workflows that it has started go on.</summary>
    /// <param name="rpcOptions">How long to wait.</param>
    public virtual Task DeleteAsync(RpcOptions? rpcOptions = null) => Client.OutboundInterceptor.DeleteScheduleAsync(new(Id, rpcOptions));

    /// <summary>Describes it.</summary>
    /// <param name="rpcOptions">How long to wait.</param>
    public virtual Task<ScheduleDescription> DescribeAsync(RpcOptions? rpcOptions = null) => Client.OutboundInterceptor.DescribeScheduleAsync(new(Id, rpcOptions));

    /// <summary>Pauses it. On return that is stored.</summary>
    /// <param name="note">Its note from now on; null for one that says how it was paused.</param>
    /// <param name="rpcOptions">How long to wait.</param>
    public virtual Task PauseAsync(string? note = null, RpcOptions? rpcOptions = null) => Client.OutboundInterceptor.PauseScheduleAsync(new(Id, note, rpcOptions));

    /// <summary>Acts once, now, also when it is paused. On return that is stored.</summary>
    /// <param name="options">Options.</param>
    public virtual Task TriggerAsync(ScheduleTriggerOptions? options = null) => Client.OutboundInterceptor.TriggerScheduleAsync(new(Id, options));

    /// <summary>Lets it go on. On return that is stored.</summary>
    /// <param name="note">Its note from now on; null for one that says how it went on.</param>
    /// <param name="rpcOptions">How long to wait.</param>
    public virtual Task UnpauseAsync(string? note = null, RpcOptions? rpcOptions = null) => Client.OutboundInterceptor.UnpauseScheduleAsync(new(Id, note, rpcOptions));

    /// <summary>Changes it: reads it, lets a function change it, and stores what that gives, or begins again if it was updated meanwhile.</summary>
    /// <param name="updater">Gets the schedule and gives what to make of it; null: nothing. May be called again.</param>
    /// <param name="rpcOptions">How long to wait.</param>
    public Task UpdateAsync(Func<ScheduleUpdateInput, ScheduleUpdate?> updater, RpcOptions? rpcOptions = null) =>
        UpdateAsync(input => Task.FromResult(updater(input)), rpcOptions);

    /// <summary>Changes it: reads it, lets a function change it, and stores what that gives, or begins again if it was updated meanwhile.</summary>
    /// <param name="updater">Gets the schedule and gives what to make of it; null: nothing. May be called again.</param>
    /// <param name="rpcOptions">How long to wait.</param>
    public virtual Task UpdateAsync(Func<ScheduleUpdateInput, Task<ScheduleUpdate?>> updater, RpcOptions? rpcOptions = null) =>
        Client.OutboundInterceptor.UpdateScheduleAsync(new(Id, updater, rpcOptions));
}
