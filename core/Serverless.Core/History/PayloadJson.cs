using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Unicode;
using Serverless.Converters;

namespace Serverless.History;

/// <summary>
/// A payload in an exported history: <c>json</c> holds its value when it is JSON, else <c>data</c> its bytes in base64; <c>metadata</c> is left out when it says
/// only that the value is JSON; <c>blob</c> and <c>size</c> stand for a value that was too large for the history.
/// </summary>
internal sealed class PayloadJson : JsonConverter<Payload>
{
    /// <summary>The property that holds a payload which is JSON.</summary>
    public const string Value = "json";

    private const string Encoding = "encoding";
    private const string Base64 = "base64";

    /// <summary>Deeper values are shown as bytes: readers of JSON have limits.</summary>
    private const int MaxValueDepth = 32;

    public override Payload Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        var element = JsonElement.ParseValue(ref reader);
        if (element.ValueKind != JsonValueKind.Object)
        {
            throw new JsonException("A payload is an object with json, data or blob.");
        }

        var isJson = element.TryGetProperty(Value, out var json);
        var data = isJson
            ? System.Text.Encoding.UTF8.GetBytes(json.GetRawText())
            : element.TryGetProperty("data", out var bytes) ? bytes.GetBytesFromBase64() : [];
        var metadata = element.TryGetProperty("metadata", out var entries)
            ? entries.EnumerateObject().ToDictionary(static entry => entry.Name, static entry => ByteString.Wrap(Bytes(entry.Value)), StringComparer.Ordinal)
            : isJson ? PlainJson : [];
        var blob = element.TryGetProperty("blob", out var name) ? name.GetString() : null;
        return new Payload(MetadataDictionary.Fixed(metadata), data)
        {
            BlobName = blob,
            OriginalSize = !element.TryGetProperty("size", out var size) ? data.Length
                : size.Deserialize<long>(options) is var original && original >= 0 ? original : throw new JsonException("The size of a payload is not negative."),
        };
    }

    public override void Write(Utf8JsonWriter writer, Payload value, JsonSerializerOptions options)
    {
        var isJson = value.Metadata.TryGetValue(Encoding, out var encoding) && encoding.Span.SequenceEqual("json/plain"u8) && IsPlainJson(value.Data.Span);
        writer.WriteStartObject();
        if (value.Metadata.Count > 0 && !(isJson && value.Metadata.Count == 1))
        {
            writer.WriteStartObject("metadata");
            foreach (var (key, bytes) in value.Metadata.OrderBy(static entry => entry.Key, StringComparer.Ordinal))
            {
                WriteBytes(writer, key, bytes.Span);
            }

            writer.WriteEndObject();
        }

        if (isJson)
        {
            writer.WritePropertyName(Value);
            writer.WriteRawValue(value.Data.Span);
        }
        else if (value.Data.Length > 0)
        {
            writer.WriteBase64String("data", value.Data.Span);
        }

        if (value.BlobName is { } blob)
        {
            writer.WriteString("blob", blob);
        }

        if (value.OriginalSize != value.Data.Length)
        {
            writer.WritePropertyName("size");
            JsonSerializer.Serialize(writer, value.OriginalSize, options);
        }

        writer.WriteEndObject();
    }

    private static Dictionary<string, ByteString> PlainJson => new(StringComparer.Ordinal) { [Encoding] = ByteString.Wrap("json/plain"u8.ToArray()) };

    /// <summary>Text where the bytes are text, else an object that holds them in base64.</summary>
    private static void WriteBytes(Utf8JsonWriter writer, string name, ReadOnlySpan<byte> bytes)
    {
        if (Utf8.IsValid(bytes))
        {
            writer.WriteString(name, bytes);
            return;
        }

        writer.WriteStartObject(name);
        writer.WriteBase64String(Base64, bytes);
        writer.WriteEndObject();
    }

    private static ReadOnlyMemory<byte> Bytes(JsonElement element) =>
        element.ValueKind == JsonValueKind.String ? System.Text.Encoding.UTF8.GetBytes(element.GetString()!) : element.GetProperty(Base64).GetBytesFromBase64();

    /// <summary>True when the bytes are one JSON value that comes back as it is from the middle of a document.</summary>
    private static bool IsPlainJson(ReadOnlySpan<byte> data)
    {
        if (data.IsEmpty || data[0] <= ' ' || data[^1] <= ' ' || !Utf8.IsValid(data))
        {
            return false;
        }

        try
        {
            var reader = new Utf8JsonReader(data, new JsonReaderOptions { MaxDepth = MaxValueDepth });
            while (reader.Read())
            {
            }

            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
