namespace Serverless.Storage.Tests.Conformance;

/// <summary>What every <see cref="IHubStore"/> owes for its life cycle.</summary>
public abstract class HubStoreConformance : StoreConformance
{
    /// <summary>A store of a hub that no other test uses: it is destroyed here. The same as the others', unless they share a hub.</summary>
    private protected virtual Task<IHubStore> CreateDisposableHubAsync() => CreateStoreAsync();

    [TestMethod]
    public async Task Initialize_Again_KeepsWhatIsThere()
    {
        await MustCommitAsync(RowOperation.Insert("head", "kept"u8.ToArray()));
        await Queues.SendAsync(Queue, default, TimeSpan.Zero, Token);
        await Blobs.PutAsync($"{Partition}/a", default, Token);

        await Store.InitializeAsync([Queue, Queue + "-2"], Token);

        Assert.HasCount(1, await ReadAsync());
        Assert.AreEqual(1, await Queues.CountAsync(Queue, Token));
        Assert.AreEqual(0, await Queues.CountAsync(Queue + "-2", Token));
        Assert.IsNotNull(await Blobs.GetAsync($"{Partition}/a", Token));
    }

    [TestMethod]
    public async Task Initialize_ManyAtOnce_AllSucceed()
    {
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(async () => await Store.InitializeAsync([Queue + "-a", Queue + "-b"], Token), Token)));

        Assert.AreEqual(0, await Queues.CountAsync(Queue + "-a", Token));
        Assert.AreEqual(0, await Queues.CountAsync(Queue + "-b", Token));
    }

    [TestMethod]
    public async Task Destroy_LeavesNoQueueAndRefusesWork()
    {
        await using var store = await CreateDisposableHubAsync();
        await store.InitializeAsync([Queue], Token);
        await store.Rows.CommitAsync(RowTable.Workflows, Partition, [RowOperation.Insert("head", default)], Token);
        await store.Queues.SendAsync(Queue, default, TimeSpan.Zero, Token);

        await store.DestroyAsync(Token);

        Assert.IsNull(await store.Queues.CountAsync(Queue, Token));
        await Assert.ThrowsExactlyAsync<StorageException>(async () => await store.Queues.SendAsync(Queue, default, TimeSpan.Zero, Token));
        await Assert.ThrowsExactlyAsync<StorageException>(
            async () => await store.Rows.QueryAsync(new RowQuery(RowTable.Workflows, Partition, "", null), Token));
    }

    [TestMethod]
    public void Description_TellsPeopleWhichStoreItIs() => Assert.IsFalse(string.IsNullOrWhiteSpace(Store.Description));

    [TestMethod]
    public async Task Calls_WithACancelledToken_AreCancelled()
    {
        var cancelled = new CancellationToken(canceled: true);

        await Assert.ThrowsAsync<OperationCanceledException>(
            async () => await Rows.CommitAsync(RowTable.Workflows, Partition, [RowOperation.Insert("head", default)], cancelled));
        await Assert.ThrowsAsync<OperationCanceledException>(
            async () => await Rows.QueryAsync(new RowQuery(RowTable.Workflows, Partition, "", null), cancelled));
        await Assert.ThrowsAsync<OperationCanceledException>(async () => await Queues.SendAsync(Queue, default, TimeSpan.Zero, cancelled));
        await Assert.ThrowsAsync<OperationCanceledException>(async () => await Queues.ReceiveAsync(Queue, 1, TimeSpan.FromSeconds(1), cancelled));
        await Assert.ThrowsAsync<OperationCanceledException>(async () => await Blobs.PutAsync($"{Partition}/a", default, cancelled));
        Assert.IsEmpty(await ReadAsync());
        Assert.AreEqual(0, await Queues.CountAsync(Queue, Token));
    }
}
