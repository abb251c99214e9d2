using System.Security.Cryptography;
using System.Text;

namespace Serverless.Functions.Access;

/// <summary>
/// The keys by which callers are known. Holds hashes only, and compares with all of them in the same time whatever is asked, so that answers tell nothing about a key.
/// </summary>
internal sealed class KeyRing(ServerlessWorkflowsOptions options)
{
    private readonly (byte[] Hash, ApiKeys.Entry Entry)[] _keys = [.. EntriesOf(options).Select(static entry => (Hash(entry.Key), entry with { Key = "" }))];

    public bool IsEmpty => _keys.Length == 0;

    /// <summary>The single key of the settings is an administrator's.</summary>
    public static IEnumerable<ApiKeys.Entry> EntriesOf(ServerlessWorkflowsOptions options) =>
        options.ApiKey is { } key ? options.ApiKeys.All.Prepend(new ApiKeys.Entry(ApiRole.Admin, key, null)) : options.ApiKeys.All;

    /// <summary>Whose key it is; null when it is nobody's.</summary>
    public ApiKeys.Entry? Find(string key)
    {
        ApiKeys.Entry? found = null;
        var hash = Hash(key);
        foreach (var known in _keys)
        {
            found = CryptographicOperations.FixedTimeEquals(hash, known.Hash) ? known.Entry : found;
        }

        return found;
    }

    private static byte[] Hash(string key) => SHA256.HashData(Encoding.UTF8.GetBytes(key));
}
