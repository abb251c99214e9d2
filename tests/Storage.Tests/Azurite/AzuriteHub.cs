using Serverless.Storage.Azure;
using Serverless.Testbed.Azurite;

namespace Serverless.Storage.Tests.Azurite;

/// <summary>A fresh hub in the emulator that all tests share.</summary>
internal static class AzuriteHub
{
    public static async Task<AzureHubStore> CreateAsync(RequestCounters? counters = null, params string[] queues)
    {
        var store = new AzureHubStore(new AzureStorageOptions
        {
            Hub = SharedAzurite.NewHub(),
            ConnectionString = await SharedAzurite.ConnectionStringAsync(),
            Counters = counters,
        });
        await store.InitializeAsync(queues, CancellationToken.None);
        return store;
    }
}
