using System.Linq.Expressions;
using Serverless.Client;
using Serverless.Common;

namespace Serverless.Workflows;

public static partial class Workflow
{
    /// <summary>
    /// Signals a workflow, and starts it first if it does not run. The started workflow has the signal before its first task. It is no child of this one.
    /// </summary>
    /// <param name="workflow">Name of the workflow type to start.</param>
    /// <param name="args">Arguments of the start. Null: none.</param>
    /// <param name="signal">Name of the signal.</param>
    /// <param name="signalArgs">Arguments of the signal. Null: none.</param>
    /// <param name="options">Its id, and how it starts.</param>
    /// <returns>The run that has the signal. Completes when the signal is stored.</returns>
    /// <exception cref="ArgumentException">An option is missing, out of its range or not possible from workflow code.</exception>
    /// <exception cref="Exceptions.WorkflowAlreadyStartedException">The id policies do not allow it.</exception>
    /// <exception cref="Exceptions.ApplicationFailureException">The start or the signal is not valid; the message says why.</exception>
    /// <exception cref="Exceptions.CanceledFailureException">The workflow was cancelled before the signal left.</exception>
    public static Task<ExternalWorkflowHandle> SignalWithStartWorkflowAsync(
        string workflow, IReadOnlyCollection<object?>? args, string signal, IReadOnlyCollection<object?>? signalArgs, SignalWithStartWorkflowOptions options) =>
        Run.Externals.SignalWithStartAsync(workflow, args ?? [], signal, signalArgs ?? [], options);

    /// <summary>
    /// Signals a workflow, and starts it first if it does not run. The started workflow has the signal before its first task. It is no child of this one.
    /// </summary>
    /// <typeparam name="TWorkflow">The workflow type.</typeparam>
    /// <typeparam name="TResult">Its result.</typeparam>
    /// <param name="workflow">The call of its run method; it is read, not run.</param>
    /// <param name="signal">Name of the signal.</param>
    /// <param name="signalArgs">Arguments of the signal. Null: none.</param>
    /// <param name="options">Its id, and how it starts.</param>
    /// <returns>The run that has the signal. Completes when the signal is stored.</returns>
    /// <exception cref="ArgumentException">An option is missing, out of its range or not possible from workflow code.</exception>
    /// <exception cref="Exceptions.WorkflowAlreadyStartedException">The id policies do not allow it.</exception>
    /// <exception cref="Exceptions.ApplicationFailureException">The start or the signal is not valid; the message says why.</exception>
    /// <exception cref="Exceptions.CanceledFailureException">The workflow was cancelled before the signal left.</exception>
    public static Task<ExternalWorkflowHandle> SignalWithStartWorkflowAsync<TWorkflow, TResult>(
        Expression<Func<TWorkflow, Task<TResult>>> workflow,
        string signal,
        IReadOnlyCollection<object?>? signalArgs,
        SignalWithStartWorkflowOptions options)
    {
        var (name, args) = ReadRun(workflow);
        return SignalWithStartWorkflowAsync(name, args, signal, signalArgs, options);
    }

    /// <summary>
    /// Signals a workflow, and starts it first if it does not run. The started workflow has the signal before its first task. It is no child of this one.
    /// </summary>
    /// <typeparam name="TWorkflow">The workflow type that has the signal.</typeparam>
    /// <param name="workflow">Name of the workflow type to start.</param>
    /// <param name="args">Arguments of the start. Null: none.</param>
    /// <param name="signal">The call of the signal's method; it is read, not run.</param>
    /// <param name="options">Its id, and how it starts.</param>
    /// <returns>The run that has the signal. Completes when the signal is stored.</returns>
    /// <exception cref="ArgumentException">An option is missing, out of its range or not possible from workflow code.</exception>
    /// <exception cref="Exceptions.WorkflowAlreadyStartedException">The id policies do not allow it.</exception>
    /// <exception cref="Exceptions.ApplicationFailureException">The start or the signal is not valid; the message says why.</exception>
    /// <exception cref="Exceptions.CanceledFailureException">The workflow was cancelled before the signal left.</exception>
    public static Task<ExternalWorkflowHandle> SignalWithStartWorkflowAsync<TWorkflow>(
        string workflow, IReadOnlyCollection<object?>? args, Expression<Func<TWorkflow, Task>> signal, SignalWithStartWorkflowOptions options)
    {
        var (name, signalArgs) = SignalCalls.Read(signal);
        return SignalWithStartWorkflowAsync(workflow, args, name, signalArgs, options);
    }

    /// <summary>
    /// Signals a workflow, and starts it first if it does not run. The started workflow has the signal before its first task. It is no child of this one.
    /// </summary>
    /// <typeparam name="TWorkflow">The workflow type.</typeparam>
    /// <typeparam name="TResult">Its result.</typeparam>
    /// <param name="workflow">The call of its run method; it is read, not run.</param>
    /// <param name="signal">The call of the signal's method; it is read, not run.</param>
    /// <param name="options">Its id, and how it starts.</param>
    /// <returns>The run that has the signal. Completes when the signal is stored.</returns>
    /// <exception cref="ArgumentException">An option is missing, out of its range or not possible from workflow code.</exception>
    /// <exception cref="Exceptions.WorkflowAlreadyStartedException">The id policies do not allow it.</exception>
    /// <exception cref="Exceptions.ApplicationFailureException">The start or the signal is not valid; the message says why.</exception>
    /// <exception cref="Exceptions.CanceledFailureException">The workflow was cancelled before the signal left.</exception>
    public static Task<ExternalWorkflowHandle> SignalWithStartWorkflowAsync<TWorkflow, TResult>(
        Expression<Func<TWorkflow, Task<TResult>>> workflow, Expression<Func<TWorkflow, Task>> signal, SignalWithStartWorkflowOptions options)
    {
        var (name, args) = ReadRun(workflow);
        return SignalWithStartWorkflowAsync(name, args, signal, options);
    }

    private static (string Name, IReadOnlyCollection<object?> Args) ReadRun<TWorkflow, TResult>(Expression<Func<TWorkflow, Task<TResult>>> workflow)
    {
        var call = CallExpression.OfMethod(workflow);
        return (WorkflowNames.OfRun(typeof(TWorkflow), call.Method), call.Args);
    }
}
