using System.Net.Http.Headers;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Serverless.Cli.Api;

/// <summary>
/// The HTTP API as all verbs use it, whether an application answers at an address or this process does over a store. An error becomes a <see cref="CliException"/>.
/// </summary>
internal sealed class ApiClient(HttpClient http, string where)
{
    /// <summary>How messages name what answers.</summary>
    public string Where { get; } = where;

    public Task<JsonObject> GetAsync(ApiPath path, CancellationToken cancellationToken) => SendAsync(HttpMethod.Get, path, null, cancellationToken);

    public Task<JsonObject> PostAsync(ApiPath path, JsonNode? body, CancellationToken cancellationToken) => SendAsync(HttpMethod.Post, path, body, cancellationToken);

    /// <exception cref="CliException">The answer is an error.</exception>
    public async Task<JsonObject> SendAsync(HttpMethod method, ApiPath path, JsonNode? body, CancellationToken cancellationToken)
    {
        var answer = await AskAsync(method, path, body, cancellationToken);
        return answer.IsError ? throw ApiProblems.Exception(answer, Where) : answer.Body;
    }

    /// <summary>For callers to which errors of workflows are answers too.</summary>
    public async Task<ApiAnswer> AskAsync(HttpMethod method, ApiPath path, JsonNode? body, CancellationToken cancellationToken)
    {
        using var content = body is null ? null : new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json");
        using var response = await OpenAsync(method, path, content, cancellationToken);
        return await ReadAsync(response, cancellationToken);
    }

    /// <summary>The lines of an answer that is sent while the work goes on, one JSON object each, as they came.</summary>
    public async IAsyncEnumerable<string> LinesAsync(HttpMethod method, ApiPath path, HttpContent? content, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var response = await OpenAsync(method, path, content, cancellationToken);
        if ((int)response.StatusCode >= 300)
        {
            throw ApiProblems.Exception(await ReadAsync(response, cancellationToken), Where);
        }

        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(cancellationToken), Encoding.UTF8);
        while (await reader.ReadLineAsync(cancellationToken) is { } line)
        {
            if (line.Length > 0)
            {
                yield return line;
            }
        }
    }

    private static async Task<ApiAnswer> ReadAsync(HttpResponseMessage response, CancellationToken cancellationToken) =>
        new((int)response.StatusCode, Parse(await response.Content.ReadAsStringAsync(cancellationToken)) ?? []);

    private static JsonObject? Parse(string text)
    {
        try
        {
            return text.Length == 0 ? null : JsonNode.Parse(text) as JsonObject;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private async Task<HttpResponseMessage> OpenAsync(HttpMethod method, ApiPath path, HttpContent? content, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(method, path.ToString()) { Content = content };
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/x-ndjson"));
        try
        {
            return await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        }
        catch (HttpRequestException e)
        {
            throw new CliException(
                ExitCode.Unreachable,
                $"Nothing answers at {Where}: {e.Message}\nIs the application running? 'serverless dev' starts the one in this folder; --address names another.");
        }
    }
}
