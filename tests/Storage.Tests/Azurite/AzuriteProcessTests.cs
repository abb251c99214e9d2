using Serverless.Storage.Azure;
using Serverless.Testbed.Azurite;

namespace Serverless.Storage.Tests.Azurite;

[TestClass]
public sealed class AzuriteProcessTests
{
    public TestContext TestContext { get; set; } = null!;

    [TestMethod]
    public async Task Start_InTheSameFolderAgain_FindsWhatWasStored()
    {
        var folder = Directory.CreateTempSubdirectory("azurite-");
        try
        {
            AzuriteAddress address;
            await using (var first = await AzuriteProcess.StartAsync(folder.FullName, cancellationToken: TestContext.CancellationToken))
            {
                address = first.Address;
                var store = new AzureHubStore(AzureStorageOptions.ForConnectionString("kept", first.ConnectionString));
                await store.InitializeAsync(["work"], TestContext.CancellationToken);
                await store.Rows.CommitAsync(RowTable.Timers, "p", [RowOperation.Insert("row", "kept"u8.ToArray())], TestContext.CancellationToken);
            }

            await using var second = await AzuriteProcess.StartAsync(folder.FullName, address, TestContext.CancellationToken);
            var again = new AzureHubStore(AzureStorageOptions.ForConnectionString("kept", second.ConnectionString));
            var page = await again.Rows.QueryAsync(new RowQuery(RowTable.Timers, "p", "", null), TestContext.CancellationToken);

            Assert.AreEqual(address, second.Address);
            CollectionAssert.AreEqual("kept"u8.ToArray(), page.Rows.Single().Data.ToArray());
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
