using Serverless.Api.Enums.V1;
using Serverless.Common;
using Serverless.Visibility;

namespace Core.Tests.Visibility;

[TestClass]
public sealed class DeclaredAttributesTests
{
    private static readonly Dictionary<string, IndexedValueType> Declared = new() { ["Total"] = IndexedValueType.Double, ["Due"] = IndexedValueType.Datetime };

    [TestMethod]
    [DataRow("Customer")]
    [DataRow("_x")]
    [DataRow("Größe-1.2")]
    [DataRow("Order")]
    public void ProblemOfName_PossibleName_IsNone(string name) => Assert.IsNull(DeclaredAttributes.ProblemOfName(name));

    [TestMethod]
    [DataRow("", "is no name")]
    [DataRow("1st", "is no name")]
    [DataRow("two words", "is no name")]
    [DataRow("a`b", "is no name")]
    [DataRow("BuildIds", "system attribute")]
    [DataRow("ExecutionStatus", "system attribute")]
    [DataRow("TemporalBatchId", "system attribute")]
    [DataRow("TemporalAnything", "system attribute")]
    public void ProblemOfName_ImpossibleName_SaysWhy(string name, string reason) => Assert.Contains(reason, DeclaredAttributes.ProblemOfName(name)!);

    [TestMethod]
    public void ProblemOfName_TooLong_SaysHowLongItMayBe()
    {
        Assert.IsNull(DeclaredAttributes.ProblemOfName(new string('n', 100)));
        Assert.Contains("up to 100", DeclaredAttributes.ProblemOfName(new string('n', 101))!);
    }

    [TestMethod]
    public void ProblemOf_Undeclared_NamesItWhatIsDeclaredAndTheSetting() => Assert.AreEqual(
        "Search attribute 'Paid' is not declared. Declared are: Due=DateTime, Total=Double. Add it, with its type, to the setting Serverless:SearchAttributes, such as 'Paid=Bool'.",
        Problem(SearchAttributeKey.CreateBool("Paid"), true));

    [TestMethod]
    public void ProblemOf_OtherType_NamesBoth() => Assert.AreEqual(
        "Search attribute 'Total' is declared as Double, but the value given is of type Int. Give it a value of its type, or change the setting Serverless:SearchAttributes.",
        Problem(SearchAttributeKey.CreateLong("Total"), 1L));

    [TestMethod]
    public void ProblemOf_DeclaredOrUnset_IsNone()
    {
        Assert.IsNull(Problem(SearchAttributeKey.CreateDouble("Total"), 1.5));
        Assert.IsNull(DeclaredAttributes.ProblemOf([("Total", null)], Declared));
        Assert.IsNotNull(DeclaredAttributes.ProblemOf([("Totals", null)], Declared));
    }

    [TestMethod]
    public void ProblemOf_SystemAttribute_IsRefusedUnlessTheProductGivesIt()
    {
        var schedule = SearchAttributeKey.CreateKeyword("TemporalScheduledById");
        var given = (schedule.Name, SearchAttributeEncoding.Encode(schedule, "s"));
        Assert.AreEqual("Search attribute 'TemporalScheduledById' is a system attribute: it can be searched by, not set.", DeclaredAttributes.ProblemOf([given], Declared));
        Assert.IsNull(DeclaredAttributes.ProblemOf([given], Declared, acceptGiven: true));
        Assert.IsNotNull(DeclaredAttributes.ProblemOf([("BuildIds", given.Item2)], Declared, acceptGiven: true));
    }

    private static string? Problem(SearchAttributeKey key, object value) => DeclaredAttributes.ProblemOf([(key.Name, SearchAttributeEncoding.Encode(key, value))], Declared);
}
