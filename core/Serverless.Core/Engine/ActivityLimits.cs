namespace Serverless.Engine;

/// <summary>How many attempts of an activity type run at once. Local activities are not counted.</summary>
/// <param name="PerProcess">In one process; null: as many as there are places.</param>
/// <param name="AcrossProcesses">In all processes of the hub together; null: no limit.</param>
internal sealed record ActivityLimit(int? PerProcess, int? AcrossProcesses);

/// <summary>Keeps attempts within the limits that their types have across processes. Nothing is read or written for other types.</summary>
internal sealed class SharedLimits(EngineServices services)
{
    private readonly Dictionary<string, SharedPlaces> _types = services.Options.ActivityLimits
        .Where(static l => l.Value.AcrossProcesses is not null)
        .ToDictionary(static l => l.Key, l => new SharedPlaces(services, l.Key, l.Value.AcrossProcesses!.Value), StringComparer.Ordinal);

    /// <summary>Runs an attempt if its type has a place. False when none became free in time: it was not run.</summary>
    public async Task<bool> TryRunAsync(ActivityJob job, Func<Task> attempt)
    {
        if (!job.Scheduled.IsLocal && _types.TryGetValue(job.Scheduled.ActivityType, out var places))
        {
            return await places.TryRunAsync(attempt);
        }

        await attempt();
        return true;
    }
}
