using System.Runtime.CompilerServices;
using Serverless.Client;
using Serverless.Engine;

namespace Serverless.Maintenance;

/// <summary>Finds blobs of workflows and runs that do not exist. A blob is written before the row that names it: young ones are left alone.</summary>
internal sealed class BlobCheck(EngineServices services, RunRemoval runs)
{
    private static readonly TimeSpan Young = TimeSpan.FromHours(1);

    public async IAsyncEnumerable<Trouble> LookAsync(Func<string, string, bool> wasSeen, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var folder = new List<string>();
        await foreach (var name in services.Segments.AllBlobsAsync(cancellationToken))
        {
            if (folder.Count > 0 && FolderOf(folder[0]) != FolderOf(name))
            {
                if (await LookAsync(folder, wasSeen, cancellationToken) is { } trouble)
                {
                    yield return trouble;
                }

                folder = [];
            }

            folder.Add(name);
        }

        if (folder.Count > 0 && await LookAsync(folder, wasSeen, cancellationToken) is { } last)
        {
            yield return last;
        }
    }

    private static string FolderOf(string name) => name[..(name.LastIndexOf('/') + 1)];

    /// <param name="names">The blobs of one folder.</param>
    /// <param name="wasSeen">True when a run was seen.</param>
    /// <param name="cancellationToken">Gives up between reads.</param>
    private async Task<Trouble?> LookAsync(List<string> names, Func<string, string, bool> wasSeen, CancellationToken cancellationToken)
    {
        // Folders of others, such as exports, are none of ours.
        if (names[0].Split('/') is not [var partition, var folder, _] || WorkflowKey.WorkflowId(partition) is not { } workflowId)
        {
            return null;
        }

        var limit = services.Time.GetUtcNow() - Young;
        var old = names.Where(name => IdSource.TimeOf(name[(name.LastIndexOf('/') + 1)..]) < limit).ToList();
        if (old.Count == 0 || wasSeen(workflowId, folder))
        {
            return null;
        }

        var exists = await services.Reading.ExistsAsync(workflowId, cancellationToken);
        if (exists && (Segments.IsOfId(names[0]) || await runs.ExistsAsync(workflowId, folder, cancellationToken)))
        {
            return null;
        }

        return Trouble.Of(
            FindingKind.OrphanedBlob,
            new WorkflowRef(workflowId, Segments.IsOfId(names[0]) ? null : folder),
            $"{old.Count} blobs of a {(exists ? "run" : "workflow")} that does not exist",
            "delete them",
            token => services.Segments.DeleteBlobsAsync(old, token));
    }
}
