using Core.Tests.History;
using CsCheck;
using Serverless.Api.Enums.V1;
using Serverless.Visibility;

namespace Core.Tests.Visibility;

[TestClass]
public sealed class FilterPrinterTests
{
    private static readonly Gen<string> GenText = Gen.String[Gen.Char[' ', '~'], 0, 12];

    private static readonly Gen<TimeSpan> GenSpan = Gen.Long[-1_000_000_000_000_000, 1_000_000_000_000_000].Select(t => TimeSpan.FromTicks(t));

    private static readonly Gen<DateTimeOffset> GenTime =
        Gen.DateTime.Select(t => new DateTimeOffset(DateTime.SpecifyKind(t, DateTimeKind.Utc)));

    /// <summary>An attribute with a literal of its type.</summary>
    private static readonly Gen<(FilterAttribute Attribute, FilterValue Value)> GenTerm = Gen.OneOf(
        GenText.Select(t => (new FilterAttribute("WorkflowId", FilterType.Keyword), (FilterValue)new FilterValue.Text(t))),
        Gen.Long.Select(n => (new FilterAttribute("HistoryLength", FilterType.Int), (FilterValue)new FilterValue.Int(n == long.MinValue ? 0 : n))),
        GenTime.Select(t => (new FilterAttribute("StartTime", FilterType.Time), (FilterValue)new FilterValue.Time(t))),
        GenSpan.Select(t => (new FilterAttribute("StartTime", FilterType.Time), (FilterValue)new FilterValue.Now(t))),
        GenSpan.Select(t => (new FilterAttribute("ExecutionDuration", FilterType.Duration), (FilterValue)new FilterValue.Duration(t))),
        Gen.Select(GenText.Where(t => t.Length > 3), Gen.Double[-1e300, 1e300]).Select((n, v) => (new FilterAttribute("~" + n, null), (FilterValue)new FilterValue.Double(v))),
        Gen.Select(GenText, Gen.Bool).Select((n, v) => (new FilterAttribute("~" + n, null), (FilterValue)new FilterValue.Bool(v))));

    private static readonly Gen<FilterNode> GenLeaf = Gen.OneOf(
        Gen.Select(GenTerm, Gen.Enum<FilterOperator>()).Select(FilterNode (t, op) => new FilterNode.Compare(t.Attribute, op, t.Value)),
        Gen.Select(GenTerm, Gen.Int[1, 4], Gen.Bool).Select(FilterNode (t, n, not) => new FilterNode.In(t.Attribute, [.. Enumerable.Repeat(t.Value, n)], not)),
        Gen.Select(GenTerm, Gen.Bool).Select(FilterNode (t, not) => new FilterNode.Between(t.Attribute, t.Value, t.Value, not)),
        Gen.Select(GenText, Gen.Bool).Select(FilterNode (t, not) => new FilterNode.StartsWith(new FilterAttribute("RunId", FilterType.Keyword), t, not)),
        Gen.Select(GenTerm, Gen.Bool).Select(FilterNode (t, not) => new FilterNode.IsNull(t.Attribute, not)),
        Gen.Enum<WorkflowExecutionStatus>().Where(s => s != WorkflowExecutionStatus.Unspecified)
            .Select(FilterNode (s) => new FilterNode.Compare(new FilterAttribute("ExecutionStatus", FilterType.Status), FilterOperator.Equal, new FilterValue.Status(s))));

    private static readonly Gen<FilterNode> GenNode = Gen.Recursive<FilterNode>((depth, self) => depth > 3
        ? GenLeaf
        : Gen.OneOf(
            GenLeaf,
            self.List[2, 3].Select(FilterNode (l) => new FilterNode.And(l)),
            self.List[2, 3].Select(FilterNode (l) => new FilterNode.Or(l)),
            self.Select(FilterNode (n) => new FilterNode.Not(n))));

    [TestMethod]
    public void Parse_OfPrinted_IsTheSameFilter() =>
        Gen.Select(GenNode, Gen.Bool).Sample(
            (node, ordered) =>
            {
                var filter = new ListFilter(node, ordered ? [new FilterOrder(new FilterAttribute("CloseTime", FilterType.Time), true)] : [], null);
                var text = FilterPrinter.Print(filter);
                return text.Length > FilterParser.MaxLength || Dump.Of(FilterParser.Parse(text)) == Dump.Of(filter);
            },
            iter: 3_000,
            threads: 1);
}
