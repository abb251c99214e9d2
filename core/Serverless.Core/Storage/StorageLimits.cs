namespace Serverless.Storage;

/// <summary>The limits that every store enforces: those of the services, or tighter.</summary>
internal static class StorageLimits
{
    /// <summary>Operations in one transaction (Azure: 100).</summary>
    public const int MaxOperations = 100;

    /// <summary>Bytes of keys and data in one transaction (Azure: below 4 MiB with envelope; base64 takes a third).</summary>
    public const int MaxTransactionBytes = 2_800_000;

    /// <summary>Bytes of data in one row (Azure: 1 MiB with names; 64 KiB per property).</summary>
    public const int MaxRowBytes = 900_000;

    /// <summary>Characters of a partition or row key (Azurite: 512).</summary>
    public const int MaxKeyLength = 512;

    /// <summary>Rows in one page (Azure: 1,000).</summary>
    public const int MaxPageRows = 1000;

    /// <summary>Bytes of a message body (Azure: 64 KiB as base64 text).</summary>
    public const int MaxMessageBytes = 48 * 1024;

    /// <summary>Messages in one receive (Azure: 32).</summary>
    public const int MaxReceive = 32;

    /// <summary>Longest delay or lease of a message (Azure: 7 days; kept a little below).</summary>
    public static readonly TimeSpan MaxDelay = TimeSpan.FromDays(6.9);
}
