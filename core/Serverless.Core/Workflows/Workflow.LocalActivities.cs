using System.Linq.Expressions;
using Serverless.Activities;
using Serverless.Common;

namespace Serverless.Workflows;

public static partial class Workflow
{
    /// <summary>Runs a local activity: in the process and task of the workflow.</summary>
    /// <typeparam name="TResult">Its result.</typeparam>
    /// <param name="activityCall">The call; it is read, not run.</param>
    /// <param name="options">One of StartToCloseTimeout and ScheduleToCloseTimeout is required.</param>
    /// <returns>Completes with its result.</returns>
    public static Task<TResult> ExecuteLocalActivityAsync<TResult>(Expression<Func<TResult>> activityCall, LocalActivityOptions options) =>
        LocalCallAsync<TResult>(CallExpression.OfMethod(activityCall), options);

    /// <summary>Runs a local activity: in the process and task of the workflow.</summary>
    /// <param name="activityCall">The call; it is read, not run.</param>
    /// <param name="options">One of StartToCloseTimeout and ScheduleToCloseTimeout is required.</param>
    /// <returns>Completes with it.</returns>
    public static Task ExecuteLocalActivityAsync(Expression<Action> activityCall, LocalActivityOptions options) =>
        LocalCallAsync<ValueTuple>(CallExpression.OfMethod(activityCall), options);

    /// <summary>Runs a local activity: in the process and task of the workflow.</summary>
    /// <typeparam name="TActivityInstance">Type with the activity method.</typeparam>
    /// <typeparam name="TResult">Its result.</typeparam>
    /// <param name="activityCall">The call; it is read, not run.</param>
    /// <param name="options">One of StartToCloseTimeout and ScheduleToCloseTimeout is required.</param>
    /// <returns>Completes with its result.</returns>
    public static Task<TResult> ExecuteLocalActivityAsync<TActivityInstance, TResult>(Expression<Func<TActivityInstance, TResult>> activityCall, LocalActivityOptions options) =>
        LocalCallAsync<TResult>(CallExpression.OfMethod(activityCall), options);

    /// <summary>Runs a local activity: in the process and task of the workflow.</summary>
    /// <typeparam name="TActivityInstance">Type with the activity method.</typeparam>
    /// <param name="activityCall">The call; it is read, not run.</param>
    /// <param name="options">One of StartToCloseTimeout and ScheduleToCloseTimeout is required.</param>
    /// <returns>Completes with it.</returns>
    public static Task ExecuteLocalActivityAsync<TActivityInstance>(Expression<Action<TActivityInstance>> activityCall, LocalActivityOptions options) =>
        LocalCallAsync<ValueTuple>(CallExpression.OfMethod(activityCall), options);

    /// <summary>Runs a local activity: in the process and task of the workflow.</summary>
    /// <typeparam name="TResult">Its result.</typeparam>
    /// <param name="activityCall">The call; it is read, not run.</param>
    /// <param name="options">One of StartToCloseTimeout and ScheduleToCloseTimeout is required.</param>
    /// <returns>Completes with its result.</returns>
    public static Task<TResult> ExecuteLocalActivityAsync<TResult>(Expression<Func<Task<TResult>>> activityCall, LocalActivityOptions options) =>
        LocalCallAsync<TResult>(CallExpression.OfMethod(activityCall), options);

    /// <summary>Runs a local activity: in the process and task of the workflow.</summary>
    /// <param name="activityCall">The call; it is read, not run.</param>
    /// <param name="options">One of StartToCloseTimeout and ScheduleToCloseTimeout is required.</param>
    /// <returns>Completes with it.</returns>
    public static Task ExecuteLocalActivityAsync(Expression<Func<Task>> activityCall, LocalActivityOptions options) =>
        LocalCallAsync<ValueTuple>(CallExpression.OfMethod(activityCall), options);

    /// <summary>Runs a local activity: in the process and task of the workflow.</summary>
    /// <typeparam name="TActivityInstance">Type with the activity method.</typeparam>
    /// <typeparam name="TResult">Its result.</typeparam>
    /// <param name="activityCall">The call; it is read, not run.</param>
    /// <param name="options">One of StartToCloseTimeout and ScheduleToCloseTimeout is required.</param>
    /// <returns>Completes with its result.</returns>
    public static Task<TResult> ExecuteLocalActivityAsync<TActivityInstance, TResult>(Expression<Func<TActivityInstance, Task<TResult>>> activityCall, LocalActivityOptions options) =>
        LocalCallAsync<TResult>(CallExpression.OfMethod(activityCall), options);

    /// <summary>Runs a local activity: in the process and task of the workflow.</summary>
    /// <typeparam name="TActivityInstance">Type with the activity method.</typeparam>
    /// <param name="activityCall">The call; it is read, not run.</param>
    /// <param name="options">One of StartToCloseTimeout and ScheduleToCloseTimeout is required.</param>
    /// <returns>Completes with it.</returns>
    public static Task ExecuteLocalActivityAsync<TActivityInstance>(Expression<Func<TActivityInstance, Task>> activityCall, LocalActivityOptions options) =>
        LocalCallAsync<ValueTuple>(CallExpression.OfMethod(activityCall), options);

    /// <summary>Runs a local activity: in the process and task of the workflow.</summary>
    /// <param name="activity">Its name.</param>
    /// <param name="args">Its arguments.</param>
    /// <param name="options">One of StartToCloseTimeout and ScheduleToCloseTimeout is required.</param>
    /// <returns>Completes with it.</returns>
    public static Task ExecuteLocalActivityAsync(string activity, IReadOnlyCollection<object?> args, LocalActivityOptions options) =>
        Run.Outbound.ScheduleLocalActivityAsync<ValueTuple>(new(activity, args, options, null));

    /// <summary>Runs a local activity: in the process and task of the workflow.</summary>
    /// <typeparam name="TResult">Its result.</typeparam>
    /// <param name="activity">Its name.</param>
    /// <param name="args">Its arguments.</param>
    /// <param name="options">One of StartToCloseTimeout and ScheduleToCloseTimeout is required.</param>
    /// <returns>Completes with its result.</returns>
    public static Task<TResult> ExecuteLocalActivityAsync<TResult>(string activity, IReadOnlyCollection<object?> args, LocalActivityOptions options) =>
        Run.Outbound.ScheduleLocalActivityAsync<TResult>(new(activity, args, options, null));

    private static Task<T> LocalCallAsync<T>(CallExpression call, LocalActivityOptions options) =>
        Run.Outbound.ScheduleLocalActivityAsync<T>(new(ActivityDefinition.NameFromMethodForCall(call.Method), call.Args, options, null));
}
