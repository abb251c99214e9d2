using System.Text.RegularExpressions;

namespace Serverless.Storage.Azure;

/// <summary>
/// Where a hub lives in a storage account. All names begin with the hub's, so that many hubs share an account
/// and one is found, counted and deleted by its prefix.
/// <code>
/// table      {hub}Workflows     one partition per workflow id: head, gate, inbox, history
/// table      {hub}Timers        far timers, one partition per bucket of due times
/// table      {hub}Visibility    the list of workflows
/// queue      {hub}-{queue}      work and timers; bodies are base64 text, as the Functions host expects
/// container  {hub}-payloads     blobs named partition/run/name
///
/// entity     PartitionKey, RowKey: as the engine gives them
///            d0 .. d14          the row's bytes, cut into pieces of at most 64 KiB; no property at all for an empty row
///            Timestamp          set by the service at each write: Row.Written
///            odata.etag         changes with each write: Row.Tag
/// </code>
/// </summary>
internal sealed partial class AzureLayout
{
    /// <summary>Most bytes in one binary property (service limit).</summary>
    public const int MaxPropertyBytes = 64 * 1024;

    /// <summary>Most characters of a queue's name (service limit).</summary>
    public const int MaxQueueNameLength = 63;

    /// <summary>Name of a row's piece is this and its number.</summary>
    public const string DataProperty = "d";

    /// <summary>How the service is told that a message never expires. Its default is seven days.</summary>
    public static readonly TimeSpan NeverExpires = TimeSpan.FromSeconds(-1);

    public AzureLayout(string hub)
    {
        if (!HubName().IsMatch(hub))
        {
            throw new ArgumentException(
                $"'{hub}' is no hub name. Use 3 to 30 lower-case letters and digits, beginning with a letter, such as 'orders'.", nameof(hub));
        }

        Hub = hub;
    }

    public string Hub { get; }

    public string Container => $"{Hub}-payloads";

    /// <summary>What all queues of the hub begin with. Hub names hold no hyphen, so no other hub's queue does.</summary>
    public string QueuePrefix => $"{Hub}-";

    public string Table(RowTable table) => Hub + table switch
    {
        RowTable.Workflows => "Workflows",
        RowTable.Timers => "Timers",
        RowTable.Visibility => "Visibility",
        _ => throw new ArgumentOutOfRangeException(nameof(table), table, "No such table."),
    };

    /// <exception cref="ArgumentException">The service would refuse the name.</exception>
    public string Queue(string queue)
    {
        StorageGuard.Queue(queue);
        var name = QueuePrefix + queue;
        return name.Length <= MaxQueueNameLength
            ? name
            : throw new ArgumentException(
                $"The queue '{name}' has a name of {name.Length} characters; at most {MaxQueueNameLength} are possible. Shorten the hub's name or the queue's.", nameof(queue));
    }

    [GeneratedRegex(@"^[a-z][a-z0-9]{2,29}\z")]
    private static partial Regex HubName();
}
