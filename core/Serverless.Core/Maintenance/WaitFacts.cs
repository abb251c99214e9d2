using Serverless.Api.Enums.V1;
using Serverless.Engine;

namespace Serverless.Maintenance;

/// <summary>What was read about a run to tell what it waits for.</summary>
/// <param name="Run">The run as it is stored.</param>
/// <param name="Inbox">What arrived and is not yet applied, in order.</param>
/// <param name="Now">The moment of the question.</param>
internal sealed record WaitFacts(LiveRun Run, IReadOnlyList<InboxRow> Inbox, DateTimeOffset Now)
{
    /// <summary>Task queue whose activities wait on the hub's own queue.</summary>
    public string TaskQueue { get; init; } = "default";

    /// <summary>Scheduled event ids of activities that this process runs right now.</summary>
    public IReadOnlySet<long> RunningHere { get; init; } = new HashSet<long>();

    /// <summary>States of children that were looked at, by initiated event id; null for one that does not exist.</summary>
    public IReadOnlyDictionary<long, WorkflowExecutionStatus?> Children { get; init; } = new Dictionary<long, WorkflowExecutionStatus?>();

    /// <summary>Activity types whose limit across processes is reached, with the limit.</summary>
    public IReadOnlyDictionary<string, int> FullTypes { get; init; } = new Dictionary<string, int>();

    /// <summary>Signals and updates that the workflow's type handles, as far as this process knows the type.</summary>
    public IReadOnlyList<string> Handlers { get; init; } = [];
}
