using System.Runtime.CompilerServices;
using Serverless.Storage;

namespace Serverless.Engine;

/// <summary>Reads all pages of ranges and tables.</summary>
internal static class RowScans
{
    /// <summary>The rows of a range, in order.</summary>
    public static async IAsyncEnumerable<Row> Rows(this EngineServices services, RowQuery query, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        do
        {
            var page = await services.Retry.ReadAsync(() => services.Store.Rows.QueryAsync(query, cancellationToken), cancellationToken);
            foreach (var row in page.Rows)
            {
                yield return row;
            }

            query = query with { Continuation = page.Continuation };
        }
        while (query.Continuation is not null);
    }
}
