namespace Serverless.Storage.Tests.Conformance;

/// <summary>What every <see cref="IRowStore"/> owes for reading: order, ranges, pages, scans.</summary>
public abstract class RowRangeConformance : StoreConformance
{
    [TestMethod]
    public async Task Query_MissingPartition_IsEmpty() => Assert.IsEmpty(await ReadAsync(partition: Partition + "-never"));

    [TestMethod]
    public async Task Query_AnyInsertionOrder_ReadsInOrdinalOrderOfKeys()
    {
        string[] keys = ["head", "gate", "in:01", "a b", "Z", "a", "_", "act:1:2", "in:1", "in:", "run:9", "run:10", "a'b", "a%20b", "é", "日本", "A"];
        await MustCommitAsync([.. keys.Select(key => RowOperation.Insert(key, default))]);

        CollectionAssert.AreEqual(keys.Order(StringComparer.Ordinal).ToArray(), await ReadKeysAsync());
    }

    [TestMethod]
    public async Task Query_Range_IncludesFromAndExcludesTo()
    {
        await MustCommitAsync([.. new[] { "a", "b", "b0", "c", "d" }.Select(key => RowOperation.Insert(key, default))]);

        CollectionAssert.AreEqual(new[] { "b", "b0", "c" }, await ReadKeysAsync("b", "d"));
        CollectionAssert.AreEqual(new[] { "a", "b" }, await ReadKeysAsync("", "b0"));
        CollectionAssert.AreEqual(new[] { "c", "d" }, await ReadKeysAsync("bx"));
        CollectionAssert.AreEqual(Array.Empty<string>(), await ReadKeysAsync("c", "c"));
    }

    [TestMethod]
    public async Task Query_PrefixRange_LeavesOutNeighbours()
    {
        await MustCommitAsync([.. new[] { "head", "in9", "in:", "in:1", "in:zz", "in;", "run:1" }.Select(key => RowOperation.Insert(key, default))]);

        CollectionAssert.AreEqual(new[] { "in:", "in:1", "in:zz" }, await ReadKeysAsync("in:", "in;"));
    }

    [TestMethod]
    [DataRow(1)]
    [DataRow(2)]
    [DataRow(7)]
    [DataRow(25)]
    [DataRow(1000)]
    public async Task Query_AnyLimit_PagesThroughTheRangeOnceAndInOrder(int limit)
    {
        var keys = Enumerable.Range(0, 25).Select(number => $"k{number:D3}").ToArray();
        await MustCommitAsync([.. keys.Select(key => RowOperation.Insert(key, default))]);

        CollectionAssert.AreEqual(keys, await ReadKeysAsync(limit: limit));
        CollectionAssert.AreEqual(keys[3..20], await ReadKeysAsync("k003", "k020", limit));
    }

    [TestMethod]
    public async Task Query_RowsAddedAndRemovedBetweenPages_NeitherRepeatsNorSkipsTheOthers()
    {
        var keys = Enumerable.Range(0, 20).Select(number => $"k{number:D3}").ToArray();
        await MustCommitAsync([.. keys.Select(key => RowOperation.Insert(key, default))]);
        var seen = new List<string>();
        string? continuation = null;
        var removed = false;
        do
        {
            var page = await Rows.QueryAsync(new RowQuery(RowTable.Workflows, Partition, "", null, 4, continuation), Token);
            seen.AddRange(page.Rows.Select(row => row.Key));
            continuation = page.Continuation;
            if (!removed && seen.Count > 0)
            {
                removed = true;
                await MustCommitAsync(RowOperation.Delete(seen[^1], null), RowOperation.Delete("k010", null), RowOperation.Insert("a", default));
            }
        }
        while (continuation is not null);

        CollectionAssert.AreEqual(keys.Where(key => key != "k010").ToArray(), seen);
    }

    [TestMethod]
    public async Task Query_WhileTransactionsReplaceTwoRows_SeesBothOldOrBothNew()
    {
        await MustCommitAsync(RowOperation.Insert("a", new byte[] { 0 }), RowOperation.Insert("b", new byte[] { 0 }));
        using var reading = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var writer = Task.Run(
            async () =>
            {
                for (byte round = 1; round <= 50; round++)
                {
                    await MustCommitAsync(RowOperation.Upsert("a", new[] { round }), RowOperation.Upsert("b", new[] { round }));
                }
            },
            Token);

        var torn = 0;
        while (!writer.IsCompleted)
        {
            var page = await Rows.QueryAsync(new RowQuery(RowTable.Workflows, Partition, "", null), Token);
            torn += page.Rows.Count == 2 && page.Rows[0].Data.Span[0] != page.Rows[1].Data.Span[0] ? 1 : 0;
        }

        await writer;
        Assert.AreEqual(0, torn);
    }

    [TestMethod]
    public async Task Scan_FindsTheRowsOfAllPartitionsInOrder()
    {
        string[] partitions = [Partition + "-1", Partition + "-10", Partition + "-2"];
        foreach (var partition in partitions)
        {
            await Rows.CommitAsync(RowTable.Timers, partition, [RowOperation.Insert("b", Bytes(3)), RowOperation.Insert("a", Bytes(4))], Token);
        }

        var mine = (await ScanAsync(Partition)).Where(entry => entry.Partition.StartsWith(Partition, StringComparison.Ordinal)).ToArray();

        CollectionAssert.AreEqual(
            partitions.SelectMany(partition => new[] { (partition, "a", 4), (partition, "b", 3) }).ToArray(),
            mine.Select(entry => (entry.Partition, entry.Row.Key, entry.Row.Data.Length)).ToArray());
    }

    [TestMethod]
    public async Task Scan_FromAPartition_StartsThere()
    {
        foreach (var partition in new[] { Partition + "-1", Partition + "-2" })
        {
            await Rows.CommitAsync(RowTable.Timers, partition, [RowOperation.Insert("a", default)], Token);
        }

        var found = await ScanAsync(Partition + "-2");

        Assert.IsTrue(found.Exists(entry => entry.Partition == Partition + "-2"));
        Assert.IsFalse(found.Exists(entry => entry.Partition == Partition + "-1"));
    }

    [TestMethod]
    public async Task Scan_MoreRowsThanAPage_FindsAll()
    {
        const int Transactions = 11;
        for (var transaction = 0; transaction < Transactions; transaction++)
        {
            await Rows.CommitAsync(
                RowTable.Visibility, $"{Partition}-{transaction % 3}", [.. Enumerable.Range(0, 100).Select(row => RowOperation.Insert($"{transaction:D2}-{row:D2}", default))], Token);
        }

        var found = (await ScanAsync(Partition, RowTable.Visibility)).Where(entry => entry.Partition.StartsWith(Partition, StringComparison.Ordinal)).ToList();

        Assert.HasCount(Transactions * 100, found);
        Assert.AreEqual(Transactions * 100, found.Select(entry => (entry.Partition, entry.Row.Key)).Distinct().Count());
    }

    private async Task<List<(string Partition, Row Row)>> ScanAsync(string? fromPartition, RowTable table = RowTable.Timers)
    {
        var rows = new List<(string, Row)>();
        string? continuation = null;
        do
        {
            var page = await Rows.ScanAsync(table, fromPartition, continuation, Token);
            rows.AddRange(page.Rows);
            continuation = page.Continuation;
        }
        while (continuation is not null);
        return rows;
    }
}
