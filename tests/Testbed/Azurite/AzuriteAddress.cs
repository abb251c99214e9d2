using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;

namespace Serverless.Testbed.Azurite;

/// <summary>Where an emulator answers: its loopback ports and its account.</summary>
internal sealed record AzuriteAddress(string Account, string Key, int BlobPort, int QueuePort, int TablePort)
{
    public string ConnectionString =>
        $"DefaultEndpointsProtocol=http;AccountName={Account};AccountKey={Key};"
        + $"BlobEndpoint=http://127.0.0.1:{BlobPort}/{Account};"
        + $"QueueEndpoint=http://127.0.0.1:{QueuePort}/{Account};"
        + $"TableEndpoint=http://127.0.0.1:{TablePort}/{Account};";

    /// <summary>Three ports that are free at this moment, and a random key.</summary>
    public static AzuriteAddress Free(string account)
    {
        var key = Convert.ToBase64String(RandomNumberGenerator.GetBytes(64));
        TcpListener[] listeners = [new(IPAddress.Loopback, 0), new(IPAddress.Loopback, 0), new(IPAddress.Loopback, 0)];
        try
        {
            foreach (var listener in listeners)
            {
                listener.Start();
            }

            var ports = listeners.Select(listener => ((IPEndPoint)listener.LocalEndpoint).Port).ToArray();
            return new AzuriteAddress(account, key, ports[0], ports[1], ports[2]);
        }
        finally
        {
            foreach (var listener in listeners)
            {
                listener.Dispose();
            }
        }
    }
}
