using Serverless.Visibility;

namespace Core.Tests.Visibility;

[TestClass]
public sealed class FilterParserTests
{
    private static readonly Dictionary<string, FilterType> Custom = new()
    {
        ["Amount"] = FilterType.Double,
        ["Tags"] = FilterType.KeywordList,
        ["Note"] = FilterType.Text,
        ["Paid"] = FilterType.Bool,
    };

    [TestMethod]
    [DataRow("WorkflowType = 'Transfer' AND StartTime > '2026-11-01T00:00:00Z' AND ExecutionStatus IN ('Running', 'Failed') AND Amount BETWEEN 10 AND 20 ORDER BY StartTime DESC")]
    [DataRow("NOT (WorkflowId = 'a' OR WorkflowId = 'b') AND RunId != 'c'")]
    [DataRow("A = 1 OR B = 2 AND C = 3")]
    [DataRow("(A = 1 OR B = 2) AND C = 3")]
    [DataRow("(A = 1 AND B = 2) AND C = 3")]
    [DataRow("NOT NOT A = true")]
    [DataRow("StartTime >= now() - 1d12h AND CloseTime < now() + 30s AND ExecutionTime = now()")]
    [DataRow("WorkflowId NOT STARTS_WITH 'x' AND WorkflowId STARTS_WITH 'it''s' AND CloseTime IS NULL AND CloseTime IS NOT NULL")]
    [DataRow("HistoryLength NOT IN (1, 2) AND HistoryLength NOT BETWEEN -5 AND 6")]
    [DataRow("`odd name` = 'x' AND `order` = 1.5 AND A = 'back\\\\slash'")]
    [DataRow("GROUP BY ExecutionStatus")]
    [DataRow("A = 2 ORDER BY CloseTime DESC, WorkflowId GROUP BY WorkflowType")]
    [DataRow("ExecutionDuration > 1h30m AND ExecutionDuration < -2ms AND ExecutionDuration != 1.5us")]
    public void Print_OfParsed_IsTheSameText(string text) => Assert.AreEqual(text, FilterPrinter.Print(FilterParser.Parse(text)));

    [TestMethod]
    [DataRow("a=1 and not b<>\"x\" order by StartTime asc", "a = 1 AND NOT b != 'x' ORDER BY StartTime")]
    [DataRow("StartTime = 1793491200000000000", "StartTime = '2026-11-01T00:00:00Z'")]
    [DataRow("StartTime = '2026-11-01'", "StartTime = '2026-11-01T00:00:00Z'")]
    [DataRow("StartTime = '2026-11-01T02:00:00.123456789+02:00'", "StartTime = '2026-11-01T00:00:00.1234567Z'")]
    [DataRow("ExecutionStatus = 2", "ExecutionStatus = 'Completed'")]
    [DataRow("ExecutionDuration > '01:30:00'", "ExecutionDuration > 1h30m")]
    [DataRow("ExecutionDuration > 1500000000", "ExecutionDuration > 1s500ms")]
    [DataRow("ExecutionDuration > '2d'", "ExecutionDuration > 2d")]
    [DataRow("TemporalScheduledById = 's'", "ScheduledById = 's'")]
    [DataRow("a = 'it\\'s'", "a = 'it''s'")]
    public void Parse_OtherSpellings_MeanTheSame(string text, string canonical) => Assert.AreEqual(canonical, FilterPrinter.Print(FilterParser.Parse(text)));

    [TestMethod]
    [DataRow(null)]
    [DataRow("")]
    [DataRow("  \t\n")]
    public void Parse_NoText_MatchesAll(string? text) => Assert.AreSame(ListFilter.All, FilterParser.Parse(text));

    [TestMethod]
    [DataRow("WorkflowType", 12, "Found the end, expected an operator after WorkflowType: =, !=, <, <=, >, >=, [NOT] IN, [NOT] BETWEEN, [NOT] STARTS_WITH or IS [NOT] NULL.")]
    [DataRow("WorkflowType =", 14, "Found the end, expected a value for WorkflowType: a text in quotes.")]
    [DataRow("WorkflowType = Order", 15, "Found 'Order', expected a value for WorkflowType: a text in quotes.")]
    [DataRow("WorkflowType = 5", 15, "5 is not a value of WorkflowType; expected a text in quotes.")]
    [DataRow("HistoryLength > 'x'", 16, "'x' is not a value of HistoryLength; expected a whole number.")]
    [DataRow("StartTime > 'yesterday'", 12, "'yesterday' is not a value of StartTime; expected a time such as '2026-11-01T00:00:00Z', nanoseconds since 1970, or now() - 1d.")]
    [DataRow("ExecutionStatus = 'Done'", 18, "'Done' is not a value of ExecutionStatus; expected a status: 'Running', 'Completed', 'Failed', 'Canceled', 'Terminated', 'ContinuedAsNew', 'TimedOut', 'Paused'.")]
    [DataRow("ExecutionStatus > 'Failed'", 16, "> can't be used with ExecutionStatus, which is of type Status.")]
    [DataRow("Note STARTS_WITH 'x'", 5, "STARTS_WITH can't be used with Note, which is of type Text.")]
    [DataRow("Tags NOT BETWEEN 'a' AND 'b'", 5, "BETWEEN can't be used with Tags, which is of type KeywordList.")]
    [DataRow("Note IN ('x')", 5, "IN can't be used with Note, which is of type Text.")]
    [DataRow("Paid = 'yes'", 7, "'yes' is not a value of Paid; expected true or false.")]
    [DataRow("workflow_type = 'x'", 0, "There is no attribute 'workflow_type'; did you mean WorkflowType?")]
    [DataRow("(Amount = 1", 11, "Found the end, expected AND, OR or ')' for the '(' at position 0.")]
    [DataRow("Amount = 1 Amount = 2", 11, "Found 'Amount', expected AND, OR, ORDER BY, GROUP BY or the end.")]
    [DataRow("Amount = 1)", 10, "Found ')', expected AND, OR, ORDER BY, GROUP BY or the end.")]
    [DataRow("Amount IN ()", 11, "Found ')', expected a value for Amount: a number.")]
    [DataRow("Amount IN (1 2)", 13, "Found '2', expected ',' or ')'.")]
    [DataRow("Amount NOT = 1", 11, "Found '=', expected IN, BETWEEN or STARTS_WITH after NOT.")]
    [DataRow("Amount BETWEEN 1, 2", 16, "Found ',', expected AND.")]
    [DataRow("WorkflowId STARTS_WITH 4", 23, "Found '4', expected a text in quotes.")]
    [DataRow("Amount IS 4", 10, "Found '4', expected NULL.")]
    [DataRow("StartTime > now", 15, "Found the end, expected '('.")]
    [DataRow("StartTime > now() - 5", 20, "Found '5', expected a duration such as 1d, 2h30m or 90s.")]
    [DataRow("StartTime > now() - 5y", 20, "'5y' is not a duration; expected digits and units (w, d, h, m, s, ms, us) such as 1d or 2h30m.")]
    [DataRow("StartTime > now() - 99999999999w", 20, "'99999999999w' is not a duration; expected digits and units (w, d, h, m, s, ms, us) such as 1d or 2h30m.")]
    [DataRow("WorkflowType = 'x", 15, "The quote ' is not closed.")]
    [DataRow("Amount = 1e999", 9, "The number 1e999 is out of range.")]
    [DataRow("Amount ; 1", 7, "The character ';' has no meaning here. Names are letters, digits, '_' and '.', or anything in back-ticks; texts stand in quotes.")]
    [DataRow("AND Amount = 1", 0, "Found 'AND', expected the name of an attribute, NOT or '('.")]
    [DataRow("ORDER BY Note", 9, "ORDER BY can't be used with Note, which is of type Text.")]
    [DataRow("ORDER Amount", 6, "Found 'Amount', expected BY.")]
    [DataRow("ORDER BY Amount ORDER BY Amount", 16, "Found 'ORDER', expected ',', GROUP BY or the end.")]
    [DataRow("GROUP BY TaskQueue GROUP BY TaskQueue", 19, "Found 'GROUP', expected ORDER BY or the end.")]
    [DataRow("ORDER BY NOT Amount", 9, "Found 'NOT', expected the name of an attribute.")]
    [DataRow("Amont = 1", 0, "There is no attribute 'Amont'; did you mean Amount?")]
    [DataRow("ORDER BY WorkflowTyp", 9, "There is no attribute 'WorkflowTyp'; did you mean WorkflowType?")]
    [DataRow("amount = 1", 0, "There is no attribute 'amount'; did you mean Amount?")]
    [DataRow("Amount = - 'x'", 11, "Found the text 'x', expected a value for Amount: a number.")]
    [DataRow("Amount = 1 # 2", 11, "The character '#' has no meaning here. Names are letters, digits, '_' and '.', or anything in back-ticks; texts stand in quotes.")]
    [DataRow("GROUP BY RunId", 9, "A count can't be grouped by RunId, only by ExecutionStatus, WorkflowType, TaskQueue.")]
    public void Parse_WrongFilter_SaysWhereAndWhatWasExpected(string text, int position, string message)
    {
        var error = Assert.ThrowsExactly<FilterSyntaxException>(() => FilterParser.Parse(text, Custom));
        Assert.AreEqual($"Filter, position {position}: {message}", error.Message);
        Assert.AreEqual(position, error.Position);
    }

    [TestMethod]
    public void Parse_UnknownName_IsCustomWithoutATableAndAnErrorWithOne()
    {
        Assert.AreEqual("Region = 'eu'", FilterPrinter.Print(FilterParser.Parse("Region = 'eu'")));
        var error = Assert.ThrowsExactly<FilterSyntaxException>(() => FilterParser.Parse("Region = 'eu'", Custom));
        Assert.StartsWith("Filter, position 0: There is no attribute 'Region'. Known are WorkflowId, RunId,", error.Message);
        Assert.EndsWith("BatchId, Amount, Note, Paid, Tags.", error.Message);
    }

    [TestMethod]
    public void Parse_LongestAndDeepest_AreReadAndOneMoreIsRefused()
    {
        var text = "a = '" + new string('x', FilterParser.MaxLength - 6) + "'";
        FilterParser.Parse(text);
        Assert.AreEqual(FilterParser.MaxLength, Assert.ThrowsExactly<FilterSyntaxException>(() => FilterParser.Parse(text + " ")).Position);

        FilterParser.Parse(new string('(', 64) + "a = 1" + new string(')', 64));
        Assert.AreEqual(64, Assert.ThrowsExactly<FilterSyntaxException>(() => FilterParser.Parse(new string('(', 4000))).Position);
        Assert.ThrowsExactly<FilterSyntaxException>(() => FilterParser.Parse(string.Concat(Enumerable.Repeat("NOT ", 65)) + "a = 1"));
    }
}
