using System.Linq.Expressions;
using Serverless.Activities;
using Serverless.Common;

namespace Serverless.Workflows;

public static partial class Workflow
{
    /// <summary>Runs an activity: code outside of the workflow, retried as its options say.</summary>
    /// <typeparam name="TResult">Its result.</typeparam>
    /// <param name="activityCall">The call; it is read, not run.</param>
    /// <param name="options">One of StartToCloseTimeout and ScheduleToCloseTimeout is required.</param>
    /// <returns>Completes with its result.</returns>
    public static Task<TResult> ExecuteActivityAsync<TResult>(Expression<Func<TResult>> activityCall, ActivityOptions options) =>
        ActivityCallAsync<TResult>(CallExpression.OfMethod(activityCall), options);

    /// <summary>Runs an activity: code outside of the workflow, retried as its options say.</summary>
    /// <param name="activityCall">The call; it is read, not run.</param>
    /// <param name="options">One of StartToCloseTimeout and ScheduleToCloseTimeout is required.</param>
    /// <returns>Completes with it.</returns>
    public static Task ExecuteActivityAsync(Expression<Action> activityCall, ActivityOptions options) =>
        ActivityCallAsync<ValueTuple>(CallExpression.OfMethod(activityCall), options);

    /// <summary>Runs an activity: code outside of the workflow, retried as its options say.</summary>
    /// <typeparam name="TActivityInstance">Type with the activity method.</typeparam>
    /// <typeparam name="TResult">Its result.</typeparam>
    /// <param name="activityCall">The call; it is read, not run.</param>
    /// <param name="options">One of StartToCloseTimeout and ScheduleToCloseTimeout is required.</param>
    /// <returns>Completes with its result.</returns>
    public static Task<TResult> ExecuteActivityAsync<TActivityInstance, TResult>(Expression<Func<TActivityInstance, TResult>> activityCall, ActivityOptions options) =>
        ActivityCallAsync<TResult>(CallExpression.OfMethod(activityCall), options);

    /// <summary>Runs an activity: code outside of the workflow, retried as its options say.</summary>
    /// <typeparam name="TActivityInstance">Type with the activity method.</typeparam>
    /// <param name="activityCall">The call; it is read, not run.</param>
    /// <param name="options">One of StartToCloseTimeout and ScheduleToCloseTimeout is required.</param>
    /// <returns>Completes with it.</returns>
    public static Task ExecuteActivityAsync<TActivityInstance>(Expression<Action<TActivityInstance>> activityCall, ActivityOptions options) =>
        ActivityCallAsync<ValueTuple>(CallExpression.OfMethod(activityCall), options);

    /// <summary>Runs an activity: code outside of the workflow, retried as its options say.</summary>
    /// <typeparam name="TResult">Its result.</typeparam>
    /// <param name="activityCall">The call; it is read, not run.</param>
    /// <param name="options">One of StartToCloseTimeout and ScheduleToCloseTimeout is required.</param>
    /// <returns>Completes with its result.</returns>
    public static Task<TResult> ExecuteActivityAsync<TResult>(Expression<Func<Task<TResult>>> activityCall, ActivityOptions options) =>
        ActivityCallAsync<TResult>(CallExpression.OfMethod(activityCall), options);

    /// <summary>Runs an activity: code outside of the workflow, retried as its options say.</summary>
    /// <param name="activityCall">The call; it is read, not run.</param>
    /// <param name="options">One of StartToCloseTimeout and ScheduleToCloseTimeout is required.</param>
    /// <returns>Completes with it.</returns>
    public static Task ExecuteActivityAsync(Expression<Func<Task>> activityCall, ActivityOptions options) =>
        ActivityCallAsync<ValueTuple>(CallExpression.OfMethod(activityCall), options);

    /// <summary>Runs an activity: code outside of the workflow, retried as its options say.</summary>
    /// <typeparam name="TActivityInstance">Type with the activity method.</typeparam>
    /// <typeparam name="TResult">Its result.</typeparam>
    /// <param name="activityCall">The call; it is read, not run.</param>
    /// <param name="options">One of StartToCloseTimeout and ScheduleToCloseTimeout is required.</param>
    /// <returns>Completes with its result.</returns>
    public static Task<TResult> ExecuteActivityAsync<TActivityInstance, TResult>(Expression<Func<TActivityInstance, Task<TResult>>> activityCall, ActivityOptions options) =>
        ActivityCallAsync<TResult>(CallExpression.OfMethod(activityCall), options);

    /// <summary>Runs an activity: code outside of the workflow, retried as its options say.</summary>
    /// <typeparam name="TActivityInstance">Type with the activity method.</typeparam>
    /// <param name="activityCall">The call; it is read, not run.</param>
    /// <param name="options">One of StartToCloseTimeout and ScheduleToCloseTimeout is required.</param>
    /// <returns>Completes with it.</returns>
    public static Task ExecuteActivityAsync<TActivityInstance>(Expression<Func<TActivityInstance, Task>> activityCall, ActivityOptions options) =>
        ActivityCallAsync<ValueTuple>(CallExpression.OfMethod(activityCall), options);

    /// <summary>Runs an activity: code outside of the workflow, retried as its options say.</summary>
    /// <param name="activity">Its name.</param>
    /// <param name="args">Its arguments.</param>
    /// <param name="options">One of StartToCloseTimeout and ScheduleToCloseTimeout is required.</param>
    /// <returns>Completes with it.</returns>
    public static Task ExecuteActivityAsync(string activity, IReadOnlyCollection<object?> args, ActivityOptions options) =>
        Run.Outbound.ScheduleActivityAsync<ValueTuple>(new(activity, args, options, null));

    /// <summary>Runs an activity: code outside of the workflow, retried as its options say.</summary>
    /// <typeparam name="TResult">Its result.</typeparam>
    /// <param name="activity">Its name.</param>
    /// <param name="args">Its arguments.</param>
    /// <param name="options">One of StartToCloseTimeout and ScheduleToCloseTimeout is required.</param>
    /// <returns>Completes with its result.</returns>
    public static Task<TResult> ExecuteActivityAsync<TResult>(string activity, IReadOnlyCollection<object?> args, ActivityOptions options) =>
        Run.Outbound.ScheduleActivityAsync<TResult>(new(activity, args, options, null));

    private static Task<T> ActivityCallAsync<T>(CallExpression call, ActivityOptions options) =>
        Run.Outbound.ScheduleActivityAsync<T>(new(ActivityDefinition.NameFromMethodForCall(call.Method), call.Args, options, null));
}
