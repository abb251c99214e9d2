using Serverless.Client;
using Serverless.Engine;
using Serverless.Storage.Memory;

namespace Serverless.Tests.Engine;

/// <summary>A message that ends every process which takes it stops its own workflow only, and seldom.</summary>
[TestClass]
public sealed class FatalMessageTests
{
    [TestMethod]
    public async Task Message_that_was_never_answered_is_put_off_and_its_workflow_is_blocked_until_then()
    {
        await using var host = new EngineHost([typeof(Collector)]);
        await host.StartAsync("Collector", "w", false);
        await host.UntilAsync(async () => await host.QueryAsync<int>("w", "Count") == 0, "the first task");
        using var held = host.Hold();
        var nudge = new WorkMessage(WorkKind.Nudge, "token", "w").Encode();

        await host.Engine.Handlers.HandleWorkflowAsync(new QueueDelivery(nudge, FatalMessages.MaxDeliveries + 1, true), default);
        var description = await host.Engine.Reader.DescribeAsync(new WorkflowRef("w"), default);
        Assert.AreEqual("ProcessDied", description.Blocked?.Cause);
        StringAssert.Contains(description.Blocked!.Message, "was taken 6 times");
        Assert.AreEqual(host.Time.GetUtcNow() + TimeSpan.FromMinutes(5), description.Blocked.NextAttempt);
        Assert.AreEqual(1, (await host.Engine.Hub.ReadStatusAsync(default)).Blocked);

        // Not even another process tries it before.
        await using var second = new EngineHost([typeof(Collector)], null, EngineHost.Options with { Identity = "second" }, host.Store, host.Time);
        await second.SignalAsync("w", "Add", 1);
        await second.UntilAsync(async () => (await second.Engine.Reader.DescribeAsync(new WorkflowRef("w"), default)).InboxCount == 1 && second.IsQuiet, "the signal waits");
        held.Dispose();
        await host.PassAsync(TimeSpan.FromMinutes(6));
        await host.UntilAsync(
            async () => (await host.Engine.Reader.DescribeAsync(new WorkflowRef("w"), default)) is { Blocked: null, InboxCount: 0 }, "the signal is applied");
    }
}
