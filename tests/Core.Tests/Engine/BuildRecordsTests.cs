using System.Text.RegularExpressions;
using Microsoft.Extensions.Time.Testing;
using Serverless.Api.Enums.V1;
using Serverless.Client;
using Serverless.Engine;
using Serverless.Storage.Memory;

namespace Serverless.Tests.Engine;

/// <summary>How builds are written: names of queues, messages, heads.</summary>
[TestClass]
public sealed partial class BuildRecordsTests
{
    private static readonly WorkflowHead Head = new()
    {
        RunNumber = 1, RunId = "r", FirstRunId = "r", WorkflowType = "T", Status = WorkflowExecutionStatus.Running, Started = new(2026, 11, 23, 0, 0, 0, TimeSpan.Zero), CommitId = "c",
    };

    [TestMethod]
    [DataRow("a1b2c3d", "workflows-a1b2c3d")]
    [DataRow("release-7", "workflows-release-7")]
    [DataRow("123456789012345", "workflows-123456789012345")]
    public void WorkflowsOf_PlainBuild_IsNamedAsItIs(string build, string queue)
    {
        Assert.IsTrue(QueueNames.IsPlainBuild(build));
        Assert.AreEqual(queue, QueueNames.WorkflowsOf(build));
    }

    [TestMethod]
    public void WorkflowsOf_AnyBuild_IsAValidNameOfItsOwn()
    {
        string[] builds =
        [
            "v1.0", "V1.0", "v1_0", "1.0.0+4f2a9c", "4f2a9c0d1e2f3a4b5c6d7e8f9a0b1c2d3e4f5a6b", "poison", "a-poison", "-a", "a-", "a--b", "ä", "💥", " ", "1234567890123456",
            "abcdef-01234567", new string('x', 100), "a", "b1",
        ];
        var queues = builds.Select(QueueNames.WorkflowsOf).ToList();

        Assert.HasCount(builds.Length, queues.Distinct().ToList());
        foreach (var queue in queues)
        {
            Assert.IsTrue(Valid().IsMatch(queue), queue);
            Assert.IsLessThanOrEqualTo(63, "thirtycharactersforthehubsname".Length + 1 + queue.Length + "-poison".Length, queue);
            Assert.IsFalse(queues.Contains(PoisonSweep.PoisonOf(queue)) || queue == PoisonSweep.PoisonOf(QueueNames.Workflows), queue);
        }
    }

    [TestMethod]
    public void Message_KeepsItsBuild_AndOlderOnesHaveNone()
    {
        var message = new WorkMessage(WorkKind.Timer, "t", "w") { RunId = "r", EventId = 7 };

        Assert.AreEqual(message, WorkMessage.Decode(message.Encode()));
        foreach (var with in (WorkMessage[])[message with { BuildId = "b1" }, message with { BuildId = "b1", HandedOver = true }, message with { HandedOver = true }])
        {
            Assert.AreEqual(with, WorkMessage.Decode(with.Encode()));
            Assert.IsTrue(with.Encode().AsSpan().StartsWith(message.Encode()));
        }
    }

    [TestMethod]
    public void Head_KeepsItsBuild_AndOlderOnesHaveNone()
    {
        var blocked = Head with { Blocked = new BlockedNote("c", "m", Head.Started, 1, Head.Started), BlockedBy = "p" };

        foreach (var head in (WorkflowHead[])[Head, blocked])
        {
            Assert.IsNull(WorkflowHead.Decode(head.Encode()).PinnedBuildId);
            var pinned = WorkflowHead.Decode((head with { PinnedBuildId = "b1" }).Encode());
            Assert.AreEqual("b1", pinned.PinnedBuildId);
            Assert.AreEqual(head.Blocked, pinned.Blocked);
            Assert.IsTrue((head with { PinnedBuildId = "b1" }).Encode().AsSpan().StartsWith(head.Encode()));
        }
    }

    [TestMethod]
    [DataRow(null, false, "workflows")]
    [DataRow("own", false, "workflows")]
    [DataRow("own", true, "workflows-own")]
    [DataRow("other", false, "workflows-other")]
    [DataRow("other", true, "workflows-other")]
    public async Task Nudge_GoesWhereAProcessOfItsBuildTakesIt(string? build, bool pinnedOnly, string queue)
    {
        var time = new FakeTimeProvider();
        var store = new MemoryHubStore(time);
        await store.InitializeAsync(WorkflowEngine.Queues, default);
        var ids = new IdSource(time, new Random(1));
        var nudges = new Nudges(EngineHost.Options with { BuildId = "own", PinnedOnly = pinnedOnly }, store, new StorageRetry(time, ids), ids);

        await nudges.SendAsync(nudges.About("w", build), default);

        Assert.AreEqual(1, await store.Queues.CountAsync(queue, default));
    }

    [GeneratedRegex("^[a-z0-9]+(-[a-z0-9]+)*$")]
    private static partial Regex Valid();
}
