using Serverless.Client;
using Serverless.Engine;
using Serverless.Storage;

namespace Serverless.Maintenance;

/// <summary>What operators ask of the hub and have done to it; see the contract.</summary>
internal sealed class HubService(EngineServices services, ChainParts parts, WhyReader why, IWorkflowReader reader) : IHubService
{
    public Task<WorkflowWaits> WhyAsync(WorkflowRef workflow, CancellationToken cancellationToken) => why.ReadAsync(workflow, cancellationToken);

    public async Task<HubStatus> ReadStatusAsync(CancellationToken cancellationToken)
    {
        var queues = new List<HubQueue>();
        foreach (var queue in services.KnownQueues)
        {
            if (await CountAsync(queue, cancellationToken) is { } messages)
            {
                queues.Add(new HubQueue(queue, messages, await CountAsync(PoisonSweep.PoisonOf(queue), cancellationToken) ?? 0));
            }
        }

        return new HubStatus(
            services.Options.Hub, services.Store.Description, await reader.CountAsync("GROUP BY ExecutionStatus", cancellationToken), queues)
        {
            Blocked = (await services.Blocked.ReadAsync(cancellationToken)).Count,
            BuildId = services.Options.BuildId,
        };
    }

    public IAsyncEnumerable<HubReport> ExamineAsync(bool repair, bool rebuild, CancellationToken cancellationToken) =>
        new HubDoctor(services, parts).RunAsync(repair, rebuild, cancellationToken);

    public IAsyncEnumerable<HubReport> ExportAsync(string? filter, CancellationToken cancellationToken) =>
        new HubExport(services, reader).RunAsync(filter, cancellationToken);

    public IAsyncEnumerable<HubReport> ExportToBlobAsync(string name, string? filter, CancellationToken cancellationToken) =>
        new ExportBlobs(services).WriteAsync(name, ExportAsync(filter, cancellationToken), cancellationToken);

    public IAsyncEnumerable<string> ReadExportAsync(string name, CancellationToken cancellationToken) => new ExportBlobs(services).ReadAsync(name, cancellationToken);

    public IAsyncEnumerable<HubReport> ImportAsync(IAsyncEnumerable<string> lines, bool merge, CancellationToken cancellationToken) =>
        new HubImport(services, parts).RunAsync(lines, merge, cancellationToken);

    public IAsyncEnumerable<HubReport> PurgeAsync(string filter, bool dryRun, CancellationToken cancellationToken) =>
        new HubPurge(services, reader).RunAsync(filter, dryRun, cancellationToken);

    private Task<int?> CountAsync(string queue, CancellationToken cancellationToken) =>
        services.Retry.ReadAsync(() => services.Store.Queues.CountAsync(queue, cancellationToken), cancellationToken);
}
