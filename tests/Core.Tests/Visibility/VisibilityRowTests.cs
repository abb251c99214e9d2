using Serverless.Api.Enums.V1;
using Serverless.Client;
using Serverless.Visibility;

namespace Core.Tests.Visibility;

[TestClass]
public sealed class VisibilityRowTests
{
    private static readonly WorkflowSummary s_top = new("wf", "run", "Flow", "q", WorkflowExecutionStatus.Running)
    {
        StartTime = DateTimeOffset.UnixEpoch,
        ExecutionTime = DateTimeOffset.UnixEpoch,
        HistoryLength = 3,
        HistoryBytes = 70,
    };

    [TestMethod]
    public void Child_ThereAndBack_KeepsItsParents()
    {
        var child = s_top with { ParentWorkflowId = "parent", ParentRunId = "parent-run", RootWorkflowId = "root" };

        var read = VisibilityRow.Decode(VisibilityRow.Encode(child));

        Assert.AreEqual(("parent", "parent-run", "root"), (read.ParentWorkflowId, read.ParentRunId, read.RootWorkflowId));
    }

    [TestMethod]
    public void WorkflowWithoutParent_ThereAndBack_HasNone()
    {
        var read = VisibilityRow.Decode(VisibilityRow.Encode(s_top));

        Assert.AreEqual(((string?)null, (string?)null), (read.ParentWorkflowId, read.ParentRunId));
        Assert.AreEqual((3L, 70L), (read.HistoryLength, read.HistoryBytes));
    }
}
