using Serverless.Common;

namespace Serverless.Visibility;

/// <summary>The lists of a hub. Each is a partition of its own, with its own counters.</summary>
internal enum ListDivision
{
    /// <summary>What applications start.</summary>
    Workflows,

    /// <summary>What this product runs for itself, such as batches and schedules: workflow types that begin with <see cref="MemberNames.SystemPrefix"/>.</summary>
    System,
}

/// <summary>Which list a workflow type belongs to, and where a list is stored.</summary>
internal static class ListDivisions
{
    public static ListDivision Of(string workflowType) => MemberNames.IsSystem(workflowType) ? ListDivision.System : ListDivision.Workflows;

    public static string Partition(this ListDivision division) => division == ListDivision.System ? "system" : "list";
}
