using Serverless.Engine;
using Serverless.Storage;
using Serverless.Storage.Memory;

namespace Serverless.Simulation.Scripts;

/// <summary>Names for the calls of which scripts speak.</summary>
internal static class Calls
{
    /// <summary>The commit that appends events to a workflow's history.</summary>
    public static Func<InterceptedCall, bool> CommitOf(string workflowId) => call =>
        call.Table == RowTable.Workflows && call.Target == WorkflowKey.Partition(workflowId) && call.Rows.Any(static r => r.Key.StartsWith(JournalKeys.SegmentPrefix, StringComparison.Ordinal));

    /// <summary>The commit that closes a workflow id.</summary>
    public static Func<InterceptedCall, bool> CloseOf(string workflowId) => call =>
        CommitOf(workflowId)(call) && call.Rows.Any(static r => r.Key == JournalKeys.Gate && r.Kind == RowOperationKind.Delete);

    /// <summary>The transaction that stores a start.</summary>
    public static Func<InterceptedCall, bool> StartOf(string workflowId) => call =>
        call.Target == WorkflowKey.Partition(workflowId) && call.Rows.Any(static r => r.Key == JournalKeys.Head && r.Kind == RowOperationKind.Insert);

    /// <summary>Any transaction on a workflow's rows.</summary>
    public static Func<InterceptedCall, bool> AnyOf(string workflowId) => call => call.Table == RowTable.Workflows && call.Target == WorkflowKey.Partition(workflowId);

    /// <summary>The first timer of a bucket is parked: its marker stands from then on.</summary>
    public static bool MarksBucket(InterceptedCall call) =>
        call.Table == RowTable.Timers && call.Rows.Any(static r => r is { Kind: RowOperationKind.Insert, Key: "marker" });

    /// <summary>The opener of a bucket removes the rows that it has taken on.</summary>
    public static bool TakesTimers(InterceptedCall call) =>
        call.Table == RowTable.Timers && call.Rows.Any(static r => r.Kind == RowOperationKind.Delete && r.Key != "marker");
}
