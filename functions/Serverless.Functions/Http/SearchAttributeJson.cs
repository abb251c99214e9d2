using System.Text.Json;
using Serverless.Api.Enums.V1;
using Serverless.Common;
using Serverless.Converters;
using Serverless.Visibility;

namespace Serverless.Functions.Http;

/// <summary>Search attributes that callers set: plain JSON values, which get the declared type.</summary>
internal static class SearchAttributeJson
{
    /// <param name="name">Its name.</param>
    /// <param name="value">Its value.</param>
    /// <param name="declared">Names and types.</param>
    /// <param name="member">Where in the body it stands.</param>
    /// <exception cref="ApiException">The attribute is not declared, or the value is none of its type.</exception>
    public static Payload Encode(string name, JsonElement value, IReadOnlyDictionary<string, IndexedValueType> declared, string member)
    {
        if (DeclaredAttributes.ProblemOf(name, declared) is { } problem)
        {
            throw new ApiException(400, ProblemCodes.InvalidRequest, $"{member}: {problem}");
        }

        var type = declared[name];
        return Read(type, value) is { } read
            ? SearchAttributeEncoding.Encode(new SearchAttributeKey(name, type), read)
            : throw new ApiException(400, ProblemCodes.InvalidRequest,
                $"{member}: '{name}' is declared as {SearchAttributeTypes.NameOf(type)}; {value.GetRawText()} is no such value. Give {Describe(type)}.");
    }

    /// <summary>Changes: null removes an attribute.</summary>
    /// <exception cref="ApiException">An attribute is not declared, or a value is none of its type.</exception>
    public static Dictionary<string, Payload?> Changes(
        IReadOnlyDictionary<string, JsonElement>? values, IReadOnlyDictionary<string, IndexedValueType> declared, string member) =>
        (values ?? new Dictionary<string, JsonElement>()).ToDictionary(
            static v => v.Key, v => v.Value.ValueKind == JsonValueKind.Null ? null : Encode(v.Key, v.Value, declared, member), StringComparer.Ordinal);

    private static object? Read(IndexedValueType type, JsonElement value) => (type, value.ValueKind) switch
    {
        (IndexedValueType.Keyword or IndexedValueType.Text, JsonValueKind.String) => value.GetString(),
        (IndexedValueType.KeywordList, JsonValueKind.Array) when value.EnumerateArray().All(word => word.ValueKind == JsonValueKind.String) =>
            value.EnumerateArray().Select(word => word.GetString()!).ToArray(),
        (IndexedValueType.Int, JsonValueKind.Number) when value.TryGetInt64(out var whole) => whole,
        (IndexedValueType.Double, JsonValueKind.Number) when value.TryGetDouble(out var number) && double.IsFinite(number) => number,
        (IndexedValueType.Bool, JsonValueKind.True or JsonValueKind.False) => value.GetBoolean(),
        (IndexedValueType.Datetime, JsonValueKind.String) when FilterLiterals.TryTime(value.GetString()!, out var time) => time,
        _ => null,
    };

    private static string Describe(IndexedValueType type) => type switch
    {
        IndexedValueType.KeywordList => "a list of texts",
        IndexedValueType.Int => "a whole number",
        IndexedValueType.Double => "a number",
        IndexedValueType.Bool => "true or false",
        IndexedValueType.Datetime => "a time such as \"2026-11-01T00:00:00Z\"",
        _ => "a text",
    };
}
