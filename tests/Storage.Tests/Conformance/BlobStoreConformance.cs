namespace Serverless.Storage.Tests.Conformance;

/// <summary>What every <see cref="IBlobStore"/> owes.</summary>
public abstract class BlobStoreConformance : StoreConformance
{
    [TestMethod]
    [DataRow(0)]
    [DataRow(1)]
    [DataRow(3_000_000)]
    public async Task Get_StoredBlob_ReturnsItsBytes(int length)
    {
        var data = Bytes(length);
        await Blobs.PutAsync($"{Partition}/1/input", data, Token);

        CollectionAssert.AreEqual(data, (await Blobs.GetAsync($"{Partition}/1/input", Token))!.Value.ToArray());
    }

    [TestMethod]
    public async Task Get_MissingBlob_IsNull() => Assert.IsNull(await Blobs.GetAsync($"{Partition}/1/never", Token));

    [TestMethod]
    public async Task Put_NameInUse_KeepsTheFirstBytes()
    {
        await Blobs.PutAsync($"{Partition}/1/a", "first"u8.ToArray(), Token);

        await Blobs.PutAsync($"{Partition}/1/a", "second"u8.ToArray(), Token);

        CollectionAssert.AreEqual("first"u8.ToArray(), (await Blobs.GetAsync($"{Partition}/1/a", Token))!.Value.ToArray());
    }

    [TestMethod]
    public async Task Put_ManyAtOnceUnderOneName_LeavesTheBytesOfOneOfThem()
    {
        await Task.WhenAll(Enumerable.Range(0, 8).Select(writer => Task.Run(
            async () => await Blobs.PutAsync($"{Partition}/1/a", Bytes(1000, writer), Token), Token)));

        var stored = (await Blobs.GetAsync($"{Partition}/1/a", Token))!.Value.ToArray();
        Assert.AreEqual(1, Enumerable.Range(0, 8).Count(writer => Bytes(1000, writer).AsSpan().SequenceEqual(stored)));
    }

    [TestMethod]
    public async Task List_FolderWhoseNameBeginsAnother_LeavesTheOtherOut()
    {
        await Blobs.PutAsync($"{Partition}/order-1/a", default, Token);
        await Blobs.PutAsync($"{Partition}/order-1/run/b", default, Token);
        await Blobs.PutAsync($"{Partition}/order-10/c", default, Token);
        await Blobs.PutAsync($"{Partition}/order-1-x/d", default, Token);

        CollectionAssert.AreEquivalent(new[] { $"{Partition}/order-1/a", $"{Partition}/order-1/run/b" }, await ListAsync($"{Partition}/order-1/"));
        Assert.HasCount(4, await ListAsync($"{Partition}/"));
    }

    [TestMethod]
    public async Task List_EmptyPrefix_FindsAllInOrder()
    {
        string[] names = [$"{Partition}/b/1", $"{Partition}/a/1", $"{Partition}-x/1", $"{Partition}/a/10"];
        foreach (var name in names)
        {
            await Blobs.PutAsync(name, default, Token);
        }

        CollectionAssert.AreEqual(names.Order(StringComparer.Ordinal).ToArray(), (await ListAsync("")).Where(n => n.StartsWith(Partition, StringComparison.Ordinal)).ToArray());
    }

    [TestMethod]
    public async Task List_NothingThere_IsEmpty() => Assert.IsEmpty(await ListAsync($"{Partition}/never/"));

    [TestMethod]
    [DataRow("order")]
    [DataRow("order-1")]
    public async Task List_PrefixWithoutSlash_IsRefused(string prefix) =>
        await Assert.ThrowsAsync<ArgumentException>(async () => await Blobs.ListAsync(prefix, null, Token));

    [TestMethod]
    public async Task Delete_StoredBlob_LeavesItsNeighbours()
    {
        await Blobs.PutAsync($"{Partition}/1/a", default, Token);
        await Blobs.PutAsync($"{Partition}/1/ab", default, Token);

        await Blobs.DeleteAsync($"{Partition}/1/a", Token);

        Assert.IsNull(await Blobs.GetAsync($"{Partition}/1/a", Token));
        CollectionAssert.AreEqual(new[] { $"{Partition}/1/ab" }, await ListAsync($"{Partition}/1/"));
    }

    [TestMethod]
    public async Task Delete_MissingBlob_IsNoError()
    {
        await Blobs.DeleteAsync($"{Partition}/1/never", Token);

        Assert.IsEmpty(await ListAsync($"{Partition}/"));
    }

    [TestMethod]
    public async Task Put_AfterDelete_StoresTheNewBytes()
    {
        await Blobs.PutAsync($"{Partition}/1/a", "first"u8.ToArray(), Token);
        await Blobs.DeleteAsync($"{Partition}/1/a", Token);

        await Blobs.PutAsync($"{Partition}/1/a", "second"u8.ToArray(), Token);

        CollectionAssert.AreEqual("second"u8.ToArray(), (await Blobs.GetAsync($"{Partition}/1/a", Token))!.Value.ToArray());
    }

    private async Task<List<string>> ListAsync(string prefix)
    {
        var names = new List<string>();
        string? continuation = null;
        do
        {
            (var page, continuation) = await Blobs.ListAsync(prefix, continuation, Token);
            names.AddRange(page);
        }
        while (continuation is not null);
        return names;
    }
}
