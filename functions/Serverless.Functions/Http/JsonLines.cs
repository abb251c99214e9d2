using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Serverless.Client;
using Serverless.Storage;

namespace Serverless.Functions.Http;

/// <summary>
/// Long work as lines of JSON, each sent as soon as it is known. What fails before the first line is answered as any error is; what fails later is the last line,
/// <c>{"error":{code, detail}}</c>, in place of the summary.
/// </summary>
internal static class JsonLines
{
    private const string ContentType = "application/x-ndjson";

    public static async Task<IResult> WriteAsync(HttpContext http, IAsyncEnumerable<HubReport> reports)
    {
        await using var all = reports.GetAsyncEnumerator(http.RequestAborted);
        var more = await all.MoveNextAsync();
        http.Response.ContentType = ContentType;
        http.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
        while (more)
        {
            await LineAsync(http, HubViews.Line(all.Current));
            try
            {
                more = await all.MoveNextAsync();
            }
            catch (Exception e) when (e is StorageException or WorkflowServiceException)
            {
                var code = e is StorageException ? ProblemCodes.StorageUnavailable : ProblemCodes.InvalidRequest;
                await LineAsync(http, new JsonObject { ["error"] = new JsonObject { ["code"] = code, ["detail"] = e.Message } }.ToJsonString());
                more = false;
            }
        }

        return Results.Empty;
    }

    /// <summary>The lines of a body, of any length.</summary>
    public static async IAsyncEnumerable<string> ReadAsync(HttpContext http, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
        {
            limit.MaxRequestBodySize = null;
        }

        using var reader = new StreamReader(http.Request.Body, Encoding.UTF8);
        while (await reader.ReadLineAsync(cancellationToken) is { } line)
        {
            yield return line;
        }
    }

    private static Task LineAsync(HttpContext http, string line) => http.Response.WriteAsync($"{line}\n", http.RequestAborted);
}
