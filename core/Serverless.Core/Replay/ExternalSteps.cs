using Serverless.Api.Enums.V1;
using Serverless.Common;
using Serverless.Converters;
using Serverless.Exceptions;
using Serverless.History;
using Serverless.Workflows;

namespace Serverless.Replay;

/// <summary>Signals and cancellations that a run sends to others.</summary>
internal sealed class ExternalSteps(WorkflowRun run)
{
    private readonly Dictionary<long, Step> _pending = [];
    private readonly Dictionary<long, long> _childCancels = [];

    /// <summary>Completes with the run that has the signal, if it is one that may start its target.</summary>
    public async Task<string?> SignalAsync(ExternalSignalInitiated signal, CancellationToken? given)
    {
        var token = given ?? run.CancellationToken;
        if (token.IsCancellationRequested)
        {
            throw new CanceledFailureException("Signal cancelled before scheduled");
        }

        run.CheckWritable();
        var done = new TaskCompletionSource<string?>();
        var command = run.Commands.Add(signal, id => _pending[id] = new Step(signal, done));
        using var registration = run.OnCancel(() =>
        {
            if (command.TakeBack())
            {
                done.TrySetException(new CanceledFailureException("Signal cancelled before it left"));
            }
        }, token);
        return await done.Task;
    }

    public async Task<ExternalWorkflowHandle> SignalWithStartAsync(
        string workflow, IReadOnlyCollection<object?> args, string signal, IReadOnlyCollection<object?> signalArgs, SignalWithStartWorkflowOptions options)
    {
        run.CheckWritable();
        options.Check();
        var owner = new ISerializationContext.Workflow(run.Info.Namespace, options.Id);
        var runId = await SignalAsync(
            new ExternalSignalInitiated(options.Id, null, signal, run.Encode(signalArgs, owner))
            {
                Headers = run.Started.Headers,
                Start = Start(workflow, run.Encode(args, owner), options, owner),
                IdReusePolicy = options.IdReusePolicy ?? WorkflowIdReusePolicy.AllowDuplicate,
                IdConflictPolicy = options.IdConflictPolicy is null or WorkflowIdConflictPolicy.Unspecified
                    ? WorkflowIdConflictPolicy.UseExisting
                    : options.IdConflictPolicy.Value,
            },
            null);
        return new AddressedWorkflow<object>(run, options.Id, runId);
    }

    public async Task CancelAsync(string workflowId, string? runId)
    {
        run.CheckWritable();
        var done = new TaskCompletionSource<string?>();
        var cancel = new ExternalCancelInitiated(workflowId, runId, null);
        run.Commands.Add(cancel, id => _pending[id] = new Step(cancel, done));
        await done.Task;
    }

    public void SignalClosed(ExternalSignalClosed e) => Close(e.InitiatedEventId, e.Failure, e.RunId);

    public void CancelClosed(ExternalCancelClosed e)
    {
        if (_childCancels.Remove(e.InitiatedEventId, out var child))
        {
            run.Children.CancelArrived(child);
        }

        Close(e.InitiatedEventId, e.Failure, null);
    }

    /// <summary>Asks a child of this run to cancel. <see cref="ChildSteps.CancelArrived"/> hears of the answer.</summary>
    public void CancelChild(string workflowId, long childInitiatedEventId) => run.Commands.Add(
        new ExternalCancelInitiated(workflowId, null, "The parent workflow asked for it.") { ChildInitiatedEventId = childInitiatedEventId },
        id => _childCancels[id] = childInitiatedEventId);

    private WorkflowStarted Start(string workflow, IReadOnlyList<Payload> args, SignalWithStartWorkflowOptions options, ISerializationContext owner) =>
        new(workflow, options.TaskQueue, args)
        {
            RunId = run.Ids.NextGuid().ToString(),
            ExecutionTimeout = options.ExecutionTimeout,
            RunTimeout = options.RunTimeout,
            TaskTimeout = options.TaskTimeout,
            RetryPolicy = options.RetryPolicy?.Copy(),
            CronSchedule = options.CronSchedule,
            FirstTaskDelay = options.StartDelay,
            Memo = options.Memo is { } memo ? RunProperties.EncodeMemo(run.ConverterOf(owner).PayloadConverter, memo!) : WorkflowStarted.Empty,
            SearchAttributes = options.SearchAttributes is { } attributes ? RunProperties.EncodeAttributes(attributes) : WorkflowStarted.Empty,
            Headers = run.Started.Headers,
            Summary = options.StaticSummary,
            Details = options.StaticDetails,
            Priority = options.Priority?.ToInfo(),
            PinnedBuildId = options.VersioningOverride?.PinnedBuildId,
            VersioningOverride = options.VersioningOverride?.Overriding ?? VersioningBehavior.Unspecified,
            RequestId = options.RequestId,
        };

    private void Close(long initiatedEventId, Failure? failure, string? runId)
    {
        if (!_pending.Remove(initiatedEventId, out var step))
        {
            return;
        }

        if (failure is null)
        {
            step.Done.TrySetResult(runId);
        }
        else if (step.Command is ExternalSignalInitiated { Start: { } start } signal && runId is not null)
        {
            step.Done.TrySetException(new WorkflowAlreadyStartedException(failure.Message, signal.WorkflowId, start.WorkflowType, runId));
        }
        else
        {
            step.Done.TrySetException(run.ToException(failure));
        }
    }

    private sealed record Step(CommandEvent Command, TaskCompletionSource<string?> Done);
}

/// <summary>Patches: which branches of changed code this run takes.</summary>
internal sealed class PatchSteps(WorkflowRun run)
{
    private readonly Dictionary<string, bool> _decided = new(StringComparer.Ordinal);
    private readonly HashSet<string> _recorded = new(StringComparer.Ordinal);

    /// <summary>Patches that the history records for the task that is replayed next.</summary>
    public void Expect(string patchId) => _recorded.Add(patchId);

    public bool Patched(string patchId, bool deprecated)
    {
        run.CheckWritable();
        ArgumentException.ThrowIfNullOrEmpty(patchId);
        if (_decided.TryGetValue(patchId, out var decided))
        {
            return decided;
        }

        var patched = !run.IsReplaying || _recorded.Contains(patchId);
        _decided[patchId] = patched;
        if (patched)
        {
            run.Commands.Add(new PatchMarked(patchId, deprecated));
        }

        return patched;
    }
}
