using Serverless.Api.Enums.V1;
using Serverless.Common;
using Serverless.Visibility;

namespace Serverless.Functions;

/// <summary>
/// The custom search attributes that workflows may have, each with its type. One that is not declared is refused at a start, and blocks a workflow that sets it until a
/// process that has it declared runs it. Give the same to all processes of a hub.
/// </summary>
public sealed class SearchAttributeDeclarations
{
    private readonly Dictionary<string, IndexedValueType> _byName = new(StringComparer.Ordinal);

    internal IReadOnlyDictionary<string, IndexedValueType> ByName => _byName;

    /// <summary>Declares an attribute. One that is declared already with this type stays as it is.</summary>
    /// <param name="key">Name and type. The name has up to 100 letters, digits, '_', '-' and '.', beginning with a letter or '_'.</param>
    /// <returns>These declarations.</returns>
    /// <exception cref="ArgumentException">The name is impossible, that of a system attribute, or declared with another type.</exception>
    public SearchAttributeDeclarations Add(SearchAttributeKey key)
    {
        ArgumentNullException.ThrowIfNull(key);
        return ProblemOf(key) is { } problem ? throw new ArgumentException(problem, nameof(key)) : Put(key);
    }

    /// <summary>What stands in the way of a declaration; null for nothing.</summary>
    internal string? ProblemOf(SearchAttributeKey key) =>
        DeclaredAttributes.ProblemOfName(key.Name)
        ?? (_byName.TryGetValue(key.Name, out var type) && type != key.ValueType
            ? $"'{key.Name}' is declared as {SearchAttributeTypes.NameOf(type)} already and can't be {SearchAttributeTypes.NameOf(key.ValueType)} as well."
            : null);

    private SearchAttributeDeclarations Put(SearchAttributeKey key)
    {
        _byName[key.Name] = key.ValueType;
        return this;
    }
}
