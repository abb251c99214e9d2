using System.Text.Json;
using Serverless.Api.Enums.V1;
using Serverless.Client;
using Serverless.Common;
using Serverless.Converters;
using Serverless.Functions.Configuration;
using Serverless.Functions.Hosting;
using Serverless.History;

namespace Serverless.Functions.Http;

/// <summary>Checks the body of a start and turns it into the engine's request.</summary>
internal static class StartRequests
{
    private const int MaxNameLength = 200;

    public static StartRequest Create(StartBody? body, TimeSpan wait, ServerlessWorkflowsOptions settings, WorkflowTypeList types)
    {
        if (body?.Type is not { Length: > 0 and <= MaxNameLength } type)
        {
            throw new ApiException(400, ProblemCodes.InvalidRequest,
                $$"""The body must name a workflow type of 1 to {{MaxNameLength}} characters: { "type": "Greeting", "args": [...] }.""");
        }

        if (MemberNames.ProblemOfType(type, "a workflow") is { } problem)
        {
            throw new ApiException(400, ProblemCodes.InvalidRequest, problem);
        }

        var options = body.Options ?? new StartBodyOptions();
        var taskQueue = Name(options.TaskQueue, "options.taskQueue") ?? settings.TaskQueue;
        if (taskQueue == settings.TaskQueue && types is { HasDynamic: false, Names.Count: > 0 } && !types.Names.Contains(type))
        {
            throw new ApiException(400, ProblemCodes.UnknownWorkflowType,
                $"This application has no workflow type '{type}'. It has: {string.Join(", ", types.Names)}.")
            {
                Facts = { ["knownTypes"] = types.Names },
            };
        }

        var id = body.Id ?? Guid.NewGuid().ToString("N");
        WorkflowIdRules.Check(id);
        return new StartRequest(id, Started(type, taskQueue, body, options, settings.SearchAttributes.ByName))
        {
            ReusePolicy = options.IdReusePolicy,
            ConflictPolicy = options.IdConflictPolicy,
            Signal = Signal(options.StartSignal, options.RequestId),
            Eager = wait > TimeSpan.Zero,
            Wait = wait,
        };
    }

    private static WorkflowStarted Started(
        string type, string taskQueue, StartBody body, StartBodyOptions options, IReadOnlyDictionary<string, IndexedValueType> declared) =>
        new(type, taskQueue, Payloads(body.Args))
        {
            ExecutionTimeout = Duration(options.ExecutionTimeout, "options.executionTimeout"),
            RunTimeout = Duration(options.RunTimeout, "options.runTimeout"),
            TaskTimeout = Duration(options.TaskTimeout, "options.taskTimeout"),
            FirstTaskDelay = Duration(options.StartDelay, "options.startDelay"),
            CronSchedule = options.CronSchedule,
            RetryPolicy = Retry(options.RetryPolicy),
            Memo = Payloads(options.Memo),
            SearchAttributes = (options.SearchAttributes ?? new Dictionary<string, JsonElement>())
                .ToDictionary(pair => pair.Key, pair => SearchAttributeJson.Encode(pair.Key, pair.Value, declared, "options.searchAttributes"), StringComparer.Ordinal),
            Summary = options.Summary,
            Details = options.Details,
            RequestId = options.RequestId,
        };

    private static RetryPolicy? Retry(RetryBody? body)
    {
        if (body is null)
        {
            return null;
        }

        var policy = new RetryPolicy();
        policy = policy with
        {
            InitialInterval = Duration(body.InitialInterval, "options.retryPolicy.initialInterval") ?? policy.InitialInterval,
            BackoffCoefficient = body.BackoffCoefficient ?? policy.BackoffCoefficient,
            MaximumInterval = Duration(body.MaximumInterval, "options.retryPolicy.maximumInterval"),
            MaximumAttempts = body.MaximumAttempts ?? policy.MaximumAttempts,
            NonRetryableErrorTypes = body.NonRetryableErrorTypes is { } types ? ScheduleRequests.Whole(types, "options.retryPolicy.nonRetryableErrorTypes") : null,
        };
        var isPossible = policy.InitialInterval > TimeSpan.Zero && policy.BackoffCoefficient >= 1 && policy.MaximumAttempts >= 0
            && (policy.MaximumInterval is not { } max || max >= policy.InitialInterval);
        return isPossible
            ? policy
            : throw new ApiException(400, ProblemCodes.InvalidRequest,
                "options.retryPolicy: initialInterval must be above zero, backoffCoefficient at least 1, maximumInterval at least initialInterval, maximumAttempts at least 0.");
    }

    private static WorkflowSignaled? Signal(SignalBody? body, string? requestId)
    {
        if (body is null)
        {
            return null;
        }

        var name = Name(body.Name, "options.startSignal.name")
            ?? throw new ApiException(400, ProblemCodes.InvalidRequest, "options.startSignal.name is missing.");
        return new WorkflowSignaled(name, Payloads(body.Args)) { RequestId = requestId };
    }

    private static string? Name(string? name, string member) => name is null or { Length: > 0 and <= MaxNameLength }
        ? name
        : throw new ApiException(400, ProblemCodes.InvalidRequest, $"{member} must have 1 to {MaxNameLength} characters.");

    private static TimeSpan? Duration(string? text, string member)
    {
        if (text is null)
        {
            return null;
        }

        return Durations.TryParse(text, out var duration)
            ? duration
            : throw new ApiException(400, ProblemCodes.InvalidRequest, $"{member}: '{text}' is not a duration. Write {Durations.Syntax}.");
    }

    private static List<Payload> Payloads(IReadOnlyList<JsonElement>? values) => [.. (values ?? []).Select(JsonPayloads.FromJson)];

    private static Dictionary<string, Payload> Payloads(IReadOnlyDictionary<string, JsonElement>? values) =>
        (values ?? new Dictionary<string, JsonElement>()).ToDictionary(pair => pair.Key, pair => JsonPayloads.FromJson(pair.Value), StringComparer.Ordinal);
}
