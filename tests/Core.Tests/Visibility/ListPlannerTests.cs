using Serverless.Api.Enums.V1;
using Serverless.Visibility;

namespace Core.Tests.Visibility;

[TestClass]
public sealed class ListPlannerTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 24, 12, 0, 0, TimeSpan.Zero);

    private static readonly Dictionary<string, IndexedValueType> Declared = new()
    {
        ["Customer"] = IndexedValueType.Keyword,
        ["Amount"] = IndexedValueType.Double,
        ["Tags"] = IndexedValueType.KeywordList,
        ["Note"] = IndexedValueType.Text,
    };

    [TestMethod]
    [DataRow("", "StartTime newest -")]
    [DataRow("ExecutionStatus = 'Running'", "ExecutionStatus newest -; StartTime newest ExecutionStatus = 'Running'")]
    [DataRow("ExecutionStatus != 'Running' AND WorkflowType = 'Order'", "ExecutionStatus newest WorkflowType = 'Order'; WorkflowType newest ExecutionStatus != 'Running'; StartTime newest ExecutionStatus != 'Running' AND WorkflowType = 'Order'")]
    [DataRow("CloseTime IS NULL", "ExecutionStatus newest -; StartTime newest CloseTime IS NULL")]
    [DataRow("StartTime > now() - 1d", "StartTime newest -")]
    [DataRow("Customer = 'x' AND StartTime > now() - 1d", "Customer newest -; StartTime newest Customer = 'x'")]
    [DataRow("Customer STARTS_WITH 'x' AND StartTime > now() - 1d", "Customer sorted StartTime > now() - 1d; StartTime newest Customer STARTS_WITH 'x'")]
    [DataRow("Customer IN ('a', 'b')", "Customer newest -; StartTime newest Customer IN ('a', 'b')")]
    [DataRow("Customer = 'a' OR Customer = 'b'", "Customer newest -; StartTime newest Customer = 'a' OR Customer = 'b'")]
    [DataRow("Customer = 'a' OR Amount = 3", "StartTime newest Customer = 'a' OR Amount = 3")]
    [DataRow("Customer = 'a' AND Amount > 1 OR Customer = 'b'", "Customer newest Customer = 'a' AND Amount > 1 OR Customer = 'b'; StartTime newest *")]
    [DataRow("Amount > 1 AND Amount <= 2", "Amount sorted -; StartTime newest Amount > 1 AND Amount <= 2")]
    [DataRow("Amount BETWEEN 3 AND 3", "Amount newest -; StartTime newest Amount BETWEEN 3 AND 3")]
    [DataRow("Tags = 'a' AND Tags = 'b'", "Tags newest Tags = 'b'; Tags newest Tags = 'a'; StartTime newest Tags = 'a' AND Tags = 'b'")]
    [DataRow("Note = 'word'", "StartTime newest Note = 'word'")]
    [DataRow("Unknown = 'x'", "StartTime newest Unknown = 'x'")]
    [DataRow("Customer = 5", "StartTime newest Customer = 5")]
    [DataRow("Customer != 'x' AND NOT Customer = 'y' AND Customer IS NULL", "StartTime newest *")]
    [DataRow("WorkflowId = 'w' AND ParentWorkflowId = 'p'", "WorkflowId newest ParentWorkflowId = 'p'; ParentWorkflowId newest WorkflowId = 'w'; StartTime newest *")]
    [DataRow("CloseTime > now() - 1h", "CloseTime sorted -; StartTime newest CloseTime > now() - 1h")]
    [DataRow("BuildIds = 'b1'", "BuildIds newest -; StartTime newest BuildIds = 'b1'")]
    [DataRow("BatchId = 'b1'", "BatchId newest -; StartTime newest BatchId = 'b1'")]
    public void Filter_Planned_AllowsTheseIndexes(string filter, string expected)
    {
        var plans = Plans(filter).Select(p => $"{p.Name} {(p.IsNewestFirst ? "newest" : "sorted")} {(p.Residual is { } left ? FilterPrinter.Print(left) : "-")}");

        Assert.AreEqual(expected.Replace("*", filter, StringComparison.Ordinal), string.Join("; ", plans));
    }

    [TestMethod]
    [DataRow("ExecutionStatus = 'Running'", "s:Running! .. s:Running\"")]
    [DataRow("ExecutionStatus NOT IN ('Running', 'Completed', 'Failed', 'Paused', 'Canceled')", "s:ContinuedAsNew! .. s:ContinuedAsNew\", s:Terminated! .. s:Terminated\", s:TimedOut! .. s:TimedOut\"")]
    [DataRow("WorkflowId STARTS_WITH 'a/b'", "w:a.2fb .. w:a.2fb~~~")]
    [DataRow("Customer = 'x y'", "a:Customer!x$20y! .. a:Customer!x$20y\", o:! .. o:\"")]
    [DataRow("Customer > 'b' AND Customer < 'd'", "a:Customer!b\" .. a:Customer!d!, o:! .. o:\"")]
    [DataRow("ExecutionStatus = 'Running' AND ExecutionStatus = 'Failed'", "")]
    public void Filter_Planned_ReadsTheseKeys(string filter, string expected) =>
        Assert.AreEqual(expected, string.Join(", ", Plans(filter)[0].Ranges(null)));

    [TestMethod]
    public void StartTimes_Bounded_CutTheRangesOfOneValue()
    {
        var range = Plans("WorkflowType = 'A' AND StartTime BETWEEN '2026-11-24' AND '2026-11-25'")[0].Ranges(null).Single();

        Assert.AreEqual($"t:A!{ListKeys.Inverted(Now.AddHours(12))}", range.From);
        Assert.AreEqual($"t:A!{ListKeys.Inverted(Now.AddHours(-12))}.", range.To);
    }

    [TestMethod]
    public void PageAfterARun_Planned_BeginsBehindItInEveryRange()
    {
        var ranges = Plans("Customer IN ('a', 'b')")[0].Ranges("suffix");

        Assert.AreEqual("a:Customer!a!suffix!, a:Customer!b!suffix!, o:!suffix!", string.Join(", ", ranges.Select(r => r.From)));
    }

    [TestMethod]
    [DataRow("", true)]
    [DataRow("ExecutionStatus = 'Running' OR NOT (WorkflowType = 'A' AND ExecutionStatus != 'Failed')", true)]
    [DataRow("WorkflowType STARTS_WITH 'A'", true)]
    [DataRow("ExecutionStatus = 'Running' AND StartTime > now()", false)]
    public void Filter_ThatNamesOnlyStatusAndType_IsCounted(string filter, bool expected) =>
        Assert.AreEqual(expected, ListPlanner.NamesOnlyCounted(FilterParser.Parse(filter).Condition));

    private static IReadOnlyList<ListPlan> Plans(string filter) => new ListPlanner(Declared, Now).Plans(FilterParser.Parse(filter).Condition);
}
