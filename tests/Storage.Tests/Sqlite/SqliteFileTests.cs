using System.Text;
using Microsoft.Data.Sqlite;
using Serverless.Storage.Sqlite;

namespace Serverless.Storage.Tests.Sqlite;

/// <summary>What the file does beyond the contract: it lasts, it groups commits, it can be shared, and it says what is wrong with it.</summary>
[TestClass]
public sealed class SqliteFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public TestContext TestContext { get; set; } = null!;

    public void Dispose() => _folder.Dispose();

    [TestMethod]
    public async Task Reopen_KeepsRowsMessagesBlobsAndTheirRights()
    {
        string tag;
        MessageReceipt receipt;
        await using (var store = await OpenAsync())
        {
            tag = (await CommitAsync(store, RowOperation.Insert("head", "kept"u8.ToArray()))).Tags[0]!;
            receipt = await store.Queues.SendAsync("work", "kept"u8.ToArray(), TimeSpan.FromDays(1), TestContext.CancellationToken);
            await store.Blobs.PutAsync("p/1/a", "kept"u8.ToArray(), TestContext.CancellationToken);
        }

        await using var again = await OpenAsync();

        var row = (await again.Rows.QueryAsync(new RowQuery(RowTable.Workflows, "p", "", null), TestContext.CancellationToken)).Rows.Single();
        Assert.AreEqual("kept", Encoding.UTF8.GetString(row.Data.Span));
        Assert.AreEqual("kept", Encoding.UTF8.GetString((await again.Blobs.GetAsync("p/1/a", TestContext.CancellationToken))!.Value.Span));
        Assert.IsTrue((await CommitAsync(again, RowOperation.Replace("head", default, tag))).Committed);
        Assert.IsTrue(await again.Queues.DeleteAsync(receipt, TestContext.CancellationToken));
    }

    [TestMethod]
    public async Task AnsweredCommit_IsInTheFileBeforeTheStoreIsClosed()
    {
        await using var store = await OpenAsync();
        await CommitAsync(store, RowOperation.Insert("head", "kept"u8.ToArray()));

        // What another process would find if this one died now.
        File.Copy(_folder.File(), _folder.File("copy.db"));
        File.Copy(_folder.File() + "-wal", _folder.File("copy.db-wal"));
        await using var copy = new SqliteHubStore(_folder.File("copy.db"), TimeProvider.System);

        var page = await copy.Rows.QueryAsync(new RowQuery(RowTable.Workflows, "p", "", null), TestContext.CancellationToken);
        Assert.AreEqual("head", page.Rows.Single().Key);
    }

    [TestMethod]
    public async Task ConcurrentCommits_ShareFlushesAndKeepTheirOwnOutcomes()
    {
        await using var store = await OpenAsync();
        await CommitAsync(store, RowOperation.Insert("taken", default));
        var before = store.Groups;

        var outcomes = await Task.WhenAll(Enumerable.Range(0, 2000).Select(async number => await CommitAsync(
            store, RowOperation.Insert($"k{number:D4}", default), RowOperation.Insert(number % 2 == 0 ? $"own{number:D4}" : "taken", default))));

        Assert.IsTrue(outcomes.Index().All(entry => entry.Item.Committed == (entry.Index % 2 == 0)));
        Assert.IsLessThan(1000, store.Groups - before);
        var scan = await store.Rows.ScanAsync(RowTable.Workflows, null, null, TestContext.CancellationToken);
        Assert.HasCount(StorageLimits.MaxPageRows, scan.Rows);
        Assert.IsFalse(scan.Rows.Any(entry => entry.Row.Key.StartsWith('k') && int.Parse(entry.Row.Key[1..], null) % 2 == 1));
    }

    [TestMethod]
    public async Task WriteThatSqliteRefuses_FailsAloneInItsGroup()
    {
        await using var other = await OpenAsync();
        using var file = new SqliteFile(_folder.File());
        using var blocker = new ManualResetEventSlim();
        var first = file.WriteAsync(
            _ =>
            {
                blocker.Wait(TestContext.CancellationToken);
                return 0;
            },
            TestContext.CancellationToken);
        var good = file.WriteAsync(session => session.Execute("INSERT INTO queues VALUES ('before')"), TestContext.CancellationToken);
        var bad = file.WriteAsync(session => session.Execute("INSERT INTO nowhere VALUES (1)"), TestContext.CancellationToken);
        var alsoGood = file.WriteAsync(session => session.Execute("INSERT INTO queues VALUES ('after')"), TestContext.CancellationToken);
        blocker.Set();

        await first;
        Assert.AreEqual(1, await good);
        Assert.AreEqual(1, await alsoGood);
        var failure = await Assert.ThrowsExactlyAsync<StorageException>(() => bad);
        Assert.AreEqual(StorageOutcome.NotApplied, failure.Outcome);
        Assert.AreEqual(0, await other.Queues.CountAsync("before", TestContext.CancellationToken));
    }

    [TestMethod]
    public async Task CodeThatThrowsInAWrite_FailsItsCallerAndTheWriterLivesOn()
    {
        using var file = new SqliteFile(_folder.File());

        await Assert.ThrowsExactlyAsync<StorageException>(
            () => file.WriteAsync<int>(_ => throw new InvalidCastException("broken"), TestContext.CancellationToken));

        Assert.AreEqual(7, await file.WriteAsync(_ => 7, TestContext.CancellationToken));
    }

    [TestMethod]
    public async Task TwoStoresOnOneFile_SeeEachOthersCommitsAndFenceEachOther()
    {
        await using var one = await OpenAsync();
        await using var two = await OpenAsync();
        var tag = (await CommitAsync(one, RowOperation.Insert("head", default))).Tags[0]!;

        var outcomes = await Task.WhenAll(Enumerable.Range(0, 20).Select(number => Task.Run(
            () => CommitAsync(number % 2 == 0 ? one : two, RowOperation.Replace("head", new[] { (byte)number }, tag)), TestContext.CancellationToken)));

        Assert.AreEqual(1, outcomes.Count(outcome => outcome.Committed));
        await two.Queues.SendAsync("work", default, TimeSpan.Zero, TestContext.CancellationToken);
        Assert.HasCount(1, await one.Queues.ReceiveAsync("work", 1, TimeSpan.FromMinutes(1), TestContext.CancellationToken));
    }

    [TestMethod]
    public async Task IdleReceive_WritesNothing()
    {
        await using var store = await OpenAsync();
        var before = store.Groups;

        for (var poll = 0; poll < 10; poll++)
        {
            await store.Queues.ReceiveAsync("work", 32, TimeSpan.FromMinutes(1), TestContext.CancellationToken);
        }

        Assert.AreEqual(before, store.Groups);
    }

    [TestMethod]
    public async Task DestroyedAndInitializedAgain_NeverRepeatsATag()
    {
        await using var store = await OpenAsync();
        var old = (await CommitAsync(store, RowOperation.Insert("head", default))).Tags[0]!;
        await store.DestroyAsync(TestContext.CancellationToken);
        await store.InitializeAsync(["work"], TestContext.CancellationToken);
        await CommitAsync(store, RowOperation.Insert("head", default));

        Assert.IsFalse((await CommitAsync(store, RowOperation.Replace("head", default, old))).Committed);
    }

    [TestMethod]
    public void Open_FileThatIsNoDatabase_NamesTheFileAndTheCure()
    {
        File.WriteAllText(_folder.File(), new string('x', 4096));

        var failure = Assert.ThrowsExactly<StorageException>(() => new SqliteHubStore(_folder.File(), TimeProvider.System));

        Assert.AreEqual(StorageOutcome.NotApplied, failure.Outcome);
        Assert.Contains(_folder.File(), failure.Message);
        Assert.Contains("restore a backup", failure.Message);
    }

    [TestMethod]
    public void Open_PathThatIsAFolder_NamesTheFileAndTheCure()
    {
        Directory.CreateDirectory(_folder.File());

        var failure = Assert.ThrowsExactly<StorageException>(() => new SqliteHubStore(_folder.File(), TimeProvider.System));

        Assert.Contains(_folder.File(), failure.Message);
        Assert.Contains("can't be opened", failure.Message);
    }

    [TestMethod]
    public async Task Open_FileOfANewerVersion_IsRefused()
    {
        await (await OpenAsync()).DisposeAsync();
        Execute($"PRAGMA user_version = {SqliteLayout.SchemaVersion + 1}");

        var failure = Assert.ThrowsExactly<StorageException>(() => new SqliteHubStore(_folder.File(), TimeProvider.System));

        Assert.Contains("newer version", failure.Message);
    }

    [TestMethod]
    public async Task Write_FullDisk_SaysNotAppliedAndToFreeSpace()
    {
        using var file = new SqliteFile(_folder.File());
        await file.WriteAsync(session => session.Execute("PRAGMA max_page_count = 20"), TestContext.CancellationToken);
        await file.WriteAsync(session => session.Execute(SqliteLayout.CreateHub), TestContext.CancellationToken);

        var failure = await Assert.ThrowsExactlyAsync<StorageException>(async () => await new SqliteBlobs(file)
            .PutAsync("p/1/a", new byte[1_000_000], TestContext.CancellationToken));

        Assert.AreEqual(StorageOutcome.NotApplied, failure.Outcome);
        Assert.Contains("disk is full", failure.Message);
    }

    [TestMethod]
    public async Task Calls_AfterDispose_SayThatTheStoreIsClosed()
    {
        var store = await OpenAsync();
        await store.DisposeAsync();
        await store.DisposeAsync();

        var write = await Assert.ThrowsExactlyAsync<StorageException>(() => CommitAsync(store, RowOperation.Insert("head", default)));
        var read = await Assert.ThrowsExactlyAsync<StorageException>(async () => await store.Blobs.GetAsync("p/1/a", TestContext.CancellationToken));

        Assert.Contains("closed", write.Message);
        Assert.Contains("closed", read.Message);
    }

    private void Execute(string sql)
    {
        using var connection = new SqliteConnection($"Data Source={_folder.File()};Pooling=False");
        connection.Open();
        using var command = new SqliteCommand { Connection = connection };
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    private async Task<SqliteHubStore> OpenAsync()
    {
        var store = new SqliteHubStore(_folder.File(), TimeProvider.System);
        await store.InitializeAsync(["work"], TestContext.CancellationToken);
        return store;
    }

    private async Task<TransactionOutcome> CommitAsync(SqliteHubStore store, params RowOperation[] operations) =>
        await store.Rows.CommitAsync(RowTable.Workflows, "p", operations, TestContext.CancellationToken);
}
