using System.Net;
using System.Text;

namespace Serverless.Storage.Tests.Azurite;

/// <summary>A service that answers each request as the test says, and counts the requests.</summary>
internal sealed class ScriptedService(Func<HttpRequestMessage, HttpResponseMessage> answer) : HttpMessageHandler
{
    private int _requests;

    public int Requests => _requests;

    /// <summary>An error as the table service words it, outside of a batch.</summary>
    public static HttpResponseMessage Error(HttpStatusCode status, string code, int? retryAfterSeconds = null)
    {
        var response = new HttpResponseMessage(status)
        {
            Content = new StringContent(ErrorJson(code), Encoding.UTF8, "application/json"),
        };
        response.Headers.Add("x-ms-error-code", code);
        if (retryAfterSeconds is { } seconds)
        {
            response.Headers.Add("Retry-After", seconds.ToString(System.Globalization.CultureInfo.InvariantCulture));
        }

        return response;
    }

    /// <summary>An accepted batch whose change set failed as one: the answer to a transaction with a failed condition.</summary>
    public static HttpResponseMessage FailedTransaction(int status, string code) => Batch(
        $"HTTP/1.1 {status} Failed\r\nContent-Type: application/json\r\n\r\n{ErrorJson(code)}\r\n");

    public static HttpResponseMessage Batch(params string[] parts)
    {
        var text = "--batchresponse_1\r\nContent-Type: multipart/mixed; boundary=changesetresponse_1\r\n\r\n";
        foreach (var part in parts)
        {
            text += $"--changesetresponse_1\r\nContent-Type: application/http\r\nContent-Transfer-Encoding: binary\r\n\r\n{part}\r\n";
        }

        var content = new ByteArrayContent(Encoding.UTF8.GetBytes(text + "--changesetresponse_1--\r\n--batchresponse_1--\r\n"));
        content.Headers.TryAddWithoutValidation("Content-Type", "multipart/mixed; boundary=batchresponse_1");
        return new HttpResponseMessage(HttpStatusCode.Accepted) { Content = content };
    }

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _requests);
        return Task.FromResult(answer(request));
    }

    private static string ErrorJson(string code) =>
        $$$$"""{"odata.error":{"code":"{{{{code}}}}","message":{"lang":"en-US","value":"0:{{{{code}}}}"}}}""";
}
