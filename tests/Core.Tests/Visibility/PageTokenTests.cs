using CsCheck;
using Serverless.Api.Enums.V1;
using Serverless.Client;
using Serverless.Visibility;

namespace Core.Tests.Visibility;

[TestClass]
public sealed class PageTokenTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 24, 12, 0, 0, TimeSpan.Zero);

    private static readonly ListFilter Filter = FilterParser.Parse(
        "ExecutionStatus = 'Running' ORDER BY A, B, C, D, CloseTime, ExecutionDuration, ExecutionStatus, E, F");

    private static readonly PageToken Token = new(Now, new ListPosition(
        ["text", 7L, -1.5, true, Now.AddDays(1), TimeSpan.FromSeconds(3), WorkflowExecutionStatus.Failed, new UnorderedValue("String[]"), null], Now.AddHours(-1), "run-1"));

    [TestMethod]
    public void Token_ThereAndBack_KeepsEveryKindOfValue()
    {
        var read = PageToken.Read(Token.Write(Filter, ListDivision.Workflows), Filter, ListDivision.Workflows);

        Assert.AreEqual(Token.Now, read.Now);
        Assert.AreEqual((Token.After.Start, Token.After.RunId), (read.After.Start, read.After.RunId));
        CollectionAssert.AreEqual(Token.After.Values.ToList(), read.After.Values.ToList());
    }

    [TestMethod]
    public void Token_WithAnotherFilterOrList_IsRefused()
    {
        var text = Token.Write(Filter, ListDivision.Workflows);

        AssertRefused(text, Filter, ListDivision.System);
        AssertRefused(text, Filter with { Order = [] }, ListDivision.Workflows);
        AssertRefused(text, Filter with { Condition = null }, ListDivision.Workflows);
    }

    [TestMethod]
    public void Token_WithAnyCharacterChanged_IsRefused()
    {
        var text = Token.Write(Filter, ListDivision.Workflows);
        for (var i = 0; i < text.Length; i++)
        {
            AssertRefused(text[..i] + (text[i] == 'A' ? 'B' : 'A') + text[(i + 1)..], Filter, ListDivision.Workflows);
            AssertRefused(text[..i], Filter, ListDivision.Workflows);
        }
    }

    [TestMethod]
    public void Garbage_AsToken_IsRefusedAndNothingElse() =>
        Gen.OneOf(Gen.String, Gen.String[Gen.Char["ABCab01-_="], 0, 60]).Sample(text => AssertRefused(text, Filter, ListDivision.Workflows));

    private static void AssertRefused(string text, ListFilter filter, ListDivision division) => Assert.AreEqual(
        WorkflowServiceError.InvalidArgument, Assert.ThrowsExactly<WorkflowServiceException>(() => PageToken.Read(text, filter, division)).Code);
}
