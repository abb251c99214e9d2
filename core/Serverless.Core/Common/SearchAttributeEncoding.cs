using System.Globalization;
using System.Text.Json;
using Serverless.Api.Enums.V1;
using Serverless.Converters;

namespace Serverless.Common;

/// <summary>
/// Stored form of search attributes: JSON with the type's name in the metadata key "type". Fixed: neither the user's converter nor the codec has a part in it,
/// as the list must be able to read them.
/// </summary>
internal static class SearchAttributeEncoding
{
    private const string TypeKey = "type";

    public static Payload Encode(SearchAttributeKey key, object value)
    {
        var metadata = MetadataDictionary.Fixed(new(2)
        {
            [PayloadEncoding.Key] = PayloadEncoding.JsonPlainBytes,
            [TypeKey] = ByteString.CopyFromUtf8(NameOf(key.ValueType)),
        });
        return new Payload(metadata, JsonSerializer.SerializeToUtf8Bytes(value, value.GetType()));
    }

    /// <summary>The type; null when it has none that is known.</summary>
    public static IndexedValueType? TypeOf(Payload payload) =>
        payload.Metadata.TryGetValue(TypeKey, out var name) ? TypeOf(name.ToStringUtf8()) : null;

    /// <summary>The attribute; null when it has no known type or no value of that type.</summary>
    public static (SearchAttributeKey Key, object Value)? TryDecode(string name, Payload payload)
    {
        if (TypeOf(payload) is not { } type)
        {
            return null;
        }

        try
        {
            using var json = JsonDocument.Parse(payload.Data.Memory);
            return Decode(name, type, json.RootElement);
        }
        catch (Exception e) when (e is JsonException or FormatException or InvalidOperationException)
        {
            return null;
        }
    }

    /// <summary>A value that does not change any more: a list is copied.</summary>
    public static object Normalize(SearchAttributeKey key, object value) =>
        key.ValueType == IndexedValueType.KeywordList && value is IReadOnlyCollection<string> words ? words.ToArray() : value;

    private static (SearchAttributeKey Key, object Value)? Decode(string name, IndexedValueType type, JsonElement json)
    {
        // One value written as a list of one is the field's older form of the same thing.
        if (type != IndexedValueType.KeywordList && json.ValueKind == JsonValueKind.Array && json.GetArrayLength() == 1)
        {
            json = json[0];
        }

        return type switch
        {
            IndexedValueType.Text when json.GetString() is { } text => (SearchAttributeKey.CreateText(name), text),
            IndexedValueType.Keyword when json.GetString() is { } word => (SearchAttributeKey.CreateKeyword(name), word),
            IndexedValueType.Int => (SearchAttributeKey.CreateLong(name), json.GetInt64()),
            IndexedValueType.Double => (SearchAttributeKey.CreateDouble(name), json.GetDouble()),
            IndexedValueType.Bool => (SearchAttributeKey.CreateBool(name), json.GetBoolean()),
            IndexedValueType.Datetime => (SearchAttributeKey.CreateDateTimeOffset(name), Moment(json)),
            IndexedValueType.KeywordList => (SearchAttributeKey.CreateKeywordList(name), Words(json)),
            _ => null,
        };
    }

    private static DateTimeOffset Moment(JsonElement json) =>
        DateTimeOffset.Parse(json.GetString() ?? "", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);

    private static string[] Words(JsonElement json) =>
        json.ValueKind == JsonValueKind.Array
            ? [.. json.EnumerateArray().Select(word => word.GetString() ?? "")]
            : [json.GetString() ?? ""];

    private static string NameOf(IndexedValueType type) => type switch
    {
        IndexedValueType.Text => "Text",
        IndexedValueType.Keyword => "Keyword",
        IndexedValueType.Int => "Int",
        IndexedValueType.Double => "Double",
        IndexedValueType.Bool => "Bool",
        IndexedValueType.Datetime => "Datetime",
        IndexedValueType.KeywordList => "KeywordList",
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "A search attribute needs a type."),
    };

    private static IndexedValueType? TypeOf(string name) => name switch
    {
        "Text" => IndexedValueType.Text,
        "Keyword" => IndexedValueType.Keyword,
        "Int" => IndexedValueType.Int,
        "Double" => IndexedValueType.Double,
        "Bool" => IndexedValueType.Bool,
        "Datetime" => IndexedValueType.Datetime,
        "KeywordList" => IndexedValueType.KeywordList,
        _ => null,
    };
}
