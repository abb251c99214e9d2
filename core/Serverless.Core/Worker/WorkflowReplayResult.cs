using Serverless.Common;

namespace Serverless.Worker;

/// <summary>What came of replaying a history.</summary>
/// <param name="History">The history.</param>
/// <param name="ReplayFailure">
/// Why the code of today can't go on from it; null when it can. A workflow that failed is no failure here: its code asked again for what was recorded.
/// </param>
public record WorkflowReplayResult(WorkflowHistory History, Exception? ReplayFailure);
