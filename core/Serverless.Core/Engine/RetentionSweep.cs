using Microsoft.Extensions.Logging;
using Serverless.Client;
using Serverless.Visibility;

namespace Serverless.Engine;

/// <summary>
/// Removes all closed runs that have been kept long enough, the first to close first, as many as one message may: the rest goes on with the next message. What the present setting
/// says counts: runs of a slice that opens too early for it wait on, and older ones that were kept longer before go with it.
/// </summary>
internal sealed partial class RetentionSweep(EngineServices services)
{
    private const int PageRuns = 100;
    private const int AtOnce = 8;
    private const int MaxRuns = 2_000;
    private static readonly TimeSpan MaxTime = TimeSpan.FromSeconds(20);
    private readonly RunRemoval _removal = new(services);
    private readonly ILogger _logger = services.Logger;

    public async Task RunAsync(WorkMessage message)
    {
        var slice = RetentionSlice.Of(message);
        if (RetentionTimers.Of(services.Options, slice.Division) is not { } keep)
        {
            return;
        }

        var begun = services.Time.GetUtcNow();
        var again = slice.Message(keep);
        if (again.DueAt > begun)
        {
            await services.Timers.ScheduleAsync(again, services.Shutdown);
            return;
        }

        for (var removed = 0; removed < MaxRuns && services.Time.GetUtcNow() - begun < MaxTime;)
        {
            var page = await services.Visibility.ReadClosedAsync(slice.Division, begun - keep, PageRuns, services.Shutdown);
            var outcomes = new List<RemovalOutcome>();
            foreach (var part in page.Chunk(AtOnce))
            {
                outcomes.AddRange(await Task.WhenAll(part.Select(RemoveAsync)));
            }

            removed += outcomes.Count;
            if (page.Count == 0 || outcomes.TrueForAll(static o => o != RemovalOutcome.Removed))
            {
                return;
            }
        }

        await QueueSending.SendAsync(services.Store.Queues, services.Retry, QueueNames.Timers, again, TimeSpan.Zero, services.Shutdown);
    }

    private async Task<RemovalOutcome> RemoveAsync(WorkflowSummary run)
    {
        var outcome = await _removal.RemoveAsync(run, services.Shutdown);
        if (outcome != RemovalOutcome.Removed)
        {
            LogKept(run.WorkflowId, run.RunId, outcome);
        }

        return outcome;
    }

    [LoggerMessage(EventId = 5, Level = LogLevel.Warning, Message = "Workflow '{WorkflowId}' run {RunId} has been kept long enough, but can't be removed: {Outcome}")]
    private partial void LogKept(string workflowId, string runId, RemovalOutcome outcome);
}
