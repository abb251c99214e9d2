using Serverless.Client.Schedules;

namespace Serverless.Client.Interceptors;

/// <summary>A creation of a schedule.</summary>
/// <param name="Id">The schedule's id.</param>
/// <param name="Schedule">The schedule.</param>
/// <param name="Options">Its options.</param>
public record CreateScheduleInput(string Id, Schedule Schedule, ScheduleOptions? Options);

/// <summary>A list of schedules.</summary>
/// <param name="Options">Its options.</param>
public record ListSchedulesInput(ScheduleListOptions? Options);

/// <summary>A backfill.</summary>
/// <param name="Id">The schedule's id.</param>
/// <param name="Backfills">The spans of time.</param>
/// <param name="RpcOptions">How long to wait.</param>
public record BackfillScheduleInput(string Id, IReadOnlyCollection<ScheduleBackfill> Backfills, RpcOptions? RpcOptions);

/// <summary>A removal of a schedule.</summary>
/// <param name="Id">The schedule's id.</param>
/// <param name="RpcOptions">How long to wait.</param>
public record DeleteScheduleInput(string Id, RpcOptions? RpcOptions);

/// <summary>A description of a schedule.</summary>
/// <param name="Id">The schedule's id.</param>
/// <param name="RpcOptions">How long to wait.</param>
public record DescribeScheduleInput(string Id, RpcOptions? RpcOptions);

/// <summary>A pause.</summary>
/// <param name="Id">The schedule's id.</param>
/// <param name="Note">Its note; null for the usual one.</param>
/// <param name="RpcOptions">How long to wait.</param>
public record PauseScheduleInput(string Id, string? Note, RpcOptions? RpcOptions);

/// <summary>A trigger.</summary>
/// <param name="Id">The schedule's id.</param>
/// <param name="Options">Its options.</param>
public record TriggerScheduleInput(string Id, ScheduleTriggerOptions? Options);

/// <summary>The end of a pause.</summary>
/// <param name="Id">The schedule's id.</param>
/// <param name="Note">Its note; null for the usual one.</param>
/// <param name="RpcOptions">How long to wait.</param>
public record UnpauseScheduleInput(string Id, string? Note, RpcOptions? RpcOptions);

/// <summary>An update of a schedule.</summary>
/// <param name="Id">The schedule's id.</param>
/// <param name="Updater">Makes another schedule of it; may be called again.</param>
/// <param name="RpcOptions">How long to wait.</param>
public record UpdateScheduleInput(string Id, Func<ScheduleUpdateInput, Task<ScheduleUpdate?>> Updater, RpcOptions? RpcOptions);
