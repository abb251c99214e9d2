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
    /// <summary>Longest line of an import, in characters: a run whose history is as large as histories may be fits.</summary>
    public const int MaxLine = 256 * 1024 * 1024;

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
        await foreach (var line in LinesAsync(reader, MaxLine, cancellationToken))
        {
            yield return line;
        }
    }

    /// <summary>Lines that end with a line feed or with the text.</summary>
    /// <param name="reader">The text.</param>
    /// <param name="most">Most characters of a line, its end not counted.</param>
    /// <param name="cancellationToken">Gives up between reads.</param>
    /// <exception cref="WorkflowServiceException">A line is longer.</exception>
    public static async IAsyncEnumerable<string> LinesAsync(TextReader reader, int most, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var buffer = new char[16 * 1024];
        var line = new StringBuilder();
        while (await reader.ReadAsync(buffer, cancellationToken) is var read && read > 0)
        {
            for (var from = 0; from < read;)
            {
                var end = Array.IndexOf(buffer, '\n', from, read - from);
                var to = end < 0 ? read : end;
                if (line.Length + to - from > most)
                {
                    throw new WorkflowServiceException(WorkflowServiceError.LimitExceeded, $"A line has more than {most} characters, which is the limit. It is none of an export.");
                }

                line.Append(buffer, from, to - from);
                from = to + 1;
                if (end >= 0)
                {
                    yield return line.ToString();
                    line.Clear();
                }
            }
        }

        if (line.Length > 0)
        {
            yield return line.ToString();
        }
    }

    private static Task LineAsync(HttpContext http, string line) => http.Response.WriteAsync($"{line}\n", http.RequestAborted);
}
