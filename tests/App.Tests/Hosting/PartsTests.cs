using App.Tests.Running;
using Microsoft.Extensions.DependencyInjection;
using Serverless.Activities;
using Serverless.Client;
using Serverless.Functions;
using Serverless.Functions.Hosting;
using Serverless.Workflows;

namespace App.Tests.Hosting;

/// <summary>Processes of one hub that have only a part of its code, or none, take only work that they can do.</summary>
[TestClass]
public sealed class PartsTests
{
    [TestMethod]
    [Timeout(60_000, CooperativeCancellation = true)]
    public async Task ProgramThatOnlyAsks_LeavesAllWorkToOthers()
    {
        using var folder = new TempFolder();
        await using var asks = await TestApp.StartAsync(o => SetUp(o, folder));
        var workflow = await asks.Client.StartWorkflowAsync((Errand e) => e.RunAsync(), new("one", "default"));
        var (status, started) = await asks.Http.PostAsync("api/workflows", """{"type":"Errand","id":"two"}""");

        await using var works = await TestApp.StartAsync(o => SetUp(o, folder).AddWorkflow<Errand>().AddActivities(new Counter()));

        Assert.AreEqual(2, await workflow.GetResultAsync());
        Assert.AreEqual(System.Net.HttpStatusCode.Created, status, $"{started}");
        Assert.AreEqual(2, await asks.Client.GetWorkflowHandle<Errand, int>("two").GetResultAsync());
        Assert.AreEqual("", QueuesOf(asks));
        Assert.AreEqual("workflows timers activities", QueuesOf(works));
    }

    [TestMethod]
    [Timeout(60_000, CooperativeCancellation = true)]
    public async Task WorkflowsAndActivities_InDifferentProcesses_WorkTogether()
    {
        using var folder = new TempFolder();
        var counter = new Counter();
        await using var decides = await TestApp.StartAsync(o => SetUp(o, folder).AddWorkflow<Errand>());
        await using var does = await TestApp.StartAsync(o => SetUp(o, folder).AddActivities(counter));

        Assert.AreEqual(2, await does.Client.ExecuteWorkflowAsync((Errand e) => e.RunAsync(), new("one", "default")));
        Assert.AreEqual(2, counter.Attempts);
        Assert.AreEqual("workflows timers", QueuesOf(decides));
        Assert.AreEqual("activities", QueuesOf(does));
    }

    private static string QueuesOf(TestApp app) => string.Join(" ", app.Services.GetRequiredService<PollerSet>().Queues);

    private static ServerlessWorkflowsOptions SetUp(ServerlessWorkflowsOptions options, TempFolder folder)
    {
        options.DataDirectory = folder.Path;
        return options;
    }

    public sealed class Counter
    {
        private int _attempts;

        public int Attempts => _attempts;

        [Activity]
        public int Count()
        {
            Interlocked.Increment(ref _attempts);
            var attempt = ActivityExecutionContext.Current.Info.Attempt;
            return attempt == 1 ? throw new InvalidOperationException("once more") : attempt;
        }
    }

    [Workflow]
    public class Errand
    {
        [WorkflowRun]
        public Task<int> RunAsync() => Workflow.ExecuteActivityAsync(
            (Counter c) => c.Count(), new() { StartToCloseTimeout = TimeSpan.FromMinutes(1), RetryPolicy = new() { InitialInterval = TimeSpan.FromMilliseconds(200) } });
    }
}
