using Serverless.Storage.Memory;
using Serverless.Storage.Sqlite;
using Serverless.Storage.Tests.Azurite;
using Serverless.Storage.Tests.Sqlite;

namespace Serverless.Storage.Tests.Lists;

[TestClass]
public sealed class ListAnswerTests
{
    [TestMethod]
    [DataRow(15)]
    [DataRow(60)]
    [DataRow(400)]
    public async Task A_small_list_is_listed_and_counted_as_a_plain_evaluation_does(int count)
    {
        var store = new MemoryHubStore(TimeProvider.System);
        await store.InitializeAsync([], default);
        await ListAnswers.CheckAllAsync(store.Rows, count, open: 14);
    }

    [TestMethod]
    public async Task A_hundred_thousand_runs_in_memory_are_listed_and_counted_as_a_plain_evaluation_does()
    {
        var store = new MemoryHubStore(TimeProvider.System);
        await store.InitializeAsync([], default);
        await ListAnswers.CheckAllAsync(store.Rows, 100_000, open: 1_500);
    }

    [TestMethod]
    public async Task A_hundred_thousand_runs_in_a_file_are_listed_and_counted_as_a_plain_evaluation_does()
    {
        using var folder = new TemporaryFolder();
        await using var store = new SqliteHubStore(folder.File(), TimeProvider.System);
        await store.InitializeAsync([], default);
        await ListAnswers.CheckAllAsync(store.Rows, 100_000, open: 1_500);
    }

    [TestMethod]
    public async Task Five_thousand_runs_in_Azurite_are_listed_and_counted_as_a_plain_evaluation_does()
    {
        await using var store = await AzuriteHub.CreateAsync();
        await ListAnswers.CheckAllAsync(store.Rows, 5_000, open: 300);
    }
}
