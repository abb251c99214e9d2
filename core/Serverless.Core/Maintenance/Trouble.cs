using Serverless.Client;

namespace Serverless.Maintenance;

/// <summary>Something that is not as it should be.</summary>
/// <param name="Finding">What, for people.</param>
/// <param name="Mend">Mends it, and may be repeated; null when only people can.</param>
internal sealed record Trouble(HubReport.Finding Finding, Func<CancellationToken, Task>? Mend)
{
    public static Trouble Of(FindingKind kind, WorkflowRef? workflow, string detail, string repair, Func<CancellationToken, Task>? mend) =>
        new(new HubReport.Finding(kind, detail, repair) { WorkflowId = workflow?.WorkflowId, RunId = workflow?.RunId }, mend);
}
