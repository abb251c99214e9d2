using Serverless.Api.Enums.V1;

namespace Serverless.Common;

/// <summary>The types of search attributes, by the names that people read and write.</summary>
internal static class SearchAttributeTypes
{
    private static readonly (string Name, IndexedValueType Type)[] Types =
    [
        ("Keyword", IndexedValueType.Keyword),
        ("KeywordList", IndexedValueType.KeywordList),
        ("Text", IndexedValueType.Text),
        ("Int", IndexedValueType.Int),
        ("Double", IndexedValueType.Double),
        ("Bool", IndexedValueType.Bool),
        ("DateTime", IndexedValueType.Datetime),
    ];

    /// <summary>All names, for messages.</summary>
    public static string Names { get; } = string.Join(", ", Types.Select(static t => t.Name));

    public static string NameOf(IndexedValueType type) => Types.First(t => t.Type == type).Name;

    /// <summary>Finds a type by its name, in any case; null for none.</summary>
    public static IndexedValueType? Find(string name) =>
        Types.Where(t => t.Name.Equals(name, StringComparison.OrdinalIgnoreCase)).Select(static t => (IndexedValueType?)t.Type).FirstOrDefault();
}
