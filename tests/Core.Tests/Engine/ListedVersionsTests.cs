using Serverless.Client;
using Serverless.Common;
using Serverless.Engine;
using Serverless.Workflows;

namespace Serverless.Tests.Engine;

/// <summary>What the list and the description tell about patches and builds.</summary>
[TestClass]
public sealed class ListedVersionsTests
{
    private static readonly SearchAttributeKey<IReadOnlyCollection<string>> ChangeVersion = SearchAttributeKey.CreateKeywordList("TemporalChangeVersion");
    private static readonly SearchAttributeKey<IReadOnlyCollection<string>> BuildIds = SearchAttributeKey.CreateKeywordList("BuildIds");

    [TestMethod]
    public async Task Runs_are_found_by_the_patches_that_they_passed()
    {
        await using var host = new EngineHost([typeof(Changed), typeof(Hello)]);
        var workflow = await host.Client.StartWorkflowAsync((Changed c) => c.RunAsync(), new("w"));
        await host.StartAsync("Hello", "other", false, "x");

        await ListedAsync(host, "TemporalChangeVersion = 'first'", "w");
        Assert.HasCount(0, (await host.Engine.Reader.ListAsync("TemporalChangeVersion = 'later'", 10, null, default)).Workflows);
        await workflow.SignalAsync(c => c.GoAsync());
        await ListedAsync(host, "TemporalChangeVersion = 'later' AND TemporalChangeVersion = 'first' AND CloseTime IS NULL", "w");
        var described = await workflow.DescribeAsync();
        await workflow.SignalAsync(c => c.GoAsync());
        await host.CloseAsync("w");
        await ListedAsync(host, "TemporalChangeVersion IN ('later') AND ExecutionStatus = 'Completed'", "w");

        CollectionAssert.AreEqual(new[] { "first", "later" }, described.TypedSearchAttributes.Get(ChangeVersion).ToArray());
        Assert.IsFalse((await host.Client.GetWorkflowHandle("other").DescribeAsync()).TypedSearchAttributes.ContainsKey(ChangeVersion));
    }

    [TestMethod]
    public async Task Runs_are_found_by_the_builds_that_ran_them()
    {
        await using var host = new EngineHost([typeof(Changed)], options: EngineHost.Options with { BuildId = "b1" });
        var workflow = await host.Client.StartWorkflowAsync((Changed c) => c.RunAsync(), new("w"));

        await ListedAsync(host, "BuildIds = 'b1'", "w");
        CollectionAssert.AreEqual(new[] { "b1" }, (await workflow.DescribeAsync()).TypedSearchAttributes.Get(BuildIds).ToArray());
    }

    private static async Task ListedAsync(EngineHost host, string filter, string id) => await host.UntilAsync(
        async () => (await host.Engine.Reader.ListAsync(filter, 10, null, default)).Workflows.Select(static w => w.WorkflowId).SequenceEqual([id]), filter);

    [Workflow]
    public class Changed
    {
        private int _gone;

        [WorkflowRun]
        public async Task RunAsync()
        {
            Workflow.Patched("first");
            await Workflow.WaitConditionAsync(() => _gone > 0);
            Workflow.DeprecatePatch("later");
            await Workflow.WaitConditionAsync(() => _gone > 1);
        }

        [WorkflowSignal]
        public Task GoAsync()
        {
            _gone++;
            return Task.CompletedTask;
        }
    }
}
