using Serverless.Common;
using Serverless.Converters;

namespace Serverless.Workflows;

/// <summary>A change of one search attribute.</summary>
public abstract class SearchAttributeUpdate
{
    internal SearchAttributeUpdate()
    {
    }

    /// <summary>True when the attribute is set, false when it is removed.</summary>
    public bool HasValue { get; internal init; }

    /// <summary>Which attribute.</summary>
    public abstract SearchAttributeKey UntypedKey { get; }

    /// <summary>The new value.</summary>
    /// <exception cref="InvalidOperationException">The attribute is removed.</exception>
    public abstract object UntypedValue { get; }

    /// <summary>Sets an attribute.</summary>
    /// <typeparam name="T">Type of the value.</typeparam>
    /// <param name="key">Which attribute.</param>
    /// <param name="value">The value.</param>
    public static SearchAttributeUpdate<T> ValueSet<T>(SearchAttributeKey<T> key, T value)
        where T : notnull => new(key, value);

    /// <summary>Removes an attribute.</summary>
    /// <typeparam name="T">Type of its values.</typeparam>
    /// <param name="key">Which attribute.</param>
    public static SearchAttributeUpdate<T> ValueUnset<T>(SearchAttributeKey<T> key)
        where T : notnull => new(key);

    /// <summary>Sets an attribute or, with null, removes it.</summary>
    internal static SearchAttributeUpdate Of(SearchAttributeKey key, object? value) => new Untyped(key, value);

    /// <summary>The stored form; null removes.</summary>
    internal Payload? ToPayload() => HasValue ? SearchAttributeEncoding.Encode(UntypedKey, UntypedValue) : null;

    private sealed class Untyped : SearchAttributeUpdate
    {
        private readonly object? _value;

        public Untyped(SearchAttributeKey key, object? value) => (UntypedKey, _value, HasValue) = (key, value, value is not null);

        public override SearchAttributeKey UntypedKey { get; }

        public override object UntypedValue => _value!;
    }
}

/// <summary>A change of one search attribute.</summary>
/// <typeparam name="T">Type of its values.</typeparam>
public class SearchAttributeUpdate<T> : SearchAttributeUpdate
    where T : notnull
{
    private readonly T? _value;

    internal SearchAttributeUpdate(SearchAttributeKey<T> key)
    {
        ArgumentNullException.ThrowIfNull(key);
        Key = key;
    }

    internal SearchAttributeUpdate(SearchAttributeKey<T> key, T value)
        : this(key)
    {
        ArgumentNullException.ThrowIfNull(value);
        _value = (T)SearchAttributeEncoding.Normalize(key, value);
        HasValue = true;
    }

    /// <summary>Which attribute.</summary>
    public SearchAttributeKey<T> Key { get; private init; }

    /// <summary>The new value.</summary>
    /// <exception cref="InvalidOperationException">The attribute is removed.</exception>
    public T Value => HasValue ? _value! : throw new InvalidOperationException($"The update removes '{Key.Name}': it has no value.");

    /// <inheritdoc/>
    public override SearchAttributeKey UntypedKey => Key;

    /// <inheritdoc/>
    public override object UntypedValue => Value;
}
