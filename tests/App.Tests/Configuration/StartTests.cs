using System.Net;
using App.Tests.Running;

namespace App.Tests.Configuration;

/// <summary>A process that is configured wrongly ends with a message that names the key.</summary>
[TestClass]
public sealed class StartTests
{
    [TestMethod]
    [DataRow("Serverless__Hub", "No", "Serverless:Hub")]
    [DataRow("Serverless__Hubb", "orders", "Serverless:Hubb")]
    [DataRow("Serverless__MaxConcurrentActivities", "0", "Serverless:MaxConcurrentActivities")]
    [DataRow("Serverless__MaxConcurrentActivities", "many", "Serverless:MaxConcurrentActivities")]
    [DataRow("Serverless__ActivityLimits", "Charge=0/5", "Serverless:ActivityLimits")]
    [DataRow("Serverless__ActivityLimits", "Charge:5", "Serverless:ActivityLimits")]
    [DataRow("Serverless__SearchAttributes", "Customer", "Serverless:SearchAttributes': 'Customer' is no search attribute. Write 'Customer=Keyword'; the types are")]
    [DataRow("Serverless__SearchAttributes", "Customer=String", "Serverless:SearchAttributes': 'Customer=String' is no search attribute.")]
    [DataRow("Serverless__SearchAttributes", "Customer=Keyword, Customer=Text", "Serverless:SearchAttributes': 'Customer' is declared twice.")]
    [DataRow("Serverless__SearchAttributes", "BuildIds=KeywordList", "Serverless:SearchAttributes': 'BuildIds' is a name of a system attribute")]
    [DataRow("Serverless__SearchAttributes", "TemporalX=Int", "Serverless:SearchAttributes': 'TemporalX' is a name of a system attribute")]
    [DataRow("Serverless__SearchAttributes", "two words=Int", "Serverless:SearchAttributes': 'two words' is no name of a search attribute.")]
    [DataRow("Serverless__ShutdownTimeout", "soon", "Serverless:ShutdownTimeout")]
    [DataRow("Serverless__DefaultVersioningBehavior", "1", "Serverless:DefaultVersioningBehavior")]
    [DataRow("Serverless__PinnedOnly", "yes", "Serverless:PinnedOnly")]
    [DataRow("Serverless__PinnedOnly", "true", "Serverless:PinnedOnly")]
    [DataRow("Serverless__ApiKey", "short", "Serverless:ApiKey")]
    [DataRow("ASPNETCORE_URLS", "http://0.0.0.0:0", "Serverless:ApiKey")]
    [DataRow("FUNCTIONS_CUSTOMHANDLER_PORT", "x", "FUNCTIONS_CUSTOMHANDLER_PORT")]
    [DataRow("AzureWebJobsStorage__accountNam", "x", "AzureWebJobsStorage__accountNam")]
    [DataRow("AzureWebJobsStorage__credential", "password", "AzureWebJobsStorage__credential")]
    public async Task Start_ImpossibleSetting_NamesTheKeyAndFails(string key, string value, string named)
    {
        using var folder = new TempFolder();
        await using var app = AppProcess.Launch(AppBuild.Executable, folder.Path, 1, (key, value));

        Assert.AreEqual(78, await app.ExitAsync());
        StringAssert.Contains(app.Log, $"Setting '{named}");
    }

    [TestMethod]
    public async Task Start_PinnedUnderFunctions_NeedsABuildThatCanNameAQueue()
    {
        using var folder = new TempFolder();
        await using var app = AppProcess.Launch(
            AppBuild.Executable, folder.Path, 1,
            ("FUNCTIONS_CUSTOMHANDLER_PORT", "7999"), ("Serverless__BuildId", "v1.0"), ("Serverless__DefaultVersioningBehavior", "Pinned"));

        Assert.AreEqual(78, await app.ExitAsync());
        StringAssert.Contains(app.Log, "Setting 'Serverless:BuildId': 'v1.0' can't be part of a queue's name");
    }

    [TestMethod]
    public async Task Api_WithKey_AsksForIt()
    {
        using var folder = new TempFolder();
        await using var app = await AppProcess.StartAsync(folder.Path, null, ("Serverless__ApiKey", "0123456789abcdef"));
        var (without, _) = await app.Http.ReadAsync("api/workflows");
        app.Http.DefaultRequestHeaders.Add("x-functions-key", "0123456789abcdef");
        var (with, _) = await app.Http.ReadAsync("api/workflows");

        Assert.AreEqual(HttpStatusCode.Unauthorized, without);
        Assert.AreEqual(HttpStatusCode.OK, with);
    }
}
