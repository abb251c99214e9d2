using System.Runtime.CompilerServices;
using Serverless.Api.Enums.V1;
using Serverless.Client;
using Serverless.Engine;

namespace Serverless.Maintenance;

/// <summary>Removes the closed runs that a filter finds. Interrupted, it is finished by doing it again.</summary>
internal sealed class HubPurge(EngineServices services, IWorkflowReader reader)
{
    private const int PageRuns = 200;
    private const int AtOnce = 8;
    private readonly RunRemoval _removal = new(services);

    public async IAsyncEnumerable<HubReport> RunAsync(string filter, bool dryRun, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (string.IsNullOrWhiteSpace(filter))
        {
            throw new WorkflowServiceException(
                WorkflowServiceError.InvalidArgument, "A purge needs a filter. \"ExecutionStatus != 'Running'\" finds everything that is closed.");
        }

        var total = (await reader.CountAsync(filter, cancellationToken)).Values.Sum();
        var (done, removed, open) = (0L, 0L, 0L);
        string? token = null;
        do
        {
            var page = await reader.ListAsync(filter, PageRuns, token, cancellationToken);
            foreach (var part in page.Workflows.Chunk(AtOnce))
            {
                var outcomes = await Task.WhenAll(part.Select(run => RemoveAsync(run, dryRun, cancellationToken)));
                foreach (var (run, outcome) in part.Zip(outcomes))
                {
                    if (outcome == RemovalOutcome.StillOpen)
                    {
                        open++;
                    }
                    else
                    {
                        removed++;
                        yield return new HubReport.Run(run);
                    }
                }
            }

            done += page.Workflows.Count;
            yield return new HubReport.Progress(done, Math.Max(done, total));
            token = page.NextPageToken;
        }
        while (token is not null);

        yield return new HubReport.Ended(new Dictionary<string, long> { ["found"] = done, [dryRun ? "wouldRemove" : "removed"] = removed, ["open"] = open });
    }

    private Task<RemovalOutcome> RemoveAsync(WorkflowSummary run, bool dryRun, CancellationToken cancellationToken) =>
        run.Status == WorkflowExecutionStatus.Running ? Task.FromResult(RemovalOutcome.StillOpen)
        : dryRun ? Task.FromResult(RemovalOutcome.Removed)
        : _removal.RemoveAsync(run, cancellationToken);
}
