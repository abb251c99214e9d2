using Serverless.Api.Enums.V1;
using Serverless.Common;
using Serverless.Converters;

namespace Serverless.Visibility;

/// <summary>What may be declared as a search attribute, and what may be set as one. Pure.</summary>
internal static class DeclaredAttributes
{
    /// <summary>The setting that errors name.</summary>
    public const string Setting = "Serverless:SearchAttributes";

    private const int MaxNameLength = 100;

    /// <summary>System attributes that the product's own workflows set, on themselves and on what they start.</summary>
    private static readonly string[] Given = ["TemporalScheduledById", "TemporalScheduledStartTime", "TemporalSchedulePaused", "TemporalBatchId"];

    /// <summary>What is wrong with a name that is to be declared; null for nothing.</summary>
    public static string? ProblemOfName(string name)
    {
        if (name.Length is 0 or > MaxNameLength || !(char.IsLetter(name[0]) || name[0] == '_') || !name.All(static c => char.IsLetterOrDigit(c) || c is '_' or '-' or '.'))
        {
            return $"'{name}' is no name of a search attribute. Use up to {MaxNameLength} letters, digits, '_', '-' and '.', beginning with a letter or '_'.";
        }

        return IsSystem(name) ? $"'{name}' is a name of a system attribute, or begins as they do ('Temporal'). Choose another." : null;
    }

    /// <summary>What is wrong with attributes that are to be set; null for nothing.</summary>
    /// <param name="attributes">Names and values; a value of null unsets.</param>
    /// <param name="declared">Names and types.</param>
    /// <param name="acceptGiven">True where the product's own workflows ask too: they may say, for example, which schedule started a workflow.</param>
    public static string? ProblemOf(
        IEnumerable<(string Name, Payload? Value)> attributes, IReadOnlyDictionary<string, IndexedValueType> declared, bool acceptGiven = false) =>
        attributes.Where(a => !acceptGiven || !Given.Contains(a.Name, StringComparer.Ordinal)).Select(a => ProblemOf(a.Name, a.Value, declared)).FirstOrDefault(static p => p is not null);

    /// <summary>What is wrong with a name that is to be set; null for nothing.</summary>
    /// <param name="name">The name.</param>
    /// <param name="declared">Names and types.</param>
    /// <param name="type">The type that its value has, to be proposed; null when it is not known.</param>
    public static string? ProblemOf(string name, IReadOnlyDictionary<string, IndexedValueType> declared, IndexedValueType? type = null)
    {
        if (ProblemOfSystem([name]) is { } problem)
        {
            return problem;
        }

        return declared.ContainsKey(name)
            ? null
            : $"Search attribute '{name}' is not declared. Declared are: {Describe(declared)}. Add it, with its type, to the setting {Setting}, such as '{name}={SearchAttributeTypes.NameOf(type ?? IndexedValueType.Keyword)}'.";
    }

    /// <summary>What is wrong with names that users give, whatever is declared; null for nothing.</summary>
    public static string? ProblemOfSystem(IEnumerable<string> names) =>
        names.FirstOrDefault(IsSystem) is { } name ? $"Search attribute '{name}' is a system attribute: it can be searched by, not set." : null;

    private static string? ProblemOf(string name, Payload? value, IReadOnlyDictionary<string, IndexedValueType> declared)
    {
        var given = value is null ? null : SearchAttributeEncoding.TypeOf(value);
        if (ProblemOf(name, declared, given) is { } problem)
        {
            return problem;
        }

        var type = declared[name];
        return value is null || given == type
            ? null
            : $"Search attribute '{name}' is declared as {SearchAttributeTypes.NameOf(type)}, but the value given is of "
                + $"{(given is { } other ? $"type {SearchAttributeTypes.NameOf(other)}" : "no type")}. Give it a value of its type, or change the setting {Setting}.";
    }

    private static bool IsSystem(string name) => FilterAttributes.Find(name) is not null || name.StartsWith("Temporal", StringComparison.Ordinal);

    private static string Describe(IReadOnlyDictionary<string, IndexedValueType> declared) => declared.Count == 0
        ? "none"
        : string.Join(", ", declared.OrderBy(static d => d.Key, StringComparer.Ordinal).Select(static d => $"{d.Key}={SearchAttributeTypes.NameOf(d.Value)}"));
}
