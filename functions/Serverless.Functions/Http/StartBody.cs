using System.Text.Json;
using Serverless.Api.Enums.V1;

namespace Serverless.Functions.Http;

/// <summary>The body of a start.</summary>
internal sealed record StartBody
{
    public string? Type { get; init; }

    public string? Id { get; init; }

    public IReadOnlyList<JsonElement>? Args { get; init; }

    public StartBodyOptions? Options { get; init; }
}

/// <summary>The options of a start; durations are texts such as "30s".</summary>
internal sealed record StartBodyOptions
{
    public string? TaskQueue { get; init; }

    public string? ExecutionTimeout { get; init; }

    public string? RunTimeout { get; init; }

    public string? TaskTimeout { get; init; }

    public string? StartDelay { get; init; }

    public string? CronSchedule { get; init; }

    public WorkflowIdReusePolicy IdReusePolicy { get; init; } = WorkflowIdReusePolicy.AllowDuplicate;

    public WorkflowIdConflictPolicy IdConflictPolicy { get; init; } = WorkflowIdConflictPolicy.Fail;

    public RetryBody? RetryPolicy { get; init; }

    public IReadOnlyDictionary<string, JsonElement>? Memo { get; init; }

    public IReadOnlyDictionary<string, JsonElement>? SearchAttributes { get; init; }

    public SignalBody? StartSignal { get; init; }

    public string? Summary { get; init; }

    public string? Details { get; init; }

    public string? RequestId { get; init; }
}

/// <summary>A retry policy; what is left out has the defaults of <see cref="Common.RetryPolicy"/>.</summary>
internal sealed record RetryBody
{
    public string? InitialInterval { get; init; }

    public float? BackoffCoefficient { get; init; }

    public string? MaximumInterval { get; init; }

    public int? MaximumAttempts { get; init; }

    public IReadOnlyList<string>? NonRetryableErrorTypes { get; init; }
}

/// <summary>A signal that is delivered together with the start.</summary>
internal sealed record SignalBody
{
    public string? Name { get; init; }

    public IReadOnlyList<JsonElement>? Args { get; init; }
}
