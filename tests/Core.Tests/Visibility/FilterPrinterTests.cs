using Core.Tests.History;
using CsCheck;
using Serverless.Api.Enums.V1;
using Serverless.Visibility;

namespace Core.Tests.Visibility;

[TestClass]
public sealed class FilterPrinterTests
{
    /// <summary>One custom attribute of each type, with names that need quoting among them.</summary>
    private static readonly Dictionary<string, FilterType> Custom = new()
    {
        ["Customer"] = FilterType.Keyword,
        ["Tags`"] = FilterType.KeywordList,
        ["my note"] = FilterType.Text,
        ["order"] = FilterType.Int,
        ["Größe"] = FilterType.Double,
        ["now"] = FilterType.Bool,
        ["1'\"\\d"] = FilterType.Time,
    };

    /// <summary>Any characters: quotes, backslashes, control characters, halves of pairs.</summary>
    private static readonly Gen<string> GenText = Gen.OneOf(
        Gen.String[Gen.Char[' ', '~'], 0, 12],
        Gen.String[Gen.OneOf('\'', '"', '\\', '`', 'a', ' '), 0, 8],
        Gen.String[Gen.Char, 0, 6]);

    private static readonly Gen<TimeSpan> GenSpan = Gen.Long[-1_000_000_000_000_000, 1_000_000_000_000_000].Select(TimeSpan.FromTicks);

    private static readonly Gen<DateTimeOffset> GenTime =
        Gen.DateTime.Select(t => new DateTimeOffset(DateTime.SpecifyKind(t, DateTimeKind.Utc)));

    private static readonly Gen<double> GenDouble = Gen.Double.Where(double.IsFinite);

    private static readonly Gen<FilterAttribute> GenAttribute =
        Gen.OneOf([.. FilterAttributes.System, .. Custom.Select(c => new FilterAttribute(c.Key, c.Value))]);

    /// <summary>An attribute that only workflows know: any name, any literal that has a written form without a type.</summary>
    private static readonly Gen<(FilterAttribute Attribute, FilterValue Value)> GenUntyped = Gen.Select(
        GenText.Where(name => FilterAttributes.Find(name, null) is { Type: null }).Select(name => new FilterAttribute(name, null)),
        Gen.OneOf(
            GenText.Select(FilterValue (v) => new FilterValue.Text(v)),
            Gen.Long.Select(FilterValue (v) => new FilterValue.Int(v)),
            GenDouble.Select(FilterValue (v) => new FilterValue.Double(v)),
            Gen.Bool.Select(FilterValue (v) => new FilterValue.Bool(v)),
            GenSpan.Select(FilterValue (v) => new FilterValue.Now(v)),
            GenSpan.Select(FilterValue (v) => new FilterValue.Duration(v))));

    [TestMethod]
    public void Parse_OfPrinted_IsTheSameFilter() => RoundTrips(GenAttribute.SelectMany(a => GenValue(a).Select(v => (a, v))), Custom);

    [TestMethod]
    public void Parse_OfPrintedWithoutATable_IsTheSameFilter() => RoundTrips(GenUntyped, null);

    private static void RoundTrips(Gen<(FilterAttribute, FilterValue)> terms, Dictionary<string, FilterType>? custom) =>
        Gen.Select(GenNode(terms), GenOrder, Gen.OneOf<FilterAttribute?>(null, FilterAttributes.Find("ExecutionStatus"), FilterAttributes.Find("TaskQueue"))).Sample(
            (node, order, group) =>
            {
                var filter = new ListFilter(node, order, group);
                var text = FilterPrinter.Print(filter);
                if (text.Length > FilterParser.MaxLength)
                {
                    return true;
                }

                var parsed = FilterParser.Parse(text, custom);
                return Dump.Of(parsed) == Dump.Of(filter) && FilterPrinter.Print(parsed) == text;
            },
            iter: 5_000,
            threads: 1);

    private static Gen<FilterValue> GenValue(FilterAttribute attribute) => attribute.Type switch
    {
        FilterType.Int => Gen.Long.Select(FilterValue (v) => new FilterValue.Int(v)),
        FilterType.Double => GenDouble.Select(FilterValue (v) => new FilterValue.Double(v)),
        FilterType.Bool => Gen.Bool.Select(FilterValue (v) => new FilterValue.Bool(v)),
        FilterType.Time => Gen.OneOf(GenTime.Select(FilterValue (v) => new FilterValue.Time(v)), GenSpan.Select(FilterValue (v) => new FilterValue.Now(v))),
        FilterType.Duration => GenSpan.Select(FilterValue (v) => new FilterValue.Duration(v)),
        FilterType.Status => Gen.Enum<WorkflowExecutionStatus>().Where(s => s != WorkflowExecutionStatus.Unspecified)
            .Select(FilterValue (v) => new FilterValue.Status(v)),
        _ => GenText.Select(FilterValue (v) => new FilterValue.Text(v)),
    };

    private static Gen<FilterNode> GenNode(Gen<(FilterAttribute Attribute, FilterValue Value)> terms)
    {
        static bool Allows(FilterAttribute attribute, Func<FilterType, bool> allows) => attribute.Type is not { } type || allows(type);
        var leaf = Gen.OneOf(
            Gen.Select(terms, Gen.Enum<FilterOperator>()).Where((t, op) => Allows(t.Attribute, type => FilterAttributes.Allows(type, op)))
                .Select(FilterNode (t, op) => new FilterNode.Compare(t.Attribute, op, t.Value)),
            Gen.Select(terms, Gen.Int[1, 4], Gen.Bool).Where((t, _, _) => Allows(t.Attribute, FilterAttributes.AllowsIn))
                .Select(FilterNode (t, n, not) => new FilterNode.In(t.Attribute, [.. Enumerable.Repeat(t.Value, n)], not)),
            Gen.Select(terms, Gen.Bool).Where((t, _) => Allows(t.Attribute, FilterAttributes.AllowsBetween))
                .Select(FilterNode (t, not) => new FilterNode.Between(t.Attribute, t.Value, t.Value, not)),
            Gen.Select(terms, GenText, Gen.Bool).Where((t, _, _) => Allows(t.Attribute, FilterAttributes.AllowsStartsWith))
                .Select(FilterNode (t, prefix, not) => new FilterNode.StartsWith(t.Attribute, prefix, not)),
            Gen.Select(terms, Gen.Bool).Select(FilterNode (t, not) => new FilterNode.IsNull(t.Attribute, not)));
        return Gen.Recursive<FilterNode>((depth, self) => depth > 3
            ? leaf
            : Gen.OneOf(
                leaf,
                self.List[2, 3].Select(FilterNode (l) => new FilterNode.And(l)),
                self.List[2, 3].Select(FilterNode (l) => new FilterNode.Or(l)),
                self.Select(FilterNode (n) => new FilterNode.Not(n))));
    }

    private static readonly Gen<FilterOrder[]> GenOrder =
        Gen.Select(Gen.OneOf([.. FilterAttributes.System.Where(a => FilterAttributes.AllowsOrder(a.Type!.Value))]), Gen.Bool)
            .Select((attribute, descending) => new FilterOrder(attribute, descending))
            .Array[0, 3];
}
