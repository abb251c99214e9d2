using System.Net;
using App.Tests.Running;
using Serverless.Common;
using Serverless.Workflows;

namespace App.Tests.Http;

/// <summary>Declared search attributes over HTTP: shown, given the declared type at a start, and refused when they are wrong.</summary>
[TestClass]
public sealed class SearchAttributeApiTests
{
    private static readonly SearchAttributeKey<double> Amount = SearchAttributeKey.CreateDouble("Amount");
    private static TestApp _app = null!;

    [ClassInitialize]
    public static async Task StartAsync(TestContext context)
    {
        _ = context;
        _app = await TestApp.StartAsync(
            o => o.AddWorkflow<Idle>().SearchAttributes.Add(Amount),
            b => b.Configuration["Serverless:SearchAttributes"] = "Customer=keyword, Tags = KeywordList,Note=Text, Count=Int, Vip=Bool, Due=DateTime");
    }

    [ClassCleanup]
    public static async Task StopAsync() => await _app.DisposeAsync();

    [TestMethod]
    public async Task SearchAttributes_OfConfigurationAndCode_AreShownWithTheirTypes()
    {
        var (status, body) = await _app.Http.ReadAsync("api/search-attributes");

        Assert.AreEqual(HttpStatusCode.OK, status);
        Assert.AreEqual(
            """{"Amount":"Double","Count":"Int","Customer":"Keyword","Due":"DateTime","Note":"Text","Tags":"KeywordList","Vip":"Bool"}""", body.ToJsonString());
    }

    [TestMethod]
    public async Task Start_PlainValues_HaveTheDeclaredTypes()
    {
        var (status, problem) = await StartAsync(
            "typed", """{"Amount":5,"Count":5,"Customer":"Ada","Due":"2026-11-01T02:00:00+02:00","Note":"two words","Tags":["a","b"],"Vip":true}""");

        Assert.AreEqual(HttpStatusCode.Created, status, problem);
        var found = (await _app.Client.GetWorkflowHandle("typed").DescribeAsync()).TypedSearchAttributes;
        Assert.AreEqual(5.0, found.Get(Amount));
        Assert.AreEqual(5, found.Get(SearchAttributeKey.CreateLong("Count")));
        Assert.AreEqual("Ada", found.Get(SearchAttributeKey.CreateKeyword("Customer")));
        Assert.AreEqual("two words", found.Get(SearchAttributeKey.CreateText("Note")));
        Assert.AreEqual(new DateTimeOffset(2026, 11, 1, 0, 0, 0, TimeSpan.Zero), found.Get(SearchAttributeKey.CreateDateTimeOffset("Due")));
        Assert.AreEqual("a b", string.Join(' ', found.Get(SearchAttributeKey.CreateKeywordList("Tags"))));
        Assert.IsTrue(found.Get(SearchAttributeKey.CreateBool("Vip")));
    }

    [TestMethod]
    [DataRow("""{"Custommer":"Ada"}""", "options.searchAttributes: Search attribute 'Custommer' is not declared. Declared are: Amount=Double,")]
    [DataRow("""{"BuildIds":["b"]}""", "options.searchAttributes: Search attribute 'BuildIds' is a system attribute")]
    [DataRow("""{"Amount":"much"}""", "options.searchAttributes: 'Amount' is declared as Double; \"much\" is no such value. Give a number.")]
    [DataRow("""{"Count":1.5}""", "options.searchAttributes: 'Count' is declared as Int; 1.5 is no such value. Give a whole number.")]
    [DataRow("""{"Due":"tomorrow"}""", "options.searchAttributes: 'Due' is declared as DateTime; \"tomorrow\" is no such value. Give a time such as")]
    [DataRow("""{"Tags":["a",1]}""", "options.searchAttributes: 'Tags' is declared as KeywordList; [\"a\",1] is no such value. Give a list of texts.")]
    [DataRow("""{"Vip":null}""", "options.searchAttributes: 'Vip' is declared as Bool; null is no such value. Give true or false.")]
    public async Task Start_WrongAttribute_IsRefused(string attributes, string detail)
    {
        var (status, problem) = await StartAsync("wrong", attributes);

        Assert.AreEqual(HttpStatusCode.BadRequest, status);
        StringAssert.Contains(problem, detail);
    }

    private static async Task<(HttpStatusCode Status, string Detail)> StartAsync(string id, string attributes)
    {
        var (status, body) = await _app.Http.PostAsync("api/workflows", $$$"""{"type":"Idle","id":"{{{id}}}","options":{"searchAttributes":{{{attributes}}} } }""");
        return (status, body["detail"]?.GetValue<string>() ?? "");
    }

    [Workflow]
    public class Idle
    {
        [WorkflowRun]
        public Task RunAsync() => Task.CompletedTask;
    }
}
