using Serverless.Api.Enums.V1;
using Serverless.Workflows;

namespace Serverless.Common;

/// <summary>Name and type of a search attribute. Ordered by name.</summary>
public class SearchAttributeKey : IComparable<SearchAttributeKey>, IEquatable<SearchAttributeKey>
{
    internal SearchAttributeKey(string name, IndexedValueType valueType)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        Name = name;
        ValueType = valueType;
    }

    /// <summary>The name, as list filters use it.</summary>
    public string Name { get; private init; }

    /// <summary>The type.</summary>
    public IndexedValueType ValueType { get; private init; }

    /// <summary>True when name and type are equal.</summary>
    public static bool operator ==(SearchAttributeKey? left, SearchAttributeKey? right) => left is null ? right is null : left.Equals(right);

    /// <summary>True when name or type differ.</summary>
    public static bool operator !=(SearchAttributeKey? left, SearchAttributeKey? right) => !(left == right);

    /// <summary>True when left comes before right.</summary>
    public static bool operator <(SearchAttributeKey? left, SearchAttributeKey? right) => Compare(left, right) < 0;

    /// <summary>True when left does not come after right.</summary>
    public static bool operator <=(SearchAttributeKey? left, SearchAttributeKey? right) => Compare(left, right) <= 0;

    /// <summary>True when left comes after right.</summary>
    public static bool operator >(SearchAttributeKey? left, SearchAttributeKey? right) => Compare(left, right) > 0;

    /// <summary>True when left does not come before right.</summary>
    public static bool operator >=(SearchAttributeKey? left, SearchAttributeKey? right) => Compare(left, right) >= 0;

    /// <summary>A key for text that is matched by word.</summary>
    /// <param name="name">The name.</param>
    public static SearchAttributeKey<string> CreateText(string name) => new(name, IndexedValueType.Text);

    /// <summary>A key for a word that is matched whole.</summary>
    /// <param name="name">The name.</param>
    public static SearchAttributeKey<string> CreateKeyword(string name) => new(name, IndexedValueType.Keyword);

    /// <summary>A key for a whole number.</summary>
    /// <param name="name">The name.</param>
    public static SearchAttributeKey<long> CreateLong(string name) => new(name, IndexedValueType.Int);

    /// <summary>A key for a floating-point number.</summary>
    /// <param name="name">The name.</param>
    public static SearchAttributeKey<double> CreateDouble(string name) => new(name, IndexedValueType.Double);

    /// <summary>A key for true or false.</summary>
    /// <param name="name">The name.</param>
    public static SearchAttributeKey<bool> CreateBool(string name) => new(name, IndexedValueType.Bool);

    /// <summary>A key for a moment.</summary>
    /// <param name="name">The name.</param>
    public static SearchAttributeKey<DateTimeOffset> CreateDateTimeOffset(string name) => new(name, IndexedValueType.Datetime);

    /// <summary>A key for several words.</summary>
    /// <param name="name">The name.</param>
    public static SearchAttributeKey<IReadOnlyCollection<string>> CreateKeywordList(string name) => new(name, IndexedValueType.KeywordList);

    /// <inheritdoc/>
    public int CompareTo(SearchAttributeKey? other)
    {
        if (other is null)
        {
            return 1;
        }

        var byName = string.CompareOrdinal(Name, other.Name);
        return byName != 0 ? byName : ValueType.CompareTo(other.ValueType);
    }

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Name, ValueType);

    /// <inheritdoc/>
    public bool Equals(SearchAttributeKey? other) => other?.Name == Name && other.ValueType == ValueType;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as SearchAttributeKey);

    private static int Compare(SearchAttributeKey? left, SearchAttributeKey? right) =>
        left is null ? (right is null ? 0 : -1) : left.CompareTo(right);
}

/// <summary>Name and type of a search attribute, with its .NET type.</summary>
/// <typeparam name="T">Type of its values.</typeparam>
public class SearchAttributeKey<T> : SearchAttributeKey
    where T : notnull
{
    internal SearchAttributeKey(string name, IndexedValueType valueType)
        : base(name, valueType)
    {
    }

    /// <summary>An update that sets the attribute.</summary>
    /// <param name="value">The value.</param>
    public SearchAttributeUpdate<T> ValueSet(T value) => SearchAttributeUpdate.ValueSet(this, value);

    /// <summary>An update that removes the attribute.</summary>
    public SearchAttributeUpdate<T> ValueUnset() => SearchAttributeUpdate.ValueUnset(this);
}
