namespace Serverless.Storage.Azure;

/// <summary>Refuses a transaction that the service would refuse, before it costs a request and with the reason.</summary>
internal static class TransactionLimits
{
    /// <exception cref="ArgumentException">A limit of <see cref="StorageLimits"/> is exceeded.</exception>
    public static void Check(string partition, IReadOnlyList<RowOperation> operations)
    {
        Require(operations.Count is > 0 and <= StorageLimits.MaxOperations, $"A transaction has 1 to {StorageLimits.MaxOperations} operations, not {operations.Count}.");
        RequireKey(partition, "partition");
        var keys = new HashSet<string>(StringComparer.Ordinal);
        var total = 0L;
        foreach (var operation in operations)
        {
            RequireKey(operation.Key, "row key");
            Require(keys.Add(operation.Key), $"Row '{operation.Key}' occurs twice in one transaction.");
            Require(operation.Data.Length <= StorageLimits.MaxRowBytes, $"Row '{operation.Key}' has {operation.Data.Length} bytes; at most {StorageLimits.MaxRowBytes} fit. Put large data in a blob.");
            Require(operation.Kind != RowOperationKind.Replace || !string.IsNullOrEmpty(operation.Tag), $"Replacing row '{operation.Key}' needs its tag.");
            total += operation.Data.Length + operation.Key.Length;
        }

        Require(total <= StorageLimits.MaxTransactionBytes, $"The transaction has {total} bytes; at most {StorageLimits.MaxTransactionBytes} fit. Split it.");
    }

    private static void RequireKey(string key, string what)
    {
        Require(key.Length is > 0 and <= StorageLimits.MaxKeyLength, $"A {what} has 1 to {StorageLimits.MaxKeyLength} characters; '{key}' has {key.Length}.");
        Require(!key.Any(character => char.IsControl(character) || character is '/' or '\\' or '#' or '?'),
            $"The {what} '{key}' holds a control character or one of / \\ # ?, which the service forbids. Escape it.");
    }

    private static void Require(bool condition, string message)
    {
        if (!condition)
        {
            throw new ArgumentException(message);
        }
    }
}
