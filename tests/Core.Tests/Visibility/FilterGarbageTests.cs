using System.Diagnostics;
using CsCheck;
using Serverless.Visibility;

namespace Core.Tests.Visibility;

/// <summary>Whatever the text is: it is a filter that is written and read back, or a syntax error at a position within it.</summary>
[TestClass]
public sealed class FilterGarbageTests
{
    private static readonly Dictionary<string, FilterType> Custom = new()
    {
        ["Amount"] = FilterType.Double,
        ["Tags"] = FilterType.KeywordList,
        ["Note"] = FilterType.Text,
        ["odd name"] = FilterType.Bool,
    };

    private static readonly string[] Words =
    [
        "a", "StartTime", "ExecutionStatus", "ExecutionDuration", "HistoryLength", "Note", "Amount", "Tags", "AND", "OR", "NOT", "IN", "BETWEEN", "STARTS_WITH", "IS", "NULL",
        "ORDER", "GROUP", "BY", "ASC", "DESC", "now", "(", ")", ",", "=", "!=", "<>", "<", "<=", ">", ">=", "-", "+", "1", "1.5", "1.", ".5", "1e5", "1e", "1e+", "9223372036854775808",
        "-9223372036854775808", "1d", "1x", "1.1.1s", "'x'", "\"it''s\"", "'2026-13-01'", "\"", "'", "`", "``", "`b`", "`odd name`", "true", "'99:99:99'", "9999999999999999999999999w",
        "\\", "\\'", "#", "\0", "\u2028", "\uD83D", "ß", "'Running'",
    ];

    private static readonly string[] Valid =
    [
        "WorkflowType = 'Transfer' AND StartTime > '2026-11-01T00:00:00Z' AND ExecutionStatus IN ('Running', 'Failed') AND Amount BETWEEN 10 AND 20 ORDER BY StartTime DESC",
        "NOT (WorkflowId = 'it''s' OR Tags != \"b\\\"\") AND RunId NOT STARTS_WITH 'c' AND CloseTime IS NOT NULL",
        "StartTime >= now() - 1d12h AND ExecutionDuration < -1.5us AND `odd name` = true AND HistoryLength NOT IN (1, -2) GROUP BY TaskQueue",
        "((Amount = 1.5e3 OR Amount = -2) AND NOT NOT Note = 'two words') ORDER BY CloseTime DESC, WorkflowId GROUP BY WorkflowType",
    ];

    [TestMethod]
    public void Parse_RandomCharacters_ThrowsFilterSyntaxExceptionOnly() =>
        Gen.String[Gen.Char, 0, 60].Sample(OnlySyntaxError, iter: 20_000, threads: 1);

    [TestMethod]
    public void Parse_RandomTokens_ThrowsFilterSyntaxExceptionOnly() =>
        Gen.Select(Gen.OneOf(Words).Array[1, 14], Gen.OneOf("", " ", "\t")).Select((words, space) => string.Join(space, words))
            .Sample(OnlySyntaxError, iter: 40_000, threads: 1);

    [TestMethod]
    public void Parse_DamagedFilters_ThrowsFilterSyntaxExceptionOnly()
    {
        var damage = Gen.Select(Gen.Int[0, 200], Gen.Int[0, 5], Gen.OneOf(Gen.OneOf(Words), Gen.String[Gen.Char, 1, 1]));
        Gen.Select(Gen.OneOf(Valid), damage.Array[1, 4]).Select((text, damages) => damages.Aggregate(text, (t, d) => Damage(t, d.Item1, d.Item2, d.Item3)))
            .Sample(OnlySyntaxError, iter: 40_000, threads: 1);
    }

    [TestMethod]
    public void Parse_ValidFilters_AreUnderstood()
    {
        foreach (var text in Valid)
        {
            FilterParser.Parse(text, Custom);
        }
    }

    /// <summary>The longest texts of one token after the other: neither depth nor time runs away, even on a small stack.</summary>
    [TestMethod]
    public void Parse_LongRepetitions_EndSoonOnASmallStack()
    {
        var watch = Stopwatch.StartNew();
        Exception? failure = null;
        var thread = new Thread(() => failure = Record(Repetitions), maxStackSize: 512 * 1024);
        thread.Start();
        Assert.IsTrue(thread.Join(TimeSpan.FromMinutes(1)), "Parsing repetitions did not end.");
        Assert.IsNull(failure);
        Assert.IsLessThan(TimeSpan.FromSeconds(30), watch.Elapsed);
    }

    private static void Repetitions()
    {
        string[] parts = [.. Words, "NOT (", "a = 1 AND ", "a = 1 OR NOT (", "(a = 1 AND (", "a IN (1, ", "1, "];
        foreach (var part in parts)
        {
            foreach (var start in new[] { "", "a = ", "a IN (1, ", "a = 1 AND ", new string('(', FilterParser.MaxNesting) })
            {
                var text = start + string.Concat(Enumerable.Repeat(part, (FilterParser.MaxLength - start.Length) / part.Length));
                Assert.IsTrue(OnlySyntaxError(text, null), text);
            }
        }
    }

    private static Exception? Record(Action action)
    {
        try
        {
            action();
            return null;
        }
        catch (Exception e)
        {
            return e;
        }
    }

    private static string Damage(string text, int position, int length, string put)
    {
        var start = Math.Min(position, text.Length);
        return text.Remove(start, Math.Min(length, text.Length - start)).Insert(start, put);
    }

    private static bool OnlySyntaxError(string text) => OnlySyntaxError(text, Custom) && OnlySyntaxError(text, null);

    private static bool OnlySyntaxError(string text, Dictionary<string, FilterType>? custom)
    {
        try
        {
            var printed = FilterPrinter.Print(FilterParser.Parse(text, custom));
            return printed.Length > FilterParser.MaxLength || printed == FilterPrinter.Print(FilterParser.Parse(printed, custom));
        }
        catch (FilterSyntaxException error)
        {
            return error.Position >= 0 && error.Position <= text.Length
                && error.Message.StartsWith($"Filter, position {error.Position}: ", StringComparison.Ordinal) && !error.Message.Contains("expected .", StringComparison.Ordinal);
        }
    }
}
