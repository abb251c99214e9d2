using Microsoft.Extensions.Time.Testing;
using Serverless.Api.Enums.V1;
using Serverless.Client;
using Serverless.Converters;
using Serverless.Storage;
using Serverless.Storage.Memory;
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

        var read = ThereAndBack(child);

        Assert.AreEqual(("parent", "parent-run", "root"), (read.ParentWorkflowId, read.ParentRunId, read.RootWorkflowId));
    }

    [TestMethod]
    public void WorkflowWithoutParent_ThereAndBack_HasNone()
    {
        var read = ThereAndBack(s_top);

        Assert.AreEqual(((string?)null, (string?)null), (read.ParentWorkflowId, read.ParentRunId));
        Assert.AreEqual((3L, 70L), (read.HistoryLength, read.HistoryBytes));
    }

    [TestMethod]
    public void RowThatWouldBeTooLarge_Encoded_LosesItsMemoAndThenItsAttributes()
    {
        var memo = ThereAndBack(s_top with { Memo = Values(1_000_000), SearchAttributes = Values(10) });
        var both = ThereAndBack(s_top with { Memo = Values(10), SearchAttributes = Values(1_000_000) });
        var none = ThereAndBack(s_top with { Memo = Values(800_000), SearchAttributes = Values(10) });

        Assert.AreEqual((0, 1), (memo.Memo.Count, memo.SearchAttributes.Count));
        Assert.AreEqual((0, 0), (both.Memo.Count, both.SearchAttributes.Count));
        Assert.AreEqual((1, 1), (none.Memo.Count, none.SearchAttributes.Count));
        Assert.AreEqual(3, both.HistoryLength);
    }

    [TestMethod]
    public async Task RowsThatAreTooLargeTogether_Projected_AreAllWritten()
    {
        var time = new FakeTimeProvider();
        var store = new MemoryHubStore(time);
        await store.InitializeAsync([], default);
        var index = new VisibilityIndex(store.Rows, time);

        var writing = Enumerable.Range(0, 30).Select(i => index.ProjectAsync(s_top with { RunId = $"run-{i}", Memo = Values(250_000) })).ToList();
        time.Advance(TimeSpan.FromSeconds(1));
        await Task.WhenAll(writing);

        Assert.HasCount(30, (await index.ReadAsync(ListDivision.Workflows, null, 100, default)).Rows);
    }

    private static WorkflowSummary ThereAndBack(WorkflowSummary summary) =>
        VisibilityRow.Decode(VisibilityRow.Fit(new ListRow(summary, new Dictionary<string, IndexedValueType>())).Data).Summary;

    private static SortedDictionary<string, Payload> Values(int bytes)
    {
        var data = new byte[bytes];
        new Random(1).NextBytes(data);
        return new() { ["a"] = new Payload { Data = ByteString.CopyFrom(data) } };
    }
}
