using Microsoft.Extensions.Time.Testing;
using Serverless.Engine;
using Serverless.Storage.Memory;

namespace Serverless.Tests.Engine;

/// <summary>How long a message is surely kept from others, and what a commit needs that has no such message behind it.</summary>
[TestClass]
public sealed class MessageHoldTests
{
    private readonly FakeTimeProvider _time = new();

    [TestMethod]
    public void IsSure_UntilTheGrantedTimeIsOver_CountedFromTheRequest()
    {
        var hold = new MessageHold(_time);
        Assert.IsFalse(hold.IsSure);

        var asked = hold.Now;
        _time.Advance(TimeSpan.FromSeconds(20));
        hold.Granted(asked, TimeSpan.FromSeconds(30));
        _time.Advance(TimeSpan.FromSeconds(9));
        Assert.IsTrue(hold.IsSure);
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.IsFalse(hold.IsSure);
    }

    [TestMethod]
    public void IsSure_OthersHaveTheMessage_False()
    {
        var hold = new MessageHold(_time);
        hold.Granted(hold.Now, TimeSpan.FromSeconds(30));
        hold.Granted(hold.Now, TimeSpan.Zero);
        Assert.IsFalse(hold.IsSure);
    }

    [TestMethod]
    [DataRow(true, 0)]
    [DataRow(false, 1)]
    public async Task Commit_has_a_message_sent_before_unless_its_own_is_surely_there(bool isSure, int expected)
    {
        var sent = 0;
        var store = new Serverless.Storage.Memory.FaultyHubStore(new MemoryHubStore(_time), call =>
        {
            sent += call is { Operation: StorageOperation.SendMessage, Target: QueueNames.Timers } ? 1 : 0;
            return StorageFault.None;
        });
        await using var host = new EngineHost([typeof(Hello)], store: store, time: _time);
        host.PinnedOnly = true;
        await host.StartAsync("Hello", "w", false, "you");
        var message = (await store.Queues.ReceiveAsync(QueueNames.Workflows, 1, TimeSpan.FromSeconds(30), default)).Single();
        var hold = new MessageHold(_time);
        hold.Granted(hold.Now, isSure ? TimeSpan.FromMinutes(1) : TimeSpan.Zero);

        await host.Engine.Handlers.HandleWorkflowAsync(new QueueDelivery(message.Body, 1, false) { Hold = hold }, default).WaitAsync(TimeSpan.FromSeconds(20));

        Assert.AreEqual("Hello you", await host.ResultAsync<string>("w"));
        Assert.AreEqual(expected, sent);
    }
}
