using System.Linq.Expressions;
using System.Reflection;
using Serverless.Client;
using Serverless.Common;
using Serverless.Converters;
using Serverless.Replay;

namespace Serverless.Workflows;

/// <summary>A started child workflow.</summary>
public abstract class ChildWorkflowHandle
{
    /// <summary>Its workflow id.</summary>
    public abstract string Id { get; }

    /// <summary>Its first run.</summary>
    public abstract string FirstExecutionRunId { get; }

    /// <summary>Waits for its end.</summary>
    /// <returns>Completes with it.</returns>
    /// <exception cref="Exceptions.ChildWorkflowFailureException">It failed, was cancelled or terminated, or timed out.</exception>
    public Task GetResultAsync() => GetResultAsync<ValueTuple>();

    /// <summary>Waits for its result.</summary>
    /// <typeparam name="TResult">Type of the result.</typeparam>
    /// <returns>The result.</returns>
    /// <exception cref="Exceptions.ChildWorkflowFailureException">It failed, was cancelled or terminated, or timed out.</exception>
    public abstract Task<TResult> GetResultAsync<TResult>();

    /// <summary>Sends it a signal.</summary>
    /// <typeparam name="TWorkflow">Its type.</typeparam>
    /// <param name="signalCall">The call of the signal's method; it is read, not run.</param>
    /// <param name="options">Null: the defaults.</param>
    /// <returns>Completes when the signal is stored.</returns>
    public Task SignalAsync<TWorkflow>(Expression<Func<TWorkflow, Task>> signalCall, ChildWorkflowSignalOptions? options = null)
    {
        var (name, args) = SignalCalls.Read(signalCall);
        return SignalAsync(name, args, options);
    }

    /// <summary>Sends it a signal.</summary>
    /// <param name="signal">Its name.</param>
    /// <param name="args">Its arguments.</param>
    /// <param name="options">Null: the defaults.</param>
    /// <returns>Completes when the signal is stored.</returns>
    public abstract Task SignalAsync(string signal, IReadOnlyCollection<object?> args, ChildWorkflowSignalOptions? options = null);
}

/// <summary>A started child workflow of a known type.</summary>
/// <typeparam name="TWorkflow">Its type.</typeparam>
public abstract class ChildWorkflowHandle<TWorkflow> : ChildWorkflowHandle
{
    /// <summary>Sends it a signal.</summary>
    /// <param name="signalCall">The call of the signal's method; it is read, not run.</param>
    /// <param name="options">Null: the defaults.</param>
    /// <returns>Completes when the signal is stored.</returns>
    public Task SignalAsync(Expression<Func<TWorkflow, Task>> signalCall, ChildWorkflowSignalOptions? options = null) =>
        SignalAsync<TWorkflow>(signalCall, options);
}

/// <summary>A started child workflow of a known type and result.</summary>
/// <typeparam name="TWorkflow">Its type.</typeparam>
/// <typeparam name="TResult">Its result.</typeparam>
public abstract class ChildWorkflowHandle<TWorkflow, TResult> : ChildWorkflowHandle<TWorkflow>
{
    /// <summary>Waits for its result.</summary>
    /// <returns>The result.</returns>
    /// <exception cref="Exceptions.ChildWorkflowFailureException">It failed, was cancelled or terminated, or timed out.</exception>
    public new Task<TResult> GetResultAsync() => GetResultAsync<TResult>();
}

/// <summary>Another workflow, not necessarily a child.</summary>
public abstract class ExternalWorkflowHandle
{
    /// <summary>Its workflow id.</summary>
    public abstract string Id { get; }

    /// <summary>The run that is meant; null for whichever is current.</summary>
    public abstract string? RunId { get; }

    /// <summary>Sends it a signal.</summary>
    /// <typeparam name="TWorkflow">Its type.</typeparam>
    /// <param name="signalCall">The call of the signal's method; it is read, not run.</param>
    /// <param name="options">Null: the defaults.</param>
    /// <returns>Completes when the signal is stored.</returns>
    public Task SignalAsync<TWorkflow>(Expression<Func<TWorkflow, Task>> signalCall, ExternalWorkflowSignalOptions? options = null)
    {
        var (name, args) = SignalCalls.Read(signalCall);
        return SignalAsync(name, args, options);
    }

    /// <summary>Sends it a signal.</summary>
    /// <param name="signal">Its name.</param>
    /// <param name="args">Its arguments.</param>
    /// <param name="options">Null: the defaults.</param>
    /// <returns>Completes when the signal is stored.</returns>
    public abstract Task SignalAsync(string signal, IReadOnlyCollection<object?> args, ExternalWorkflowSignalOptions? options = null);

    /// <summary>Asks it to cancel.</summary>
    /// <returns>Completes when the request is stored.</returns>
    public abstract Task CancelAsync();
}

/// <summary>Another workflow of a known type.</summary>
/// <typeparam name="TWorkflow">Its type.</typeparam>
public abstract class ExternalWorkflowHandle<TWorkflow> : ExternalWorkflowHandle
{
    /// <summary>Sends it a signal.</summary>
    /// <param name="signalCall">The call of the signal's method; it is read, not run.</param>
    /// <param name="options">Null: the defaults.</param>
    /// <returns>Completes when the signal is stored.</returns>
    public Task SignalAsync(Expression<Func<TWorkflow, Task>> signalCall, ExternalWorkflowSignalOptions? options = null) =>
        SignalAsync<TWorkflow>(signalCall, options);
}

/// <summary>Reads calls of signal methods.</summary>
internal static class SignalCalls
{
    public static (string Name, IReadOnlyCollection<object?> Args) Read<TWorkflow>(Expression<Func<TWorkflow, Task>> call)
    {
        var read = CallExpression.OfMethod(call);
        return (WorkflowNames.OfSignal(typeof(TWorkflow), read.Method), read.Args);
    }
}

/// <summary>A child under way, as its parent's code sees it.</summary>
internal sealed class StartedChild<TWorkflow, TResult>(WorkflowRun run, ChildSteps.Child child) : ChildWorkflowHandle<TWorkflow, TResult>
{
    public override string Id => child.Initiated.WorkflowId;

    public override string FirstExecutionRunId => child.Initiated.RunId;

    public override async Task<T> GetResultAsync<T>()
    {
        var result = await child.Result.Task;
        return result is null || typeof(T) == typeof(ValueTuple)
            ? default!
            : run.ConverterOf(new ISerializationContext.Workflow(run.Info.Namespace, Id)).PayloadConverter.ToValue<T>(result);
    }

    public override Task SignalAsync(string signal, IReadOnlyCollection<object?> args, ChildWorkflowSignalOptions? options = null) =>
        run.Outbound.SignalChildWorkflowAsync(new(Id, signal, args, options, null));
}

/// <summary>Another workflow, as workflow code sees it.</summary>
internal sealed class AddressedWorkflow<TWorkflow>(WorkflowRun run, string id, string? runId) : ExternalWorkflowHandle<TWorkflow>
{
    public override string Id => id;

    public override string? RunId => runId;

    public override Task SignalAsync(string signal, IReadOnlyCollection<object?> args, ExternalWorkflowSignalOptions? options = null) =>
        run.Outbound.SignalExternalWorkflowAsync(new(id, runId, signal, args, options, null));

    public override Task CancelAsync() => run.Outbound.CancelExternalWorkflowAsync(new(id, runId));
}
