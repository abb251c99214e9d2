using Serverless.Api.Enums.V1;
using Serverless.Common;
using Serverless.Converters;
using Serverless.Exceptions;
using Serverless.History;
using Serverless.Workflows;

namespace Serverless.Replay;

/// <summary>Child workflows of a run.</summary>
internal sealed class ChildSteps(WorkflowRun run)
{
    private readonly Dictionary<long, Child> _pending = [];

    public async Task<Child> StartAsync(
        string workflow, IReadOnlyCollection<object?> args, ChildWorkflowOptions options, IReadOnlyDictionary<string, Payload> headers)
    {
        run.CheckWritable();
        var token = options.CancellationToken ?? run.CancellationToken;
        if (token.IsCancellationRequested)
        {
            throw new CanceledFailureException("Child cancelled before scheduled");
        }

        if (!run.IsReplaying && options.CronSchedule is { Length: > 0 } cron && CronTimes.ProblemOf(cron) is { } problem)
        {
            throw new ArgumentException(problem, nameof(options));
        }

        var child = new Child(Initiated(workflow, args, options, headers));
        child.Command = run.Commands.Add(child.Initiated, id => _pending[id] = child);
        child.Registration = run.OnCancel(() => Cancel(child), token);
        await child.Start.Task;
        return child;
    }

    public void Started(ChildWorkflowStarted e)
    {
        if (_pending.TryGetValue(e.InitiatedEventId, out var child))
        {
            child.Start.TrySetResult();
        }
    }

    public void StartFailed(ChildWorkflowStartFailed e)
    {
        if (_pending.Remove(e.InitiatedEventId, out var child))
        {
            var initiated = child.Initiated;
            child.Start.TrySetException(new WorkflowAlreadyStartedException(
                $"Workflow id '{initiated.WorkflowId}' is in use: a workflow with it is already started.", initiated.WorkflowId, initiated.WorkflowType, e.ExistingRunId));
            child.Registration.Dispose();
        }
    }

    public void Closed(ChildWorkflowClosed e)
    {
        if (!_pending.Remove(e.InitiatedEventId, out var child))
        {
            return;
        }

        child.Registration.Dispose();
        child.Start.TrySetResult();
        switch (e)
        {
            case ChildWorkflowCompleted x:
                child.Result.TrySetResult(x.Result);
                break;
            case ChildWorkflowFailed x:
                Fail(child, x.Failure, x.RetryState);
                break;
            case ChildWorkflowCanceled x:
                Fail(child, new Failure("The child workflow was cancelled.", new CanceledFailureInfo(x.Details)), RetryState.CancelRequested);
                break;
            case ChildWorkflowTimedOut x:
                Fail(child, new Failure("The child workflow's time is over.", new TimeoutFailureInfo(TimeoutType.StartToClose)), x.RetryState);
                break;
            case ChildWorkflowTerminated:
                Fail(child, new Failure("The child workflow was terminated.", new TerminatedFailureInfo()), RetryState.NonRetryableFailure);
                break;
        }
    }

    /// <summary>The request to cancel has arrived at a child, or could not.</summary>
    public void CancelArrived(long childInitiatedEventId)
    {
        if (_pending.TryGetValue(childInitiatedEventId, out var child)
            && child.Initiated.CancellationType == ChildWorkflowCancellationType.WaitCancellationRequested)
        {
            _pending.Remove(childInitiatedEventId);
            FailAsCanceled(child);
        }
    }

    private ChildWorkflowInitiated Initiated(
        string workflow, IReadOnlyCollection<object?> args, ChildWorkflowOptions options, IReadOnlyDictionary<string, Payload> headers)
    {
        var id = options.Id ?? run.Ids.NextGuid().ToString();
        var owner = Owner(id);
        return new(id, workflow, options.TaskQueue ?? run.Info.TaskQueue, run.Encode(args, owner))
        {
            RunId = run.Ids.NextGuid().ToString(),
            ParentClosePolicy = options.ParentClosePolicy,
            CancellationType = options.CancellationType,
            IdReusePolicy = options.IdReusePolicy,
            ExecutionTimeout = options.ExecutionTimeout,
            RunTimeout = options.RunTimeout,
            TaskTimeout = options.TaskTimeout,
            RetryPolicy = options.RetryPolicy?.Copy(),
            CronSchedule = options.CronSchedule,
            Memo = options.Memo is { } memo ? RunProperties.EncodeMemo(run.ConverterOf(owner).PayloadConverter, memo) : WorkflowStarted.Empty,
            SearchAttributes = options.TypedSearchAttributes is { } attributes ? RunProperties.EncodeAttributes(attributes) : WorkflowStarted.Empty,
            Headers = headers,
            Summary = options.StaticSummary,
            Details = options.StaticDetails,
            Priority = options.Priority?.ToInfo(),
        };
    }

    private void Cancel(Child child)
    {
        var type = child.Initiated.CancellationType;
        var taken = child.Command!.TakeBack();
        if (!taken && type != ChildWorkflowCancellationType.Abandon)
        {
            run.Externals.CancelChild(child.Initiated.WorkflowId, child.Command!.EventId);
        }

        if (taken || type is ChildWorkflowCancellationType.Abandon or ChildWorkflowCancellationType.TryCancel)
        {
            _pending.Remove(child.Command!.EventId);
            FailAsCanceled(child);
        }
    }

    private void FailAsCanceled(Child child)
    {
        var canceled = new Failure("The child workflow was cancelled.", new CanceledFailureInfo([]));
        if (!child.Start.Task.IsCompleted)
        {
            child.Start.TrySetException(Wrap(child, canceled, RetryState.CancelRequested));
        }

        Fail(child, canceled, RetryState.CancelRequested);
    }

    private void Fail(Child child, Failure cause, RetryState state)
    {
        child.Result.TrySetException(Wrap(child, cause, state));

        // A result that nobody awaits is no error.
        _ = child.Result.Task.Exception;
    }

    private Exception Wrap(Child child, Failure cause, RetryState state)
    {
        var initiated = child.Initiated;
        var failure = new Failure(
            "The child workflow failed.",
            new ChildWorkflowFailureInfo(
                run.Info.Namespace, initiated.WorkflowId, initiated.RunId, initiated.WorkflowType, child.Command!.EventId, state)) { Cause = cause };
        return run.ToException(failure, Owner(initiated.WorkflowId));
    }

    private ISerializationContext.Workflow Owner(string workflowId) => new(run.Info.Namespace, workflowId);

    /// <summary>A child under way.</summary>
    internal sealed class Child(ChildWorkflowInitiated initiated)
    {
        public ChildWorkflowInitiated Initiated { get; } = initiated;

        public Command? Command { get; set; }

        public TaskCompletionSource Start { get; } = new();

        public TaskCompletionSource<Payload?> Result { get; } = new();

        public CancellationTokenRegistration Registration { get; set; }
    }
}
