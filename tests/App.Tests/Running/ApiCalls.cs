using System.Net;
using System.Text;
using System.Text.Json.Nodes;

namespace App.Tests.Running;

/// <summary>Calls of the HTTP API that return status and JSON.</summary>
internal static class ApiCalls
{
    public static async Task<(HttpStatusCode Status, JsonNode Body)> PostAsync(this HttpClient http, string path, string? body = null)
    {
        // As curl -d sends it.
        using var content = new StringContent(body ?? "", Encoding.UTF8, "application/x-www-form-urlencoded");
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = content };

        // A body that is refused by its length is then not sent at all.
        request.Headers.ExpectContinue = content.Headers.ContentLength > 1_000_000;
        using var answer = await http.SendAsync(request);
        return (answer.StatusCode, await BodyAsync(answer));
    }

    public static async Task<(HttpStatusCode Status, JsonNode Body)> ReadAsync(this HttpClient http, string path)
    {
        using var answer = await http.GetAsync(path);
        return (answer.StatusCode, await BodyAsync(answer));
    }

    public static async Task<(HttpStatusCode Status, JsonNode Body)> RemoveAsync(this HttpClient http, string path)
    {
        using var answer = await http.DeleteAsync(path);
        return (answer.StatusCode, await BodyAsync(answer));
    }

    /// <summary>A start that may be repeated even after the workflow has closed.</summary>
    public static string Transfer(string id, string from, string to, decimal amount, string fault = "None") => FormattableString.Invariant(
        $$$"""{"type":"MoneyTransfer","id":"{{{id}}}","args":[{"from":"{{{from}}}","to":"{{{to}}}","amount":{{{amount}}},"fault":"{{{fault}}}"}],"options":{"idReusePolicy":"RejectDuplicate"}}""");

    private static async Task<JsonNode> BodyAsync(HttpResponseMessage answer)
    {
        var text = await answer.Content.ReadAsStringAsync();
        return text.Length == 0 ? new JsonObject() : JsonNode.Parse(text)!;
    }
}
