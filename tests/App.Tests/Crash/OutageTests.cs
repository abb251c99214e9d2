using System.Net;
using App.Tests.Running;
using Serverless.Testbed.Azurite;

namespace App.Tests.Crash;

/// <summary>Storage that is down is waited for.</summary>
[TestClass]
public sealed class OutageTests
{
    [TestMethod]
    [Timeout(180_000, CooperativeCancellation = true)]
    public async Task Store_DownAtStart_IsSaidAndTakenUpWhenItComes()
    {
        using var folder = new TempFolder();
        var address = AzuriteAddress.Free("testbed");
        var port = AppProcess.FreePort();
        await using var app = AppProcess.Launch(
            AppBuild.Executable, folder.Path, port, ("ASPNETCORE_URLS", $"http://127.0.0.1:{port}"), ("AzureWebJobsStorage", address.ConnectionString));
        await app.UntilAsync("api/health", HttpStatusCode.ServiceUnavailable);
        var (down, problem) = await app.Http.PostAsync("api/workflows", ApiCalls.Transfer("outage-1", "o1", "o2", 10));

        await using var azurite = await AzuriteProcess.StartAsync(address: address);
        await app.UntilAsync("api/health", HttpStatusCode.OK);
        var (up, body) = await app.Http.PostAsync("api/workflows?wait=30s", ApiCalls.Transfer("outage-1", "o1", "o2", 10));

        Assert.AreEqual(HttpStatusCode.ServiceUnavailable, down);
        Assert.AreEqual("not-ready", problem["code"]!.GetValue<string>());
        Assert.AreEqual(HttpStatusCode.OK, up, body.ToString());
    }

    [TestMethod]
    public async Task Terminate_SelfHosted_EndsWithZeroAndLosesNothing()
    {
        using var folder = new TempFolder();
        await using (var first = await AppProcess.StartAsync(folder.Path))
        {
            await first.Http.PostAsync("api/workflows", """{"type":"Greeting","id":"stay","args":["Ada"]}""");
            var waiting = first.Http.ReadAsync("api/workflows/stay/result?wait=100s");

            Assert.AreEqual(0, await first.TerminateAsync(), first.Log);
            Assert.AreEqual(HttpStatusCode.ServiceUnavailable, (await waiting).Status);
        }

        await using var second = await AppProcess.StartAsync(folder.Path);
        await second.Http.PostAsync("api/workflows/stay/signals/finish");
        var (status, body) = await second.Http.ReadAsync("api/workflows/stay/result?wait=60s");

        Assert.AreEqual(HttpStatusCode.OK, status, body.ToString());
    }
}
