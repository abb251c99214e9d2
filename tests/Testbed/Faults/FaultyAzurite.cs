using Serverless.Testbed.Azurite;

namespace Serverless.Testbed.Faults;

/// <summary>The way to an emulator by three proxies that share one draw of faults. The emulator itself stays reachable beside it.</summary>
internal sealed class FaultyAzurite : IAsyncDisposable
{
    private readonly IReadOnlyList<FaultyProxy> _proxies;

    private FaultyAzurite(AzuriteAddress azurite, IReadOnlyList<FaultyProxy> proxies)
    {
        _proxies = proxies;
        ConnectionString = (azurite with { BlobPort = proxies[0].Port, QueuePort = proxies[1].Port, TablePort = proxies[2].Port }).ConnectionString;
    }

    /// <summary>For clients that are to suffer.</summary>
    public string ConnectionString { get; }

    public static async Task<FaultyAzurite> StartAsync(AzuriteAddress azurite, FaultDraw faults) => new(
        azurite,
        [
            await FaultyProxy.StartAsync(azurite.BlobPort, faults),
            await FaultyProxy.StartAsync(azurite.QueuePort, faults),
            await FaultyProxy.StartAsync(azurite.TablePort, faults),
        ]);

    public async ValueTask DisposeAsync()
    {
        foreach (var proxy in _proxies)
        {
            await proxy.DisposeAsync();
        }
    }
}
