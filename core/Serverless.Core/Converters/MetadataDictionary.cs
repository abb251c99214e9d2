using System.Collections;
using System.Diagnostics.CodeAnalysis;

namespace Serverless.Api.Common.V1;

/// <summary>What the bytes of a payload are. It does not change once the payload is in the hands of the library.</summary>
public sealed class MetadataDictionary : IReadOnlyDictionary<string, ByteString>
{
    private static readonly Dictionary<string, ByteString> s_nothing = [];
    private Dictionary<string, ByteString> _entries;
    private bool _isBorrowed = true;

    internal MetadataDictionary()
        : this(s_nothing)
    {
    }

    private MetadataDictionary(Dictionary<string, ByteString> entries) => _entries = entries;

    /// <inheritdoc/>
    public int Count => _entries.Count;

    /// <inheritdoc/>
    public IEnumerable<string> Keys => _entries.Keys;

    /// <inheritdoc/>
    public IEnumerable<ByteString> Values => _entries.Values;

    /// <summary>True when it must not change: it is shared by payloads, or was read from storage.</summary>
    internal bool IsReadOnly { get; private init; }

    /// <summary>The value of a key.</summary>
    /// <param name="key">The key.</param>
    /// <exception cref="KeyNotFoundException">On reading: there is no such key.</exception>
    /// <exception cref="InvalidOperationException">On writing: the payload came from the library. Change a clone of it.</exception>
    public ByteString this[string key]
    {
        get => _entries[key];
        set => Own()[key] = value ?? throw new ArgumentNullException(nameof(value));
    }

    /// <summary>Adds an entry.</summary>
    /// <param name="key">Its key.</param>
    /// <param name="value">Its value.</param>
    /// <exception cref="ArgumentException">The key is there already.</exception>
    /// <exception cref="InvalidOperationException">The payload came from the library. Change a clone of it.</exception>
    public void Add(string key, ByteString value) => Own().Add(key, value ?? throw new ArgumentNullException(nameof(value)));

    /// <summary>Adds entries.</summary>
    /// <param name="entries">The entries.</param>
    /// <exception cref="ArgumentException">A key is there already.</exception>
    /// <exception cref="InvalidOperationException">The payload came from the library. Change a clone of it.</exception>
    public void Add(IEnumerable<KeyValuePair<string, ByteString>> entries)
    {
        ArgumentNullException.ThrowIfNull(entries);
        foreach (var (key, value) in entries)
        {
            Add(key, value);
        }
    }

    /// <summary>Removes an entry.</summary>
    /// <param name="key">Its key.</param>
    /// <returns>False when there was none.</returns>
    /// <exception cref="InvalidOperationException">The payload came from the library. Change a clone of it.</exception>
    public bool Remove(string key) => Own().Remove(key);

    /// <inheritdoc/>
    public bool ContainsKey(string key) => _entries.ContainsKey(key);

    /// <inheritdoc/>
    public bool TryGetValue(string key, [MaybeNullWhen(false)] out ByteString value) => _entries.TryGetValue(key, out value);

    /// <inheritdoc/>
    public IEnumerator<KeyValuePair<string, ByteString>> GetEnumerator() => _entries.GetEnumerator();

    /// <inheritdoc/>
    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>Entries that nobody changes any more.</summary>
    internal static MetadataDictionary Fixed(Dictionary<string, ByteString> entries) => new(entries) { IsReadOnly = true };

    /// <summary>The same entries, which may be changed without an effect on these.</summary>
    internal MetadataDictionary Copy()
    {
        _isBorrowed = true;
        return new(_entries);
    }

    private Dictionary<string, ByteString> Own()
    {
        if (IsReadOnly)
        {
            throw new InvalidOperationException("This payload came from the library and does not change. Change a Clone() of it.");
        }

        if (_isBorrowed)
        {
            _entries = new(_entries, StringComparer.Ordinal);
            _isBorrowed = false;
        }

        return _entries;
    }
}
