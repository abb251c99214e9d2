using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Logging;
using Serverless.Client;
using Serverless.Functions.Configuration;
using Serverless.Functions.Hosting;
using Serverless.Storage;
using Serverless.Visibility;

namespace Serverless.Functions.Http;

/// <summary>Turns whatever an endpoint throws into RFC 9457 problem details with a stable <c>code</c>, and holds requests back until the hub is ready.</summary>
internal sealed partial class ProblemFilter(HubReadiness readiness, HostMode mode, Drain drain, ILogger<ProblemFilter> logger) : IEndpointFilter
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(5);

    private readonly ILogger _logger = logger;

    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var aborted = context.HttpContext.RequestAborted;
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(aborted, drain.Requests);
        context.HttpContext.RequestAborted = linked.Token;
        try
        {
            await readiness.WaitAsync(_patience, linked.Token);
            return await next(context);
        }
        catch (OperationCanceledException) when (aborted.IsCancellationRequested)
        {
            return Results.StatusCode(StatusCodes.Status499ClientClosedRequest);
        }
        catch (OperationCanceledException) when (linked.IsCancellationRequested)
        {
            return Result(Unavailable, ProblemCodes.Stopping, "The process is stopping. What was asked for may or may not have happened; ask again in a few seconds.");
        }
#pragma warning disable CA1031 // Every failure must reach the caller in one shape.
        catch (Exception e)
#pragma warning restore CA1031
        {
            return Problem(e);
        }
    }

    public static IResult Result(int status, string code, string detail, IEnumerable<KeyValuePair<string, object?>>? facts = null)
    {
        var problem = new ProblemDetails { Status = status, Title = Title(code), Detail = detail, Type = $"urn:serverless:problem:{code}" };
        problem.Extensions["code"] = code;
        foreach (var (name, value) in facts ?? [])
        {
            problem.Extensions[name] = value;
        }

        return Results.Problem(problem);
    }

    private static string Title(string code) => char.ToUpperInvariant(code[0]) + code[1..].Replace('-', ' ');

    private static (int Status, string Code) Classify(WorkflowServiceError error) => error switch
    {
        WorkflowServiceError.NotFound => (404, ProblemCodes.WorkflowNotFound),
        WorkflowServiceError.AlreadyStarted => (409, ProblemCodes.WorkflowAlreadyStarted),
        WorkflowServiceError.Closed => (409, ProblemCodes.WorkflowClosed),
        WorkflowServiceError.StillOpen => (409, ProblemCodes.WorkflowStillOpen),
        WorkflowServiceError.QueryFailed => (422, ProblemCodes.QueryFailed),
        WorkflowServiceError.LimitExceeded => (413, ProblemCodes.TooLarge),
        WorkflowServiceError.InboxFull => (429, ProblemCodes.InboxFull),
        WorkflowServiceError.TooManyUpdates => (409, ProblemCodes.TooManyUpdates),
        WorkflowServiceError.BadResetPoint => (422, ProblemCodes.BadResetPoint),
        WorkflowServiceError.CodeUnavailable => (409, ProblemCodes.CodeUnavailable),
        _ => (400, ProblemCodes.InvalidRequest),
    };

    private IResult Problem(Exception exception)
    {
        switch (exception)
        {
            case ApiException e:
                return Result(e.Status, e.Code, e.Message, e.Facts);
            case WorkflowServiceException e:
                var (status, code) = Classify(e.Code);
                return Result(status, code, e.Message, e.RunId is null ? null : [new("runId", e.RunId)]);
            case FilterSyntaxException e:
                return Result(400, ProblemCodes.InvalidFilter, e.Message, [new("position", e.Position)]);
            case JsonException e:
                return Result(400, ProblemCodes.InvalidJson, $"The body is not the JSON that is expected here: {e.Message}");
            case BadHttpRequestException { StatusCode: 413 } e:
                return Result(413, ProblemCodes.TooLarge, $"{e.Message} The limit is the setting {SettingKeys.MaxRequestBytes}.");
            case BadHttpRequestException e:
                return Result(e.StatusCode, ProblemCodes.InvalidRequest, e.Message);
            case HubNotReadyException e:
                return Result(Unavailable, ProblemCodes.NotReady, e.Message);
            case StorageException e:
                StorageFailed(e);
                return Result(Unavailable, ProblemCodes.StorageUnavailable, $"Storage did not answer as it should; what was asked for may or may not have happened. {e.Message}");
            default:
                RequestFailed(exception);
                return Result(500, ProblemCodes.Internal, "The request failed for a reason that the log of the process tells.");
        }
    }

    /// <summary>The Functions host replaces a handler's 503 by an empty 500; a 500 with its reason passes.</summary>
    private int Unavailable => mode.IsCustomHandler ? 500 : 503;

    [LoggerMessage(Level = LogLevel.Warning, Message = "A request failed because storage did.")]
    private partial void StorageFailed(Exception exception);

    [LoggerMessage(Level = LogLevel.Error, Message = "A request failed unexpectedly.")]
    private partial void RequestFailed(Exception exception);
}
