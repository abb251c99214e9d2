namespace Serverless.Storage.Tests.Conformance;

/// <summary>What every <see cref="IQueueStore"/> owes. Order of delivery is nobody's promise, so no test expects one.</summary>
public abstract class QueueStoreConformance : StoreConformance
{
    private static readonly TimeSpan _long = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan _second = TimeSpan.FromSeconds(1);

    /// <summary>Longer than a lease or delay of a second, even on a store that counts whole seconds.</summary>
    private static readonly TimeSpan _overASecond = TimeSpan.FromSeconds(2.1);

    [TestMethod]
    public async Task Receive_SentMessage_ComesWithItsBytesAndCountOne()
    {
        var body = Bytes(1000);
        await Queues.SendAsync(Queue, body, TimeSpan.Zero, Token);

        var message = (await ReceiveAsync(1, _long)).Single();

        CollectionAssert.AreEqual(body, message.Body.ToArray());
        Assert.AreEqual(1, message.DequeueCount);
        Assert.AreEqual(Queue, message.Receipt.Queue);
    }

    [TestMethod]
    [DataRow(0)]
    [DataRow(1)]
    [DataRow(StorageLimits.MaxMessageBytes)]
    public async Task Send_AnyLength_IsDeliveredByteForByte(int length)
    {
        var body = Bytes(length);
        await Queues.SendAsync(Queue, body, TimeSpan.Zero, Token);

        CollectionAssert.AreEqual(body, (await ReceiveAsync(1, _long)).Single().Body.ToArray());
    }

    [TestMethod]
    public async Task Send_TextAsBytes_IsDeliveredAsItIs()
    {
        var body = "{\"id\":\"é<>&\"}"u8.ToArray();
        await Queues.SendAsync(Queue, body, TimeSpan.Zero, Token);

        CollectionAssert.AreEqual(body, (await ReceiveAsync(1, _long)).Single().Body.ToArray());
    }

    [TestMethod]
    public async Task Send_CallersBufferIsReused_KeepsTheBytesOfTheCall()
    {
        var buffer = "before"u8.ToArray();
        await Queues.SendAsync(Queue, buffer, TimeSpan.Zero, Token);

        buffer.AsSpan().Clear();

        CollectionAssert.AreEqual("before"u8.ToArray(), (await ReceiveAsync(1, _long)).Single().Body.ToArray());
    }

    [TestMethod]
    public async Task Receive_ManyMessages_DeliversEachOnceWhileLeased()
    {
        for (byte number = 0; number < 40; number++)
        {
            await Queues.SendAsync(Queue, new[] { number }, TimeSpan.Zero, Token);
        }

        var received = await ReceiveAsync(40, _long);
        var more = await Queues.ReceiveAsync(Queue, 32, _long, Token);

        CollectionAssert.AreEqual(
            Enumerable.Range(0, 40).ToArray(), received.Select(message => (int)message.Body.Span[0]).Order().ToArray());
        Assert.IsEmpty(more);
    }

    [TestMethod]
    public async Task Receive_ManyReceiversAtOnce_NeverShareAMessage()
    {
        for (byte number = 0; number < 30; number++)
        {
            await Queues.SendAsync(Queue, new[] { number }, TimeSpan.Zero, Token);
        }

        var received = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => Task.Run(async () => await Queues.ReceiveAsync(Queue, 10, _long, Token), Token)));

        var bodies = received.SelectMany(messages => messages).Select(message => message.Body.Span[0]).ToArray();
        Assert.AreEqual(bodies.Length, bodies.Distinct().Count());
    }

    [TestMethod]
    public async Task Receive_NeverTakesMoreThanAskedFor()
    {
        for (var number = 0; number < 5; number++)
        {
            await Queues.SendAsync(Queue, default, TimeSpan.Zero, Token);
        }

        Assert.IsLessThanOrEqualTo(2, (await Queues.ReceiveAsync(Queue, 2, _long, Token)).Count);
    }

    [TestMethod]
    public async Task Send_WithDelay_IsInvisibleUntilThen()
    {
        await Queues.SendAsync(Queue, default, _second, Token);
        var early = await Queues.ReceiveAsync(Queue, 1, _long, Token);
        var count = await Queues.CountAsync(Queue, Token);

        await AdvanceAsync(_overASecond);

        Assert.IsEmpty(early);
        Assert.AreEqual(1, count);
        Assert.AreEqual(1, (await ReceiveAsync(1, _long)).Single().DequeueCount);
    }

    [TestMethod]
    public async Task Send_LongestDelay_IsAcceptedAndCounted()
    {
        await Queues.SendAsync(Queue, default, StorageLimits.MaxDelay, Token);

        Assert.AreEqual(1, await Queues.CountAsync(Queue, Token));
        Assert.IsEmpty(await Queues.ReceiveAsync(Queue, 1, _long, Token));
    }

    [TestMethod]
    public async Task Receive_AfterTheLease_DeliversAgainWithAHigherCountAndTheSameTimeOfSending()
    {
        await Queues.SendAsync(Queue, "again"u8.ToArray(), TimeSpan.Zero, Token);
        var first = (await ReceiveAsync(1, _second)).Single();
        await AdvanceAsync(_overASecond);

        var second = (await ReceiveAsync(1, _long)).Single();

        Assert.AreEqual(first.Receipt.MessageId, second.Receipt.MessageId);
        Assert.AreEqual(2, second.DequeueCount);
        Assert.AreEqual(first.Enqueued, second.Enqueued);
        CollectionAssert.AreEqual("again"u8.ToArray(), second.Body.ToArray());
    }

    [TestMethod]
    public async Task Delete_AfterSomebodyElseReceived_IsRefusedToTheFirstOnly()
    {
        await Queues.SendAsync(Queue, default, TimeSpan.Zero, Token);
        var first = (await ReceiveAsync(1, _second)).Single();
        await AdvanceAsync(_overASecond);
        var second = (await ReceiveAsync(1, _long)).Single();

        Assert.IsFalse(await Queues.DeleteAsync(first.Receipt, Token));
        Assert.IsNull(await Queues.PostponeAsync(first.Receipt, _long, Token));
        Assert.IsTrue(await Queues.DeleteAsync(second.Receipt, Token));
        Assert.AreEqual(0, await Queues.CountAsync(Queue, Token));
    }

    [TestMethod]
    public async Task Delete_AfterTheLeaseWhileNobodyElseReceived_StillDeletes()
    {
        await Queues.SendAsync(Queue, default, TimeSpan.Zero, Token);
        var first = (await ReceiveAsync(1, _second)).Single();
        await AdvanceAsync(_overASecond);

        Assert.IsTrue(await Queues.DeleteAsync(first.Receipt, Token));
    }

    [TestMethod]
    public async Task Delete_Twice_IsFalseTheSecondTime()
    {
        await Queues.SendAsync(Queue, default, TimeSpan.Zero, Token);
        var message = (await ReceiveAsync(1, _long)).Single();

        Assert.IsTrue(await Queues.DeleteAsync(message.Receipt, Token));
        Assert.IsFalse(await Queues.DeleteAsync(message.Receipt, Token));
        Assert.IsNull(await Queues.PostponeAsync(message.Receipt, _long, Token));
    }

    [TestMethod]
    public async Task Delete_BySenderBeforeItIsVisible_Deletes()
    {
        var receipt = await Queues.SendAsync(Queue, default, _long, Token);

        Assert.IsTrue(await Queues.DeleteAsync(receipt, Token));
        Assert.AreEqual(0, await Queues.CountAsync(Queue, Token));
    }

    [TestMethod]
    public async Task Delete_BySenderAfterItWasReceived_IsRefused()
    {
        var sent = await Queues.SendAsync(Queue, default, TimeSpan.Zero, Token);
        var received = (await ReceiveAsync(1, _long)).Single();

        Assert.IsFalse(await Queues.DeleteAsync(sent, Token));
        Assert.IsTrue(await Queues.DeleteAsync(received.Receipt, Token));
    }

    [TestMethod]
    public async Task Delete_OneOfManyReceivedTogether_LeavesTheOthers()
    {
        for (byte number = 0; number < 3; number++)
        {
            await Queues.SendAsync(Queue, new[] { number }, TimeSpan.Zero, Token);
        }

        var received = await ReceiveAsync(3, _long);
        Assert.IsTrue(await Queues.DeleteAsync(received[1].Receipt, Token));

        Assert.AreEqual(2, await Queues.CountAsync(Queue, Token));
        Assert.IsTrue(await Queues.DeleteAsync(received[0].Receipt, Token));
        Assert.IsTrue(await Queues.DeleteAsync(received[2].Receipt, Token));
    }

    [TestMethod]
    public async Task Postpone_ReturnsTheNewReceiptAndVoidsTheOld()
    {
        await Queues.SendAsync(Queue, "kept"u8.ToArray(), TimeSpan.Zero, Token);
        var received = (await ReceiveAsync(1, _long)).Single();

        var renewed = await Queues.PostponeAsync(received.Receipt, _long, Token);

        Assert.IsNotNull(renewed);
        Assert.IsFalse(await Queues.DeleteAsync(received.Receipt, Token));
        Assert.IsNull(await Queues.PostponeAsync(received.Receipt, _long, Token));
        Assert.IsTrue(await Queues.DeleteAsync(renewed.Value, Token));
    }

    [TestMethod]
    public async Task Postpone_ByZero_PutsTheMessageBackUnchanged()
    {
        await Queues.SendAsync(Queue, "kept"u8.ToArray(), TimeSpan.Zero, Token);
        var first = (await ReceiveAsync(1, _long)).Single();

        await Queues.PostponeAsync(first.Receipt, TimeSpan.Zero, Token);

        var second = (await ReceiveAsync(1, _long)).Single();
        Assert.AreEqual(2, second.DequeueCount);
        CollectionAssert.AreEqual("kept"u8.ToArray(), second.Body.ToArray());
    }

    [TestMethod]
    public async Task Postpone_BeforeTheLeaseEnds_KeepsTheMessageHidden()
    {
        await Queues.SendAsync(Queue, default, TimeSpan.Zero, Token);
        var received = (await ReceiveAsync(1, _second)).Single();
        var renewed = await Queues.PostponeAsync(received.Receipt, _long, Token);
        await AdvanceAsync(_overASecond);

        Assert.IsEmpty(await Queues.ReceiveAsync(Queue, 1, _long, Token));
        Assert.IsTrue(await Queues.DeleteAsync(renewed!.Value, Token));
    }

    [TestMethod]
    public async Task Postpone_BySenderOfADelayedMessage_Moves()
    {
        var sent = await Queues.SendAsync(Queue, default, _long, Token);

        var moved = await Queues.PostponeAsync(sent, TimeSpan.Zero, Token);

        Assert.IsNotNull(moved);
        Assert.AreEqual(1, (await ReceiveAsync(1, _long)).Single().DequeueCount);
        Assert.IsNull(await Queues.PostponeAsync(moved.Value, _long, Token));
    }

    [TestMethod]
    public async Task Create_Twice_KeepsTheMessages()
    {
        await Queues.SendAsync(Queue, default, TimeSpan.Zero, Token);

        await Queues.CreateAsync(Queue, Token);

        Assert.AreEqual(1, await Queues.CountAsync(Queue, Token));
    }

    [TestMethod]
    public async Task Count_MissingQueue_IsNull() => Assert.IsNull(await Queues.CountAsync(Queue + "-never", Token));

    [TestMethod]
    public async Task Send_MissingQueue_SaysThatThereIsNone()
    {
        var failure = await Assert.ThrowsExactlyAsync<StorageException>(
            async () => await Queues.SendAsync(Queue + "-never", default, TimeSpan.Zero, Token));

        Assert.AreEqual(StorageOutcome.NoSuchQueue, failure.Outcome);
    }

    [TestMethod]
    public async Task Receive_MissingQueue_Fails() => await Assert.ThrowsExactlyAsync<StorageException>(
        async () => await Queues.ReceiveAsync(Queue + "-never", 1, _long, Token));

    [TestMethod]
    public async Task Delete_OfAMissingQueueOrMessage_IsFalse()
    {
        var sent = await Queues.SendAsync(Queue, default, TimeSpan.Zero, Token);

        Assert.IsFalse(await Queues.DeleteAsync(sent with { Queue = Queue + "-never" }, Token));
        Assert.IsNull(await Queues.PostponeAsync(sent with { Queue = Queue + "-never" }, _long, Token));
    }

    [TestMethod]
    public async Task Send_TooLarge_IsRefused() => await Assert.ThrowsAsync<ArgumentException>(
        async () => await Queues.SendAsync(Queue, new byte[StorageLimits.MaxMessageBytes + 1], TimeSpan.Zero, Token));

    [TestMethod]
    public async Task SendAndPostpone_DelayOutOfRange_AreRefused()
    {
        var receipt = await Queues.SendAsync(Queue, default, TimeSpan.Zero, Token);
        foreach (var delay in new[] { TimeSpan.FromTicks(-1), StorageLimits.MaxDelay + TimeSpan.FromSeconds(1) })
        {
            await Assert.ThrowsAsync<ArgumentException>(async () => await Queues.SendAsync(Queue, default, delay, Token));
            await Assert.ThrowsAsync<ArgumentException>(async () => await Queues.PostponeAsync(receipt, delay, Token));
        }
    }

    [TestMethod]
    public async Task Receive_CountOrLeaseOutOfRange_IsRefused()
    {
        foreach (var (max, lease) in new[] { (0, _long), (StorageLimits.MaxReceive + 1, _long), (1, TimeSpan.FromSeconds(0.9)), (1, StorageLimits.MaxDelay + _second) })
        {
            await Assert.ThrowsAsync<ArgumentException>(async () => await Queues.ReceiveAsync(Queue, max, lease, Token));
        }
    }
}
