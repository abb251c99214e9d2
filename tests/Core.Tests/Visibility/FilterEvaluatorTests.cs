using Serverless.Api.Enums.V1;
using Serverless.Client;
using Serverless.Common;
using Serverless.Converters;
using Serverless.Visibility;

namespace Core.Tests.Visibility;

[TestClass]
public sealed class FilterEvaluatorTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 23, 12, 0, 0, TimeSpan.Zero);

    private static readonly WorkflowSummary Open = new("order-7", "run-1", "Order", "main", WorkflowExecutionStatus.Running)
    {
        StartTime = Now.AddHours(-5),
        ExecutionTime = Now.AddHours(-4),
        HistoryLength = 42,
        HistoryBytes = 9_000,
        SearchAttributes = new Dictionary<string, Payload>
        {
            ["Amount"] = SearchAttributeEncoding.Encode(SearchAttributeKey.CreateDouble("Amount"), 12.5),
            ["Count"] = SearchAttributeEncoding.Encode(SearchAttributeKey.CreateLong("Count"), 3L),
            ["Region"] = SearchAttributeEncoding.Encode(SearchAttributeKey.CreateKeyword("Region"), "eu-west"),
            ["Tags"] = SearchAttributeEncoding.Encode(SearchAttributeKey.CreateKeywordList("Tags"), new[] { "red", "big" }),
            ["Note"] = SearchAttributeEncoding.Encode(SearchAttributeKey.CreateText("Note"), "Ship it before Monday, please"),
            ["Paid"] = SearchAttributeEncoding.Encode(SearchAttributeKey.CreateBool("Paid"), true),
            ["Due"] = SearchAttributeEncoding.Encode(SearchAttributeKey.CreateDateTimeOffset("Due"), Now.AddDays(2)),
            ["TemporalScheduledById"] = SearchAttributeEncoding.Encode(SearchAttributeKey.CreateKeyword("TemporalScheduledById"), "nightly"),
            ["Broken"] = new Payload { Data = ByteString.CopyFromUtf8("{") },
        },
    };

    private static readonly WorkflowSummary Closed = new("order-8", "run-2", "Order", "main", WorkflowExecutionStatus.Failed)
    {
        StartTime = Now.AddHours(-3),
        ExecutionTime = Now.AddHours(-3),
        CloseTime = Now.AddHours(-1),
        ParentWorkflowId = "parent",
    };

    [TestMethod]
    [DataRow("WorkflowId = 'order-7'")]
    [DataRow("WorkflowId STARTS_WITH 'order' AND WorkflowId NOT STARTS_WITH 'x'")]
    [DataRow("WorkflowId BETWEEN 'order-6' AND 'order-8'")]
    [DataRow("ExecutionStatus IN ('Running', 'Failed')")]
    [DataRow("ExecutionStatus != 'Failed'")]
    [DataRow("CloseTime IS NULL AND ExecutionDuration IS NULL AND ParentWorkflowId IS NULL")]
    [DataRow("NOT CloseTime = '2026-01-01'")]
    [DataRow("StartTime > now() - 6h AND StartTime < now() - 4h")]
    [DataRow("StartTime = '2026-11-23T07:00:00Z'")]
    [DataRow("HistoryLength >= 42 AND HistoryLength <= 42 AND HistorySizeBytes > 8999")]
    [DataRow("Amount BETWEEN 10 AND 20 AND Amount > 12 AND Amount = 12.5")]
    [DataRow("Count = 3 AND Count < 3.5 AND Count NOT IN (1, 2)")]
    [DataRow("Region = 'eu-west' AND Region STARTS_WITH 'eu'")]
    [DataRow("Tags = 'red' AND Tags IN ('green', 'big') AND Tags != 'green' AND Tags NOT IN ('x', 'y')")]
    [DataRow("Note = 'monday' AND Note = 'nothing SHIP' AND Note != 'tuesday'")]
    [DataRow("Paid = true AND Paid != false")]
    [DataRow("Due > now() AND Due < now() + 3d AND Due > '2026-11-25T11:59:59Z'")]
    [DataRow("ScheduledById = 'nightly'")]
    [DataRow("Missing IS NULL AND Broken IS NULL AND Region IS NOT NULL")]
    [DataRow("WorkflowType = 'x' OR WorkflowType = 'Order' AND TaskQueue = 'main'")]
    [DataRow("StartTime > now() - 1000000w AND StartTime < now() + 1000000w")]
    public void Matches_OpenWorkflow_Does(string filter) => Assert.IsTrue(FilterEvaluator.Matches(FilterParser.Parse(filter), Open, Now));

    [TestMethod]
    [DataRow("WorkflowId = 'ORDER-7'")]
    [DataRow("CloseTime != '2026-01-01'")]
    [DataRow("CloseTime NOT BETWEEN '2026-01-01' AND '2026-01-02'")]
    [DataRow("Missing != 'x'")]
    [DataRow("Missing NOT IN ('x')")]
    [DataRow("Missing NOT STARTS_WITH 'x'")]
    [DataRow("Region = 5")]
    [DataRow("Tags != 'red'")]
    [DataRow("Tags > 'a'")]
    [DataRow("Note = 'it before monday x' AND Note = 'bef'")]
    [DataRow("Paid = 'true'")]
    [DataRow("Due > 'soon'")]
    [DataRow("ParentWorkflowId = 'parent'")]
    [DataRow("StartTime > now() - 4h")]
    public void Matches_OpenWorkflow_DoesNot(string filter) => Assert.IsFalse(FilterEvaluator.Matches(FilterParser.Parse(filter), Open, Now));

    [TestMethod]
    [DataRow("ExecutionDuration = 2h AND ExecutionDuration > '01:59:59'")]
    [DataRow("CloseTime IS NOT NULL AND ParentWorkflowId = 'parent'")]
    [DataRow("ExecutionStatus = 3 AND ExecutionStatus NOT IN ('Running')")]
    [DataRow("")]
    public void Matches_ClosedWorkflow_Does(string filter) => Assert.IsTrue(FilterEvaluator.Matches(FilterParser.Parse(filter), Closed, Now));

    [TestMethod]
    public void GroupOf_Grouped_IsTheName()
    {
        Assert.AreEqual("Failed", FilterEvaluator.GroupOf(FilterParser.Parse("GROUP BY ExecutionStatus"), Closed));
        Assert.AreEqual("Order", FilterEvaluator.GroupOf(FilterParser.Parse("GROUP BY WorkflowType"), Closed));
        Assert.AreEqual("", FilterEvaluator.GroupOf(ListFilter.All, Closed));
    }

    [TestMethod]
    [DataRow("", "run-2 run-1")]
    [DataRow("ORDER BY StartTime", "run-1 run-2")]
    [DataRow("ORDER BY CloseTime DESC", "run-1 run-2")]
    [DataRow("ORDER BY CloseTime", "run-2 run-1")]
    [DataRow("ORDER BY WorkflowType, HistoryLength DESC", "run-1 run-2")]
    [DataRow("ORDER BY WorkflowType", "run-2 run-1")]
    [DataRow("ORDER BY Amount", "run-1 run-2")]
    public void Compare_AsOrdered_Sorts(string filter, string expected)
    {
        List<WorkflowSummary> list = [Open, Closed];
        list.Sort(new FilterComparer(FilterParser.Parse(filter).Order));
        Assert.AreEqual(expected, string.Join(' ', list.Select(w => w.RunId)));
    }
}
