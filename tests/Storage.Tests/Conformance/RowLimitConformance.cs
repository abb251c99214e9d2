namespace Serverless.Storage.Tests.Conformance;

/// <summary>What every <see cref="IRowStore"/> accepts up to its limits and refuses beyond them.</summary>
public abstract class RowLimitConformance : StoreConformance
{
    [TestMethod]
    [DataRow(0)]
    [DataRow(1)]
    [DataRow(64 * 1024)]
    [DataRow((64 * 1024) + 1)]
    [DataRow(StorageLimits.MaxRowBytes)]
    public async Task Insert_BinaryData_IsReadBackByteForByte(int length)
    {
        var data = Bytes(length);
        await MustCommitAsync(RowOperation.Insert("row", data));

        CollectionAssert.AreEqual(data, (await ReadAsync()).Single().Data.ToArray());
    }

    [TestMethod]
    public async Task Replace_WithLess_LeavesNothingOfTheOld()
    {
        var tags = await MustCommitAsync(RowOperation.Insert("row", Bytes(200_000)));
        await MustCommitAsync(RowOperation.Replace("row", Bytes(10, seed: 2), tags[0]!));

        CollectionAssert.AreEqual(Bytes(10, seed: 2), (await ReadAsync()).Single().Data.ToArray());
    }

    [TestMethod]
    public async Task Commit_MostOperations_AppliesAll()
    {
        await MustCommitAsync([.. Enumerable.Range(0, StorageLimits.MaxOperations).Select(number => RowOperation.Insert($"k{number:D3}", Bytes(20, number)))]);

        var rows = await ReadAsync();
        Assert.HasCount(StorageLimits.MaxOperations, rows);
        CollectionAssert.AreEqual(Bytes(20, 42), rows[42].Data.ToArray());
    }

    [TestMethod]
    public async Task Commit_MostBytes_AppliesAll()
    {
        var each = (StorageLimits.MaxTransactionBytes - 40) / 4;
        await MustCommitAsync([.. Enumerable.Range(0, 4).Select(number => RowOperation.Insert($"k{number}", Bytes(each, number)))]);

        var rows = await ReadAsync();
        CollectionAssert.AreEqual(Bytes(each, 3), rows[3].Data.ToArray());
    }

    [TestMethod]
    public async Task Commit_LongestKeys_AreKept()
    {
        var key = new string('k', StorageLimits.MaxKeyLength);
        var partition = (Partition + new string('p', StorageLimits.MaxKeyLength))[..StorageLimits.MaxKeyLength];
        var outcome = await Rows.CommitAsync(RowTable.Workflows, partition, [RowOperation.Insert(key, default)], Token);

        Assert.IsTrue(outcome.Committed);
        Assert.AreEqual(key, (await ReadAsync(partition: partition)).Single().Key);
    }

    [TestMethod]
    public Task Commit_NoOperation_IsRefused() => IsRefusedAsync();

    [TestMethod]
    public Task Commit_TooManyOperations_IsRefused() =>
        IsRefusedAsync([.. Enumerable.Range(0, StorageLimits.MaxOperations + 1).Select(number => RowOperation.Insert($"k{number:D3}", default))]);

    [TestMethod]
    public Task Commit_OneRowTwice_IsRefused() => IsRefusedAsync(RowOperation.Insert("k", default), RowOperation.Touch("k"));

    [TestMethod]
    public Task Commit_TooLargeRow_IsRefused() => IsRefusedAsync(RowOperation.Insert("k", new byte[StorageLimits.MaxRowBytes + 1]));

    [TestMethod]
    public Task Commit_TooManyBytes_IsRefused() =>
        IsRefusedAsync([.. Enumerable.Range(0, 4).Select(number => RowOperation.Insert($"k{number}", new byte[StorageLimits.MaxTransactionBytes / 4]))]);

    [TestMethod]
    public Task Replace_WithoutATag_IsRefused() => IsRefusedAsync(RowOperation.Replace("k", default, ""));

    [TestMethod]
    [DataRow("a/b")]
    [DataRow("a\\b")]
    [DataRow("a#b")]
    [DataRow("a?b")]
    [DataRow("a\tb")]
    [DataRow("a\u007fb")]
    [DataRow("a\u0085b")]
    [DataRow("")]
    public async Task Commit_ForbiddenKey_IsRefused(string key)
    {
        await IsRefusedAsync(RowOperation.Insert(key, default));
        await Assert.ThrowsAsync<ArgumentException>(
            async () => await Rows.CommitAsync(RowTable.Workflows, key, [RowOperation.Insert("k", default)], Token));
    }

    [TestMethod]
    public async Task Commit_TooLongKey_IsRefused()
    {
        var key = new string('k', StorageLimits.MaxKeyLength + 1);
        await IsRefusedAsync(RowOperation.Insert(key, default));
        await Assert.ThrowsAsync<ArgumentException>(
            async () => await Rows.CommitAsync(RowTable.Workflows, key, [RowOperation.Insert("k", default)], Token));
    }

    [TestMethod]
    [DataRow(0)]
    [DataRow(-1)]
    [DataRow(StorageLimits.MaxPageRows + 1)]
    public async Task Query_LimitOutOfRange_IsRefused(int limit) => await Assert.ThrowsAsync<ArgumentException>(
        async () => await Rows.QueryAsync(new RowQuery(RowTable.Workflows, Partition, "", null, limit), Token));

    private async Task IsRefusedAsync(params RowOperation[] operations)
    {
        await Assert.ThrowsAsync<ArgumentException>(() => CommitAsync(operations));
        Assert.IsEmpty(await ReadAsync());
    }
}
