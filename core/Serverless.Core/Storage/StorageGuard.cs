using System.Text;

namespace Serverless.Storage;

/// <summary>Checks arguments against <see cref="StorageLimits"/>: the same for every store, so that what works on one works on all.</summary>
internal static class StorageGuard
{
    private const int MaxQueueNameLength = 50;
    private const int MaxBlobNameLength = 1024;

    public static void Transaction(string partition, IReadOnlyList<RowOperation> operations)
    {
        Key(partition, "partition");
        if (operations.Count is 0 or > StorageLimits.MaxOperations)
        {
            throw new ArgumentException($"A transaction has 1 to {StorageLimits.MaxOperations} operations; this one has {operations.Count}.");
        }

        var keys = new HashSet<string>(StringComparer.Ordinal);
        long bytes = 0;
        foreach (var operation in operations)
        {
            Key(operation.Key, "row");
            if (!keys.Add(operation.Key))
            {
                throw new ArgumentException($"A transaction changes each row once; this one changes '{operation.Key}' twice.");
            }

            if (operation.Data.Length > StorageLimits.MaxRowBytes)
            {
                throw new ArgumentException(
                    $"A row has at most {StorageLimits.MaxRowBytes} bytes; '{operation.Key}' has {operation.Data.Length}. Put large data into a blob.");
            }

            if (operation.Kind == RowOperationKind.Replace && string.IsNullOrEmpty(operation.Tag))
            {
                throw new ArgumentException($"Replacing row '{operation.Key}' needs the tag that was read.");
            }

            bytes += operation.Data.Length + Encoding.UTF8.GetByteCount(operation.Key);
        }

        if (bytes > StorageLimits.MaxTransactionBytes)
        {
            throw new ArgumentException($"A transaction has at most {StorageLimits.MaxTransactionBytes} bytes; this one has {bytes}.");
        }
    }

    public static void Query(RowQuery query)
    {
        Key(query.Partition, "partition");
        if (query.Limit is < 1 or > StorageLimits.MaxPageRows)
        {
            throw new ArgumentException($"A page has 1 to {StorageLimits.MaxPageRows} rows; {query.Limit} were asked for.");
        }
    }

    public static void Message(ReadOnlyMemory<byte> body, TimeSpan delay)
    {
        if (body.Length > StorageLimits.MaxMessageBytes)
        {
            throw new ArgumentException($"A message has at most {StorageLimits.MaxMessageBytes} bytes; this one has {body.Length}.");
        }

        if (delay < TimeSpan.Zero || delay > StorageLimits.MaxDelay)
        {
            throw new ArgumentException($"A message is delayed by 0 to {StorageLimits.MaxDelay}; {delay} was asked for.");
        }
    }

    public static void Receive(int max, TimeSpan lease)
    {
        if (max is < 1 or > StorageLimits.MaxReceive)
        {
            throw new ArgumentException($"1 to {StorageLimits.MaxReceive} messages are received at once; {max} were asked for.");
        }

        if (lease < TimeSpan.FromSeconds(1) || lease > StorageLimits.MaxDelay)
        {
            throw new ArgumentException($"A lease lasts 1 s to {StorageLimits.MaxDelay}; {lease} was asked for.");
        }
    }

    /// <summary>A queue's name within its hub. Azure allows 63 characters with the hub's name and a hyphen.</summary>
    public static void Queue(string queue)
    {
        var wrong = queue.Length is 0 or > MaxQueueNameLength || queue[0] == '-' || queue[^1] == '-' || queue.Contains("--", StringComparison.Ordinal);
        foreach (var c in queue)
        {
            wrong |= !char.IsAsciiLetterLower(c) && !char.IsAsciiDigit(c) && c != '-';
        }

        if (wrong)
        {
            throw new ArgumentException(
                $"A queue's name has 1 to {MaxQueueNameLength} lower-case letters, digits and single hyphens, and begins and ends with a letter or digit: '{queue}'.");
        }
    }

    public static void Blob(string name)
    {
        if (!IsBlob(name))
        {
            throw new ArgumentException(
                $"A blob's name has 1 to {MaxBlobNameLength} characters, does not begin with '/', does not end with '/' or '.', "
                + $"and contains neither \\ nor control characters: '{name}'.");
        }
    }

    /// <summary>True for what can name a blob. A name that was stored may be damaged.</summary>
    public static bool IsBlob(string name) =>
        name.Length is > 0 and <= MaxBlobNameLength && name[^1] is not ('/' or '.') && name[0] != '/' && !name.Any(static c => c is '\\' || char.IsControl(c));

    public static void Prefix(string prefix)
    {
        if (prefix.Length > 0 && !prefix.EndsWith('/'))
        {
            throw new ArgumentException($"A blob prefix ends with '/', or it would match longer names too: '{prefix}'.");
        }
    }

    private static void Key(string key, string what)
    {
        if (key.Length is 0 or > StorageLimits.MaxKeyLength)
        {
            throw new ArgumentException($"A {what} key has 1 to {StorageLimits.MaxKeyLength} characters; this one has {key.Length}.");
        }

        foreach (var c in key)
        {
            if (c is '/' or '\\' or '#' or '?' || char.IsControl(c))
            {
                throw new ArgumentException($"A {what} key must not contain / \\ # ? or control characters: '{key}'.");
            }
        }
    }
}
