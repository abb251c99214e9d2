namespace Serverless.Storage.Tests.Conformance;

/// <summary>What every <see cref="IRowStore"/> owes for single transactions: conditions, tags, atomicity.</summary>
public abstract class RowStoreConformance : StoreConformance
{
    [TestMethod]
    public async Task Insert_NewRow_IsReadBackWithItsTag()
    {
        var tags = await MustCommitAsync(RowOperation.Insert("head", "one"u8.ToArray()));

        var row = (await ReadAsync()).Single();
        Assert.AreEqual("head", row.Key);
        Assert.AreEqual(tags[0], row.Tag);
        CollectionAssert.AreEqual("one"u8.ToArray(), row.Data.ToArray());
    }

    [TestMethod]
    public async Task Insert_ExistingRow_ConflictsAndKeepsTheRow()
    {
        var tags = await MustCommitAsync(RowOperation.Insert("head", "one"u8.ToArray()));

        await MustConflictAsync(RowOperation.Insert("head", "two"u8.ToArray()));

        await AssertOnlyRowAsync("head", "one"u8.ToArray(), tags[0]);
    }

    [TestMethod]
    public async Task Replace_CurrentTag_ChangesDataAndTag()
    {
        var first = await MustCommitAsync(RowOperation.Insert("head", "one"u8.ToArray()));

        var second = await MustCommitAsync(RowOperation.Replace("head", "two"u8.ToArray(), first[0]!));

        Assert.AreNotEqual(first[0], second[0]);
        await AssertOnlyRowAsync("head", "two"u8.ToArray(), second[0]);
    }

    [TestMethod]
    public async Task Replace_StaleTag_Conflicts()
    {
        var first = await MustCommitAsync(RowOperation.Insert("head", "one"u8.ToArray()));
        var second = await MustCommitAsync(RowOperation.Replace("head", "two"u8.ToArray(), first[0]!));

        await MustConflictAsync(RowOperation.Replace("head", "three"u8.ToArray(), first[0]!));

        await AssertOnlyRowAsync("head", "two"u8.ToArray(), second[0]);
    }

    [TestMethod]
    public async Task Replace_MissingRow_Conflicts()
    {
        var first = await MustCommitAsync(RowOperation.Insert("head", "one"u8.ToArray()));
        await MustCommitAsync(RowOperation.Delete("head", null));

        await MustConflictAsync(RowOperation.Replace("head", "two"u8.ToArray(), first[0]!));

        Assert.IsEmpty(await ReadAsync());
    }

    [TestMethod]
    public async Task Replace_RowThatWasDeletedAndInsertedAgain_Conflicts()
    {
        var first = await MustCommitAsync(RowOperation.Insert("head", "one"u8.ToArray()));
        await MustCommitAsync(RowOperation.Delete("head", null));
        var again = await MustCommitAsync(RowOperation.Insert("head", "one"u8.ToArray()));

        await MustConflictAsync(RowOperation.Replace("head", "two"u8.ToArray(), first[0]!));

        Assert.AreNotEqual(first[0], again[0]);
    }

    [TestMethod]
    public async Task Replace_SameData_ChangesTheTag()
    {
        var first = await MustCommitAsync(RowOperation.Insert("head", "one"u8.ToArray()));

        var second = await MustCommitAsync(RowOperation.Replace("head", "one"u8.ToArray(), first[0]!));

        Assert.AreNotEqual(first[0], second[0]);
    }

    [TestMethod]
    public async Task Upsert_MissingOrExistingRow_Writes()
    {
        var first = await MustCommitAsync(RowOperation.Upsert("row", "one"u8.ToArray()));
        var second = await MustCommitAsync(RowOperation.Upsert("row", "two"u8.ToArray()));

        Assert.AreNotEqual(first[0], second[0]);
        await AssertOnlyRowAsync("row", "two"u8.ToArray(), second[0]);
    }

    [TestMethod]
    public async Task Delete_CurrentTag_RemovesTheRowAndReturnsNoTag()
    {
        var first = await MustCommitAsync(RowOperation.Insert("row", "one"u8.ToArray()));

        var deleted = await MustCommitAsync(RowOperation.Delete("row", first[0]));

        Assert.IsNull(deleted[0]);
        Assert.IsEmpty(await ReadAsync());
    }

    [TestMethod]
    public async Task Delete_StaleTag_Conflicts()
    {
        var first = await MustCommitAsync(RowOperation.Insert("row", "one"u8.ToArray()));
        await MustCommitAsync(RowOperation.Touch("row"));

        await MustConflictAsync(RowOperation.Delete("row", first[0]));

        Assert.HasCount(1, await ReadAsync());
    }

    [TestMethod]
    [DataRow(false, DisplayName = "without a tag")]
    [DataRow(true, DisplayName = "with the tag it had")]
    public async Task Delete_MissingRow_Conflicts(bool withTag)
    {
        var first = await MustCommitAsync(RowOperation.Insert("row", "one"u8.ToArray()));
        await MustCommitAsync(RowOperation.Delete("row", null));

        await MustConflictAsync(RowOperation.Delete("row", withTag ? first[0] : null));
    }

    [TestMethod]
    public async Task Touch_ExistingRow_KeepsDataAndChangesTag()
    {
        var first = await MustCommitAsync(RowOperation.Insert("gate", "open"u8.ToArray()));

        var touched = await MustCommitAsync(RowOperation.Touch("gate"));

        Assert.AreNotEqual(first[0], touched[0]);
        await AssertOnlyRowAsync("gate", "open"u8.ToArray(), touched[0]);
    }

    [TestMethod]
    public async Task Touch_MissingRow_RollsBackTheWholeTransaction()
    {
        await MustConflictAsync(RowOperation.Insert("in:1", "signal"u8.ToArray()), RowOperation.Touch("gate"));

        Assert.IsEmpty(await ReadAsync());
    }

    [TestMethod]
    public async Task Commit_LastConditionFails_ChangesNothing()
    {
        var tags = await MustCommitAsync(
            RowOperation.Insert("a", "a"u8.ToArray()), RowOperation.Insert("b", "b"u8.ToArray()), RowOperation.Insert("c", "c"u8.ToArray()));
        var before = await ReadAsync();

        await MustConflictAsync(
            RowOperation.Replace("a", "A"u8.ToArray(), tags[0]!),
            RowOperation.Delete("b", null),
            RowOperation.Touch("c"),
            RowOperation.Insert("d", "d"u8.ToArray()),
            RowOperation.Upsert("e", "e"u8.ToArray()),
            RowOperation.Replace("missing", "x"u8.ToArray(), tags[0]!));

        AssertSame(before, await ReadAsync());
    }

    [TestMethod]
    public async Task Commit_AllKindsAtOnce_AppliesAllAndReturnsATagPerOperation()
    {
        var tags = await MustCommitAsync(
            RowOperation.Insert("a", "a"u8.ToArray()), RowOperation.Insert("b", "b"u8.ToArray()), RowOperation.Insert("c", "c"u8.ToArray()));

        var after = await MustCommitAsync(
            RowOperation.Upsert("e", "e"u8.ToArray()),
            RowOperation.Delete("b", tags[1]),
            RowOperation.Touch("c"),
            RowOperation.Replace("a", "A"u8.ToArray(), tags[0]!),
            RowOperation.Insert("d", "d"u8.ToArray()));

        var rows = await ReadAsync();
        CollectionAssert.AreEqual(new[] { "a", "c", "d", "e" }, rows.Select(row => row.Key).ToArray());
        CollectionAssert.AreEqual(new[] { after[3], after[2], after[4], after[0] }, rows.Select(row => row.Tag).ToArray());
        Assert.IsNull(after[1]);
    }

    [TestMethod]
    public async Task Commit_ReturnedTags_AreGoodForTheNextCommit()
    {
        var tags = await MustCommitAsync(RowOperation.Insert("a", "0"u8.ToArray()), RowOperation.Insert("b", "0"u8.ToArray()));
        for (var round = 0; round < 5; round++)
        {
            tags = await MustCommitAsync(RowOperation.Replace("a", Bytes(10, round), tags[0]!), RowOperation.Replace("b", Bytes(20, round), tags[1]!));
        }

        await MustCommitAsync(RowOperation.Delete("a", tags[0]), RowOperation.Delete("b", tags[1]));

        Assert.IsEmpty(await ReadAsync());
    }

    [TestMethod]
    public async Task Commit_CallersBufferIsReused_KeepsTheBytesOfTheCall()
    {
        var buffer = "before"u8.ToArray();
        await MustCommitAsync(RowOperation.Insert("row", buffer));

        buffer.AsSpan().Clear();

        CollectionAssert.AreEqual("before"u8.ToArray(), (await ReadAsync()).Single().Data.ToArray());
    }

    [TestMethod]
    public async Task Commit_SameKeysElsewhere_AreOtherRows()
    {
        await MustCommitAsync(RowOperation.Insert("head", "here"u8.ToArray()));

        var otherPartition = await Rows.CommitAsync(RowTable.Workflows, Partition + "0", [RowOperation.Insert("head", default)], Token);
        var otherTable = await Rows.CommitAsync(RowTable.Timers, Partition, [RowOperation.Insert("head", default)], Token);

        Assert.IsTrue(otherPartition.Committed);
        Assert.IsTrue(otherTable.Committed);
        CollectionAssert.AreEqual("here"u8.ToArray(), (await ReadAsync()).Single().Data.ToArray());
        Assert.IsEmpty(await ReadAsync(table: RowTable.Visibility));
    }

    [TestMethod]
    public async Task Commit_ManyAtOnceOnOneTag_LetsExactlyOneWin()
    {
        var tags = await MustCommitAsync(RowOperation.Insert("head", "start"u8.ToArray()));

        var outcomes = await Task.WhenAll(Enumerable.Range(0, 16).Select(writer => Task.Run(
            () => CommitAsync(RowOperation.Replace("head", new[] { (byte)writer }, tags[0]!), RowOperation.Insert($"run:{writer:D2}", default)), Token)));

        var winner = Array.FindIndex(outcomes, outcome => outcome.Committed);
        Assert.AreEqual(1, outcomes.Count(outcome => outcome.Committed));
        var rows = await ReadAsync();
        CollectionAssert.AreEqual(new[] { "head", $"run:{winner:D2}" }, rows.Select(row => row.Key).ToArray());
        CollectionAssert.AreEqual(new[] { (byte)winner }, rows[0].Data.ToArray());
    }

    [TestMethod]
    public async Task Commit_ManyAtOnceInsertingOneKey_LetsExactlyOneWin()
    {
        var outcomes = await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => Task.Run(() => CommitAsync(RowOperation.Insert("head", default)), Token)));

        Assert.AreEqual(1, outcomes.Count(outcome => outcome.Committed));
    }

    [TestMethod]
    public async Task Written_GrowsFromWriteToWriteInAPartition()
    {
        var seen = new List<long>();
        for (var write = 0; write < 10; write++)
        {
            await MustCommitAsync(RowOperation.Upsert("row", new[] { (byte)write }));
            seen.Add((await ReadAsync()).Single().Written);
        }

        CollectionAssert.AreEqual(seen.Order().ToArray(), seen);
    }

    [TestMethod]
    public async Task Written_OfATouchedRow_IsNotBeforeThatOfRowsWrittenEarlier()
    {
        await MustCommitAsync(RowOperation.Insert("gate", default));
        await MustCommitAsync(RowOperation.Insert("in:1", default));
        await MustCommitAsync(RowOperation.Touch("gate"));

        var rows = await ReadAsync();

        Assert.IsGreaterThanOrEqualTo(rows[1].Written, rows[0].Written);
    }

    private async Task AssertOnlyRowAsync(string key, byte[] data, string? tag)
    {
        var row = (await ReadAsync()).Single();
        Assert.AreEqual(key, row.Key);
        Assert.AreEqual(tag, row.Tag);
        CollectionAssert.AreEqual(data, row.Data.ToArray());
    }

    private static void AssertSame(List<Row> expected, List<Row> actual)
    {
        CollectionAssert.AreEqual(
            expected.Select(row => (row.Key, row.Tag, row.Written, Convert.ToHexString(row.Data.Span))).ToArray(),
            actual.Select(row => (row.Key, row.Tag, row.Written, Convert.ToHexString(row.Data.Span))).ToArray());
    }
}
