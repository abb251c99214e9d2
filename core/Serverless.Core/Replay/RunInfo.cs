using Serverless.Common;
using Serverless.Converters;
using Serverless.History;
using Serverless.Workflows;

namespace Serverless.Replay;

/// <summary>A run's first event as <see cref="WorkflowInfo"/>.</summary>
internal static class RunInfo
{
    /// <summary>How long the code may keep control when the start says nothing. Far more than it needs between two awaits, even on a busy machine.</summary>
    public static readonly TimeSpan DefaultTaskTimeout = TimeSpan.FromSeconds(10);

    public static WorkflowInfo Of(string workflowId, WorkflowStarted started, string hub, DataConverter converter) => new()
    {
        Attempt = started.Attempt,
        ContinuedRunId = started.ContinuedFromRunId,
        CronSchedule = started.CronSchedule,
        ExecutionTimeout = started.ExecutionTimeout,
        FirstExecutionRunId = started.FirstRunId,
        Headers = started.Headers,
        LastFailure = started.LastFailure is { } failure ? converter.FailureConverter.ToException(failure, converter.PayloadConverter) : null,
        LastResult = started.LastResult is { } result ? [new RawValue(result)] : null,
        Namespace = hub,
        Parent = started.Parent is { } parent ? new WorkflowInfo.ParentInfo(hub, parent.RunId, parent.WorkflowId) : null,
        Priority = started.Priority is { } priority ? new Priority(priority.PriorityKey, priority.FairnessKey, priority.FairnessWeight) : Priority.Default,
        RetryPolicy = started.RetryPolicy?.Copy(),
        Root = started.Root is { } root ? new WorkflowInfo.RootInfo(root.RunId, root.WorkflowId) : null,
        RunId = started.RunId,
        RunTimeout = started.RunTimeout,
        TaskQueue = started.TaskQueue,
        TaskTimeout = started.TaskTimeout ?? DefaultTaskTimeout,
        WorkflowId = workflowId,
        WorkflowStartTime = started.Time.UtcDateTime,
        WorkflowType = started.WorkflowType,
    };
}

/// <summary>Stored arguments as values for parameters.</summary>
internal static class ArgumentDecoding
{
    /// <summary>Missing arguments take their parameter's default, surplus ones are ignored.</summary>
    /// <exception cref="InvalidOperationException">An argument is missing and its parameter has no default.</exception>
    public static object?[] Decode(
        IPayloadConverter converter, IReadOnlyList<Payload> payloads, System.Reflection.ParameterInfo[] parameters, bool dynamic, string? name = null)
    {
        if (dynamic)
        {
            IRawValue[] raw = [.. payloads.Select(static p => new RawValue(p))];
            return name is null ? [raw] : [name, raw];
        }

        var args = new object?[parameters.Length];
        for (var i = 0; i < args.Length; i++)
        {
            args[i] = i < payloads.Count
                ? converter.ToValue(payloads[i], parameters[i].ParameterType)
                : parameters[i].HasDefaultValue
                    ? parameters[i].DefaultValue
                    : throw new InvalidOperationException(
                        $"{payloads.Count} arguments were given, but {parameters[i].Member.Name} takes {parameters.Length}: '{parameters[i].Name}' is missing.");
        }

        return args;
    }
}
