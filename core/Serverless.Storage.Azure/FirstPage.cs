using Azure;

namespace Serverless.Storage.Azure;

/// <summary>One page of a listing, which is one request.</summary>
internal static class FirstPage
{
    public static async Task<Page<T>> OfAsync<T>(IAsyncEnumerable<Page<T>> pages, CancellationToken cancellationToken)
        where T : notnull
    {
        await foreach (var page in pages.WithCancellation(cancellationToken).ConfigureAwait(false))
        {
            return page;
        }

        throw new InvalidOperationException("The service answered with no page at all.");
    }
}
