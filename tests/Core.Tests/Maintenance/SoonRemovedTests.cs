using Serverless.Client;
using Serverless.Engine;
using Serverless.Storage;
using Serverless.Tests.Engine;

namespace Serverless.Tests.Maintenance;

/// <summary>What was removed soon after its end, while others may still be writing about it.</summary>
[TestClass]
public sealed class SoonRemovedTests
{
    private static readonly TimeSpan LookAgain = TimeSpan.FromMinutes(13);

    [TestMethod]
    public async Task An_id_that_is_removed_soon_is_free_at_once_and_what_is_written_late_goes_later()
    {
        await using var host = new EngineHost([typeof(Hello)]) { Jumps = false };
        await host.StartAsync("Hello", "w", false, "you");
        await host.CloseAsync("w");
        await host.UntilAsync(async () => (await host.Engine.Reader.CountAsync(null, default))[""] == 1 && host.IsQuiet, "the list");
        var late = (await host.Engine.Reader.ListAsync(null, 1, null, default)).Workflows[0];
        await host.Engine.Service.DeleteAsync("w", default);
        var row = (await HubRows.AllAsync(host.Store)).Single();
        Assert.AreEqual($"Workflows {WorkflowKey.Partition("w")} {JournalKeys.Head}", row);
        var gone = await Assert.ThrowsExactlyAsync<WorkflowServiceException>(() => host.Engine.Reader.DescribeAsync(new WorkflowRef("w"), default));
        Assert.AreEqual(WorkflowServiceError.NotFound, gone.Code);
        Assert.AreEqual(WorkflowServiceError.NotFound, (await Assert.ThrowsExactlyAsync<WorkflowServiceException>(() => host.Engine.Service.DeleteAsync("w", default))).Code);
        Assert.AreEqual(WorkflowServiceError.NotFound, (await Assert.ThrowsExactlyAsync<WorkflowServiceException>(() => host.SignalAsync("w", "Finish"))).Code);
        var found = await HubRows.ListAsync<HubReport>(host.Engine.Hub.ExamineAsync(repair: false, rebuild: false, default));
        Assert.IsEmpty(found.OfType<HubReport.Finding>());

        // Somebody stood still and writes its list row and a blob now; the id is used again.
        var list = new Serverless.Visibility.VisibilityIndex(host.Store.Rows, host.Time, EngineHost.Options.SearchAttributes, 0);
        await list.ProjectAsync(late);
        await host.Store.Blobs.PutAsync($"{WorkflowKey.Partition("w")}/{late.RunId}/{new IdSource(host.Time, new Random(3)).NextUlid()}", new byte[] { 1 }, default);
        await host.StartAsync("Hello", "w", false, "again");
        Assert.AreEqual("Hello again", await host.ResultAsync<string>("w"));
        await host.UntilAsync(async () => (await host.Engine.Reader.CountAsync(null, default))[""] == 2 && host.IsQuiet, "both are listed");

        await host.PassAsync(LookAgain);
        await host.UntilAsync(async () => (await host.Engine.Reader.CountAsync(null, default))[""] == 1 && host.IsQuiet, "the late row is gone");
        Assert.AreEqual("Hello again", await host.ResultAsync<string>("w"));
        Assert.IsEmpty(await HubRows.BlobsAsync(host.Store));
    }

    [TestMethod]
    public async Task An_id_that_was_removed_soon_can_be_forked_to_and_imported()
    {
        await using var host = new EngineHost([typeof(Hello)]) { Jumps = false };
        await host.StartAsync("Hello", "w", false, "you");
        await host.StartAsync("Hello", "f", false, "me");
        await Task.WhenAll(host.CloseAsync("w"), host.CloseAsync("f"));
        await host.UntilAsync(async () => (await host.Engine.Reader.CountAsync(null, default))[""] == 2 && host.IsQuiet, "the list");
        var lines = (await HubRows.ListAsync<HubReport.Line>(host.Engine.Hub.ExportAsync("WorkflowId = 'f'", default))).Select(static l => l.Json).ToList();
        await host.Engine.Service.DeleteAsync("f", default);
        var fork = await host.Engine.Resets.ForkAsync(new WorkflowRef("w"), "f", new ResetRequest(WorkflowResetPoint.FirstWorkflowTask) { RequestId = "once" }, default);
        Assert.AreEqual("Hello you", await host.ResultAsync<string>("f"));
        Assert.AreEqual(fork, await host.Engine.Resets.ForkAsync(new WorkflowRef("w"), "f", new ResetRequest(WorkflowResetPoint.FirstWorkflowTask) { RequestId = "once" }, default));
        await host.UntilAsync(() => Task.FromResult(host.IsQuiet), "rest");
        await host.Engine.Service.DeleteAsync("f", default);

        await HubRows.ListAsync<HubReport>(host.Engine.Hub.ImportAsync(lines.ToAsyncEnumerable(), merge: true, default));
        Assert.AreEqual("Hello me", await host.ResultAsync<string>("f"));
        await host.PassAsync(LookAgain);
        await host.UntilAsync(() => Task.FromResult(host.IsQuiet), "rest");
        Assert.AreEqual("Hello me", await host.ResultAsync<string>("f"));
    }
}
