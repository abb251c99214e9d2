using Microsoft.Extensions.Time.Testing;
using Serverless.Client;
using Serverless.Engine;
using Serverless.Tests.Engine;

namespace Core.Tests.Hostile;

/// <summary>Who asks about workflows that are none, or waits and leaves, leaves nothing behind.</summary>
[TestClass]
public sealed class WatcherTests
{
    [TestMethod]
    public async Task Questions_about_any_number_of_ids_keep_nothing()
    {
        await using var host = new EngineHost([typeof(Cancellable)]);
        await host.StartAsync("Cancellable", "w", false);
        for (var i = 0; i < 200; i++)
        {
            var nobody = new WorkflowRef($"nobody-{i}");
            await Assert.ThrowsExactlyAsync<WorkflowServiceException>(() => host.Engine.Service.WaitForCloseAsync(nobody, true, TimeSpan.FromHours(1), default));
            await Assert.ThrowsExactlyAsync<WorkflowServiceException>(() => host.Engine.Reader.ReadHistoryAsync(nobody, 0, TimeSpan.FromHours(1), default));
            Assert.IsNull(await host.Engine.Service.WaitForCloseAsync(new WorkflowRef("w"), true, TimeSpan.Zero, default));
            using var left = new CancellationTokenSource();
            var waiting = host.Engine.Service.WaitForCloseAsync(new WorkflowRef("w"), true, TimeSpan.FromDays(4000), left.Token);
            await left.CancelAsync();
            await Assert.ThrowsAsync<OperationCanceledException>(() => waiting);
        }

        Assert.AreEqual(0, host.Engine.Watched);
    }

    [TestMethod]
    public async Task One_who_leaves_does_not_take_the_commit_from_another()
    {
        var watchers = new RunWatchers(EngineHost.Options, new FakeTimeProvider());
        var first = watchers.Watch("w");
        using var second = watchers.Watch("w");
        var committed = second.NextCommit();
        first.Dispose();
        watchers.Committed("w", null);
        Assert.IsNull(await committed.WaitAsync(TimeSpan.FromSeconds(10)));
        Assert.IsFalse(second.NextCommit().IsCompleted);
    }
}
