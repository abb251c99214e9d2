using System.Linq.Expressions;
using Serverless.Common;
using Serverless.Converters;

namespace Serverless.Client;

/// <summary>A start that goes together with an update. Used once.</summary>
public abstract class WithStartWorkflowOperation : ICloneable
{
    private int _used;

    private protected WithStartWorkflowOperation(string workflow, IReadOnlyCollection<object?> args, WorkflowOptions options)
    {
        Workflow = workflow;
        Args = args;
        Options = options;
    }

    /// <summary>The workflow type.</summary>
    public string Workflow { get; set; }

    /// <summary>Its arguments.</summary>
    public IReadOnlyCollection<object?> Args { get; set; }

    /// <summary>Options of the start.</summary>
    public WorkflowOptions Options { get; set; }

    /// <summary>Headers, for interceptors.</summary>
    public IDictionary<string, Payload>? Headers { get; set; }

    /// <summary>A start by a call of the run method.</summary>
    /// <typeparam name="TWorkflow">The workflow class or interface.</typeparam>
    /// <typeparam name="TResult">Its result.</typeparam>
    /// <param name="workflowRunCall">The call.</param>
    /// <param name="options">Options of the start.</param>
    public static WithStartWorkflowOperation<WorkflowHandle<TWorkflow, TResult>> Create<TWorkflow, TResult>(
        Expression<Func<TWorkflow, Task<TResult>>> workflowRunCall, WorkflowOptions options)
    {
        var call = CallExpression.OfMethod(workflowRunCall);
        return new(WorkflowNames.OfRun(typeof(TWorkflow), call.Method), call.Args, options);
    }

    /// <summary>A start by a call of the run method.</summary>
    /// <typeparam name="TWorkflow">The workflow class or interface.</typeparam>
    /// <param name="workflowRunCall">The call.</param>
    /// <param name="options">Options of the start.</param>
    public static WithStartWorkflowOperation<WorkflowHandle<TWorkflow>> Create<TWorkflow>(
        Expression<Func<TWorkflow, Task>> workflowRunCall, WorkflowOptions options)
    {
        var call = CallExpression.OfMethod(workflowRunCall);
        return new(WorkflowNames.OfRun(typeof(TWorkflow), call.Method), call.Args, options);
    }

    /// <summary>A start by name.</summary>
    /// <param name="workflow">The workflow type.</param>
    /// <param name="args">Its arguments.</param>
    /// <param name="options">Options of the start.</param>
    public static WithStartWorkflowOperation<WorkflowHandle> Create(string workflow, IReadOnlyCollection<object?> args, WorkflowOptions options) =>
        new(workflow, args, options);

    /// <summary>The same start, with a copy of its options. Arguments, headers and the handle to come are shared.</summary>
    /// <returns>The copy.</returns>
    public abstract object Clone();

    internal bool TryMarkUsed() => Interlocked.CompareExchange(ref _used, 1, 0) == 0;

    internal abstract void SetHandle(IWorkflowClient client, string id, string? resultRunId, string? firstRunId);

    internal abstract void SetException(Exception e);
}

/// <summary>A start that goes together with an update. Used once.</summary>
/// <typeparam name="THandle">Kind of handle it gives.</typeparam>
public sealed class WithStartWorkflowOperation<THandle> : WithStartWorkflowOperation
    where THandle : WorkflowHandle
{
    private readonly TaskCompletionSource<THandle> _handle;

    internal WithStartWorkflowOperation(string workflow, IReadOnlyCollection<object?> args, WorkflowOptions options)
        : base(workflow, args, options) => _handle = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private WithStartWorkflowOperation(WithStartWorkflowOperation<THandle> original)
        : base(original.Workflow, original.Args, (WorkflowOptions)original.Options.Clone())
    {
        _handle = original._handle;
        Headers = original.Headers;
    }

    /// <summary>The handle, once the start is done; the start's exception if it failed.</summary>
    public Task<THandle> GetHandleAsync() => _handle.Task;

    /// <inheritdoc/>
    public override object Clone() => new WithStartWorkflowOperation<THandle>(this);

    internal override void SetHandle(IWorkflowClient client, string id, string? resultRunId, string? firstRunId) =>
        _handle.TrySetResult((THandle)Activator.CreateInstance(typeof(THandle), client, id, null, resultRunId, firstRunId)!);

    internal override void SetException(Exception e)
    {
        _handle.TrySetException(e);

        // The update's caller gets it too: whoever does not ask for the handle must not meet it as unobserved.
        _ = _handle.Task.Exception;
    }
}
