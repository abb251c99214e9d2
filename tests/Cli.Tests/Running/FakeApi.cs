using System.Net;
using System.Text;
using System.Text.Json.Nodes;

namespace Cli.Tests.Running;

/// <summary>Answers requests as a test says, in order for each method and path, and remembers them. The last answer of a path is repeated.</summary>
internal sealed class FakeApi : HttpMessageHandler
{
    private readonly Dictionary<string, Queue<(HttpStatusCode Status, string Body)>> _answers = [];
    private readonly List<string> _requests = [];
    private readonly List<string?> _bodies = [];

    /// <summary>Method, path and query of each request, such as "GET /api/workflows?pageSize=50".</summary>
    public IReadOnlyList<string> Requests => _requests;

    /// <summary>The body of the last request.</summary>
    public JsonNode? Body => _bodies[^1] is { } text ? JsonNode.Parse(text) : null;

    /// <summary>The header Authorization of the last request.</summary>
    public string? Authorization { get; private set; }

    /// <summary>The key of the last request.</summary>
    public string? Key { get; private set; }

    /// <param name="request">Method and path without a query, such as "GET /api/workflows".</param>
    /// <param name="body">JSON, or lines of it.</param>
    /// <param name="status">The status.</param>
    public FakeApi Answer(string request, string body, HttpStatusCode status = HttpStatusCode.OK)
    {
        if (!_answers.TryGetValue(request, out var queue))
        {
            _answers[request] = queue = new();
        }

        queue.Enqueue((status, body));
        return this;
    }

    public FakeApi Problem(string request, HttpStatusCode status, string code, string facts = "") =>
        Answer(request, $$"""{"status":{{(int)status}},"detail":"It is so.","code":"{{code}}"{{facts}}}""", status);

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        _requests.Add($"{request.Method} {request.RequestUri!.PathAndQuery}");
        _bodies.Add(request.Content is null ? null : await request.Content.ReadAsStringAsync(cancellationToken));
        Authorization = request.Headers.Authorization?.ToString();
        Key = request.Headers.TryGetValues("x-functions-key", out var keys) ? keys.Single() : null;
        if (!_answers.TryGetValue($"{request.Method} {request.RequestUri.AbsolutePath}", out var queue))
        {
            throw new InvalidOperationException($"Nobody said how to answer {_requests[^1]}.");
        }

        var (status, body) = queue.Count > 1 ? queue.Dequeue() : queue.Peek();
        return new HttpResponseMessage(status) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
    }
}
