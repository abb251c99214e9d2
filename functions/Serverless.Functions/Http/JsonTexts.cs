using System.Text.Json;
using System.Text.Json.Serialization;

namespace Serverless.Functions.Http;

/// <summary>What is asked of JSON from outside besides its form.</summary>
internal static class JsonTexts
{
    /// <summary>Deepest nesting of objects and lists.</summary>
    public const int MaxDepth = 64;

    /// <summary>True when every text in it is Unicode: an escape can be half of a character, which can't be written again.</summary>
    public static bool IsUnicode(ReadOnlySpan<byte> json, int maxDepth = MaxDepth)
    {
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = maxDepth });
        while (reader.Read())
        {
            if (reader.ValueIsEscaped && HasHalves(ref reader))
            {
                return false;
            }
        }

        return true;
    }

    private static bool HasHalves(ref Utf8JsonReader reader)
    {
        try
        {
            reader.GetString();
            return false;
        }
        catch (InvalidOperationException)
        {
            return true;
        }
    }
}

/// <summary>Lists of values, no longer than they may be: read to their end, they would take many times the memory of the text.</summary>
internal sealed class ValueListConverter(int most) : JsonConverter<IReadOnlyList<JsonElement>>
{
    public override IReadOnlyList<JsonElement> Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            throw new JsonException("A list of values is expected.");
        }

        var values = new List<JsonElement>();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            values.Add(values.Count < most
                ? JsonElement.ParseValue(ref reader)
                : throw new ApiException(413, ProblemCodes.TooLarge, $"A list in the body has more than {most} values, which is the limit. Put them into one list, which is one value."));
        }

        return values;
    }

    public override void Write(Utf8JsonWriter writer, IReadOnlyList<JsonElement> value, JsonSerializerOptions options) => throw new NotSupportedException();
}

/// <summary>Maps of values, no longer than they may be.</summary>
internal sealed class ValueMapConverter(int most) : JsonConverter<IReadOnlyDictionary<string, JsonElement>>
{
    public override IReadOnlyDictionary<string, JsonElement> Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            throw new JsonException("An object of values is expected.");
        }

        var values = new Dictionary<string, JsonElement>(StringComparer.Ordinal);
        while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
        {
            var name = reader.GetString()!;
            reader.Read();
            if (values.Count == most)
            {
                throw new ApiException(413, ProblemCodes.TooLarge, $"An object in the body has more than {most} values, which is the limit.");
            }

            if (!values.TryAdd(name, JsonElement.ParseValue(ref reader)))
            {
                throw new JsonException($"'{name}' stands twice in an object.");
            }
        }

        return values;
    }

    public override void Write(Utf8JsonWriter writer, IReadOnlyDictionary<string, JsonElement> value, JsonSerializerOptions options) => throw new NotSupportedException();
}
