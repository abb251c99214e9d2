namespace Serverless.Functions;

/// <summary>Keys that callers of the HTTP API send in the header <c>x-functions-key</c>, each with what its holder may do.</summary>
public sealed class ApiKeys
{
    private readonly List<Entry> _all = [];

    internal IReadOnlyList<Entry> All => _all;

    /// <summary>Lets holders of a key in. A key that is replaced stays in beside the new one until all callers have that.</summary>
    /// <param name="role">What they may do.</param>
    /// <param name="key">The key. At least 16 characters, and no other entry's.</param>
    /// <param name="name">Whose it is, for people who read the settings. Default: none.</param>
    /// <returns>These keys.</returns>
    public ApiKeys Add(ApiRole role, string key, string? name = null)
    {
        ArgumentNullException.ThrowIfNull(key);
        _all.Add(new Entry(role, key, name));
        return this;
    }

    internal sealed record Entry(ApiRole Role, string Key, string? Name)
    {
        /// <summary>Nothing that prints an entry shows the key.</summary>
        public override string ToString() => $"{Name} ({Role})";
    }
}
