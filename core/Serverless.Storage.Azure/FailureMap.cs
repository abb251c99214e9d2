using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Azure;
using Azure.Identity;
using Azure.Storage.Queues.Models;

namespace Serverless.Storage.Azure;

/// <summary>What a failed request means: was it certainly refused, or may it have been applied?</summary>
internal static class FailureMap
{
    /// <summary>Error codes with which a service refuses work that it has not begun.</summary>
    private static readonly string[] _throttled = ["ServerBusy", "TooManyRequests", "AccountIOPSLimitExceeded"];

    public static StorageException ToStorageException(StorageRequest request, Exception exception) => exception switch
    {
        RequestFailedException { Status: > 0 } answer => FromAnswer(request, answer),
        AuthenticationFailedException => Refused(
            request, "no credential was accepted. Sign in with 'az login', or give the app a managed identity with roles on the account", exception),
        OperationCanceledException => Open(request, "it took longer than the time-out", exception),
        _ when NeverSent(exception) => Refused(request, "the service can't be reached. Check that its address is right and, for Azurite, that it runs", exception),
        _ => Open(request, "the connection or the answer broke", exception),
    };

    private static StorageException FromAnswer(StorageRequest request, RequestFailedException answer)
    {
        var said = $"the service answered {answer.Status} {answer.ErrorCode}".TrimEnd();
        return answer.Status switch
        {
            (int)HttpStatusCode.TooManyRequests => Refused(request, $"{said}: throttled", answer, RetryAfter(answer)),
            >= 500 when _throttled.Contains(answer.ErrorCode, StringComparer.OrdinalIgnoreCase) =>
                Refused(request, $"{said}: throttled", answer, RetryAfter(answer)),
            >= 500 or (int)HttpStatusCode.RequestTimeout => Open(request, said, answer, RetryAfter(answer)),
            (int)HttpStatusCode.Unauthorized or (int)HttpStatusCode.Forbidden => Refused(
                request, $"{said}. Check the key, or that the identity has the roles Storage Table, Queue and Blob Data Contributor", answer),
            (int)HttpStatusCode.NotFound when answer.ErrorCode == QueueErrorCode.QueueNotFound.ToString() => new(
                $"{request.Operation} on {request.Target} was not applied: there is no such queue. Initialize the hub, or create the queue.",
                StorageOutcome.NoSuchQueue,
                null,
                answer),
            (int)HttpStatusCode.NotFound => Refused(request, $"{said}. Initialize the hub to create what is missing", answer),
            _ => Refused(request, said, answer),
        };
    }

    /// <summary>True when no connection came about, so that not one byte of the request left.</summary>
    private static bool NeverSent(Exception exception)
    {
        for (var inner = exception; inner is not null; inner = inner.InnerException)
        {
            var refused = inner switch
            {
                HttpRequestException http => http.HttpRequestError is HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError
                    or HttpRequestError.SecureConnectionError or HttpRequestError.ProxyTunnelError,
                SocketException socket => socket.SocketErrorCode is SocketError.ConnectionRefused or SocketError.HostNotFound or SocketError.TryAgain,
                _ => false,
            };
            if (refused)
            {
                return true;
            }
        }

        return false;
    }

    private static TimeSpan? RetryAfter(RequestFailedException answer)
    {
        var headers = answer.GetRawResponse()?.Headers;
        if (headers is not { } present || !present.TryGetValue("Retry-After", out var text))
        {
            return null;
        }

        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) ? TimeSpan.FromSeconds(seconds) : null;
    }

    private static StorageException Refused(StorageRequest request, string why, Exception cause, TimeSpan? retryAfter = null) =>
        new($"{request.Operation} on {request.Target} was not applied: {why}.", StorageOutcome.NotApplied, retryAfter, cause);

    private static StorageException Open(StorageRequest request, string why, Exception cause, TimeSpan? retryAfter = null) => request.IsWrite
        ? new($"{request.Operation} on {request.Target} may have been applied: {why}. Read before repeating it.", StorageOutcome.Unknown, retryAfter, cause)
        : new($"{request.Operation} on {request.Target} failed: {why}. It may be repeated.", StorageOutcome.NotApplied, retryAfter, cause);
}
