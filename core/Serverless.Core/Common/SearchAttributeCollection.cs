using System.Collections;
using System.Diagnostics.CodeAnalysis;
using Serverless.Converters;
using Serverless.Workflows;

namespace Serverless.Common;

/// <summary>Typed search attributes of a workflow. Immutable; enumerates in order of names.</summary>
public class SearchAttributeCollection : IReadOnlyCollection<SearchAttributeKey>
{
    /// <summary>No attributes.</summary>
    public static readonly SearchAttributeCollection Empty = new([]);

    private readonly SortedDictionary<SearchAttributeKey, object> _values;

    private SearchAttributeCollection(SortedDictionary<SearchAttributeKey, object> values) => _values = values;

    /// <inheritdoc/>
    public int Count => _values.Count;

    /// <summary>Keys and values.</summary>
    public IReadOnlyDictionary<SearchAttributeKey, object> UntypedValues => _values;

    /// <summary>The value of a key.</summary>
    /// <typeparam name="T">Type of the value.</typeparam>
    /// <param name="key">The key.</param>
    /// <exception cref="KeyNotFoundException">There is none of this name and type.</exception>
    public T Get<T>(SearchAttributeKey<T> key)
        where T : notnull =>
        TryGetValue(key, out var value)
            ? value
            : throw new KeyNotFoundException($"There is no search attribute '{key.Name}' of type {key.ValueType}.");

    /// <summary>The value of a key, if there is one of this name and type.</summary>
    /// <typeparam name="T">Type of the value.</typeparam>
    /// <param name="key">The key.</param>
    /// <param name="value">The value.</param>
    public bool TryGetValue<T>(SearchAttributeKey<T> key, [MaybeNullWhen(false)] out T value)
        where T : notnull
    {
        ArgumentNullException.ThrowIfNull(key);
        if (_values.TryGetValue(key, out var found) && found is T typed)
        {
            value = typed;
            return true;
        }

        value = default;
        return false;
    }

    /// <summary>True when there is one of this name and type.</summary>
    /// <typeparam name="T">Type of the value.</typeparam>
    /// <param name="key">The key.</param>
    public bool ContainsKey<T>(SearchAttributeKey<T> key)
        where T : notnull => _values.ContainsKey(key);

    /// <summary>True when there is one of this name, of whatever type.</summary>
    /// <param name="key">The name.</param>
    public bool ContainsKey(string key) => _values.Keys.Any(k => k.Name == key);

    /// <inheritdoc/>
    public IEnumerator<SearchAttributeKey> GetEnumerator() => _values.Keys.GetEnumerator();

    /// <inheritdoc/>
    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>Reads stored attributes; what can't be read, or has no known type, is left out.</summary>
    internal static SearchAttributeCollection FromPayloads(IReadOnlyDictionary<string, Payload> payloads)
    {
        var values = new SortedDictionary<SearchAttributeKey, object>();
        foreach (var (name, payload) in payloads)
        {
            if (SearchAttributeEncoding.TryDecode(name, payload) is var (key, value))
            {
                values[key] = value;
            }
        }

        return values.Count == 0 ? Empty : new(values);
    }

    /// <summary>The stored form, by name.</summary>
    internal IReadOnlyDictionary<string, Payload> ToPayloads()
    {
        var payloads = new SortedDictionary<string, Payload>(StringComparer.Ordinal);
        foreach (var (key, value) in _values)
        {
            payloads[key.Name] = SearchAttributeEncoding.Encode(key, value);
        }

        return payloads;
    }

    /// <summary>A copy with the updates applied.</summary>
    /// <exception cref="ArgumentException">Two updates are for the same name.</exception>
    internal SearchAttributeCollection With(IReadOnlyCollection<SearchAttributeUpdate> updates)
    {
        var seen = new HashSet<string>();
        var builder = new Builder(this);
        foreach (var update in updates)
        {
            if (!seen.Add(update.UntypedKey.Name))
            {
                throw new ArgumentException($"Search attribute '{update.UntypedKey.Name}' is updated twice in one call. Keep one of the two.", nameof(updates));
            }

            builder.Unset(update.UntypedKey);
            if (update.HasValue)
            {
                builder.SetUntyped(update.UntypedKey, update.UntypedValue);
            }
        }

        return builder.ToSearchAttributeCollection();
    }

    /// <summary>Collects attributes.</summary>
    public class Builder
    {
        private readonly SortedDictionary<SearchAttributeKey, object> _values = [];

        /// <summary>Starts without attributes.</summary>
        public Builder()
        {
        }

        /// <summary>Starts with the attributes of a collection.</summary>
        /// <param name="searchAttributes">The collection.</param>
        public Builder(SearchAttributeCollection searchAttributes) => Set(searchAttributes);

        /// <summary>Sets an attribute. One of the same name is replaced.</summary>
        /// <typeparam name="T">Type of the value.</typeparam>
        /// <param name="key">The key.</param>
        /// <param name="value">The value.</param>
        public Builder Set<T>(SearchAttributeKey<T> key, T value)
            where T : notnull => SetUntyped(key, value);

        /// <summary>Sets all attributes of a collection.</summary>
        /// <param name="searchAttributes">The collection.</param>
        public Builder Set(SearchAttributeCollection searchAttributes)
        {
            ArgumentNullException.ThrowIfNull(searchAttributes);
            foreach (var (key, value) in searchAttributes._values)
            {
                SetUntyped(key, value);
            }

            return this;
        }

        /// <summary>Removes an attribute, if it is there.</summary>
        /// <param name="key">The key; its type does not matter.</param>
        public Builder Unset(SearchAttributeKey key)
        {
            ArgumentNullException.ThrowIfNull(key);
            return Unset(key.Name);
        }

        /// <summary>Removes an attribute, if it is there.</summary>
        /// <param name="name">Its name.</param>
        public Builder Unset(string name)
        {
            if (_values.Keys.FirstOrDefault(k => k.Name == name) is { } existing)
            {
                _values.Remove(existing);
            }

            return this;
        }

        /// <summary>The collection so far.</summary>
        public SearchAttributeCollection ToSearchAttributeCollection() => new(new SortedDictionary<SearchAttributeKey, object>(_values));

        internal Builder SetUntyped(SearchAttributeKey key, object value)
        {
            ArgumentNullException.ThrowIfNull(key);
            ArgumentNullException.ThrowIfNull(value);
            Unset(key.Name);
            _values[key] = SearchAttributeEncoding.Normalize(key, value);
            return this;
        }
    }
}
