using System.Reflection;
using Serverless.Converters;
using Serverless.Workflows;

namespace Serverless.Worker.Interceptors;

/// <summary>A run method to run.</summary>
/// <param name="Instance">The workflow object.</param>
/// <param name="RunMethod">The method.</param>
/// <param name="Args">Its arguments, converted.</param>
public record ExecuteWorkflowInput(object Instance, MethodInfo RunMethod, object?[] Args);

/// <summary>A signal to handle.</summary>
/// <param name="Signal">Its name.</param>
/// <param name="Definition">Its handler.</param>
/// <param name="Args">Its arguments, converted.</param>
/// <param name="Headers">Headers that the sender sent along.</param>
public record HandleSignalInput(string Signal, WorkflowSignalDefinition Definition, object?[] Args, IReadOnlyDictionary<string, Payload>? Headers);

/// <summary>A query to answer.</summary>
/// <param name="Id">Always empty here: queries have no id.</param>
/// <param name="Query">Its name.</param>
/// <param name="Definition">Its handler.</param>
/// <param name="Args">Its arguments, converted.</param>
/// <param name="Headers">Headers that the caller sent along.</param>
public record HandleQueryInput(string Id, string Query, WorkflowQueryDefinition Definition, object?[] Args, IReadOnlyDictionary<string, Payload>? Headers);

/// <summary>An update to validate or handle.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Update">Its name.</param>
/// <param name="Definition">Its handler.</param>
/// <param name="Args">Its arguments, converted.</param>
/// <param name="Headers">Headers that the caller sent along.</param>
public record HandleUpdateInput(string Id, string Update, WorkflowUpdateDefinition Definition, object?[] Args, IReadOnlyDictionary<string, Payload>? Headers);

/// <summary>Another workflow to cancel.</summary>
/// <param name="Id">Its id.</param>
/// <param name="RunId">A certain run; null for whichever is current.</param>
public record CancelExternalWorkflowInput(string Id, string? RunId);

/// <summary>How a workflow continues as new.</summary>
/// <param name="Workflow">Type of the next run.</param>
/// <param name="Args">Its arguments.</param>
/// <param name="Options">Null: all is carried over.</param>
/// <param name="Headers">Headers of the next run; null: those of this one.</param>
public record CreateContinueAsNewExceptionInput(
    string Workflow, IReadOnlyCollection<object?> Args, ContinueAsNewOptions? Options, IDictionary<string, Payload>? Headers);

/// <summary>A timer to start.</summary>
/// <param name="Delay">How long.</param>
/// <param name="CancellationToken">Cancels it; null: the workflow's.</param>
/// <param name="Summary">For people.</param>
public record DelayAsyncInput(TimeSpan Delay, CancellationToken? CancellationToken, string? Summary);

/// <summary>An activity to schedule.</summary>
/// <param name="Activity">Its type.</param>
/// <param name="Args">Its arguments.</param>
/// <param name="Options">Its options.</param>
/// <param name="Headers">Headers to send along; null: those that the workflow was started with.</param>
public record ScheduleActivityInput(string Activity, IReadOnlyCollection<object?> Args, ActivityOptions Options, IDictionary<string, Payload>? Headers);

/// <summary>A local activity to schedule.</summary>
/// <param name="Activity">Its type.</param>
/// <param name="Args">Its arguments.</param>
/// <param name="Options">Its options.</param>
/// <param name="Headers">Headers to send along; null: those that the workflow was started with.</param>
public record ScheduleLocalActivityInput(
    string Activity, IReadOnlyCollection<object?> Args, LocalActivityOptions Options, IDictionary<string, Payload>? Headers);

/// <summary>A signal to a child.</summary>
/// <param name="Id">Workflow id of the child.</param>
/// <param name="Signal">Name of the signal.</param>
/// <param name="Args">Its arguments.</param>
/// <param name="Options">Its options.</param>
/// <param name="Headers">Headers to send along; null: those that the workflow was started with.</param>
public record SignalChildWorkflowInput(
    string Id, string Signal, IReadOnlyCollection<object?> Args, ChildWorkflowSignalOptions? Options, IDictionary<string, Payload>? Headers);

/// <summary>A signal to another workflow.</summary>
/// <param name="Id">Its workflow id.</param>
/// <param name="RunId">A certain run; null for whichever is current.</param>
/// <param name="Signal">Name of the signal.</param>
/// <param name="Args">Its arguments.</param>
/// <param name="Options">Its options.</param>
/// <param name="Headers">Headers to send along; null: those that the workflow was started with.</param>
public record SignalExternalWorkflowInput(
    string Id, string? RunId, string Signal, IReadOnlyCollection<object?> Args, ExternalWorkflowSignalOptions? Options, IDictionary<string, Payload>? Headers);

/// <summary>A child to start.</summary>
/// <param name="Workflow">Its type.</param>
/// <param name="Args">Its arguments.</param>
/// <param name="Options">Its options.</param>
/// <param name="Headers">Headers to send along; null: those that the workflow was started with.</param>
public record StartChildWorkflowInput(string Workflow, IReadOnlyCollection<object?> Args, ChildWorkflowOptions Options, IDictionary<string, Payload>? Headers);
