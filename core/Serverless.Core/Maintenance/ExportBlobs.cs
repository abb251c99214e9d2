using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.RegularExpressions;
using Serverless.Client;
using Serverless.Engine;

namespace Serverless.Maintenance;

/// <summary>Exports that are kept among the hub's blobs, in parts: <c>exports/{name}/{number}.ndjson</c>. No workflow id has a partition of that name.</summary>
internal sealed partial class ExportBlobs(EngineServices services)
{
    private const int PartBytes = 4 * 1024 * 1024;

    /// <summary>Stores the lines of an export; passes on its other reports.</summary>
    public async IAsyncEnumerable<HubReport> WriteAsync(string name, IAsyncEnumerable<HubReport> export, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (await PartAsync(name, 1, cancellationToken) is not null)
        {
            throw new WorkflowServiceException(WorkflowServiceError.InvalidArgument, $"There is an export '{name}' already. Choose another name.");
        }

        var (part, number) = (new StringBuilder(), 0);
        await foreach (var report in export.WithCancellation(cancellationToken))
        {
            switch (report)
            {
                case HubReport.Line line:
                    part.Append(line.Json).Append('\n');
                    break;
                case HubReport.Ended ended:
                    part.Append(CultureInfo.InvariantCulture, $"{{\"summary\":{{\"workflows\":{ended.Counts["workflows"]},\"runs\":{ended.Counts["runs"]}}}}}\n");
                    await PutAsync(name, ++number, part, cancellationToken);
                    yield return new HubReport.Ended(new SortedDictionary<string, long>(ended.Counts.ToDictionary(), StringComparer.Ordinal) { ["parts"] = number });
                    continue;
                default:
                    yield return report;
                    break;
            }

            if (part.Length >= PartBytes)
            {
                await PutAsync(name, ++number, part, cancellationToken);
            }
        }
    }

    /// <summary>The lines of an export.</summary>
    public async IAsyncEnumerable<string> ReadAsync(string name, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        for (var number = 1; ; number++)
        {
            if (await PartAsync(name, number, cancellationToken) is not { } part)
            {
                if (number == 1)
                {
                    throw new WorkflowServiceException(WorkflowServiceError.NotFound, $"There is no export '{name}'.");
                }

                yield break;
            }

            foreach (var line in Encoding.UTF8.GetString(part.Span).Split('\n', StringSplitOptions.RemoveEmptyEntries))
            {
                yield return line;
            }
        }
    }

    private Task<ReadOnlyMemory<byte>?> PartAsync(string name, int number, CancellationToken cancellationToken)
    {
        var blob = NameOf(name, number);
        return services.Retry.ReadAsync(() => services.Store.Blobs.GetAsync(blob, cancellationToken), cancellationToken);
    }

    private async Task PutAsync(string name, int number, StringBuilder part, CancellationToken cancellationToken)
    {
        var data = Encoding.UTF8.GetBytes(part.ToString());
        part.Clear();
        await services.Retry.ReadAsync(
            async () =>
            {
                await services.Store.Blobs.PutAsync(NameOf(name, number), data, cancellationToken);
                return true;
            },
            cancellationToken);
    }

    private static string NameOf(string name, int number) => ExportName().IsMatch(name)
        ? string.Create(CultureInfo.InvariantCulture, $"exports/{name}/{number:d6}.ndjson")
        : throw new WorkflowServiceException(
            WorkflowServiceError.InvalidArgument, $"'{name}' is no name for an export. Use 1 to 100 letters, digits, hyphens and underscores.");

    [GeneratedRegex(@"^[A-Za-z0-9_-]{1,100}\z")]
    private static partial Regex ExportName();
}
