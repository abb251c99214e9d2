using System.Text.Json;
using System.Text.Json.Nodes;
using Serverless.Converters;

namespace Serverless.Functions.Http;

/// <summary>Arguments and results between JSON texts and stored payloads.</summary>
internal static class JsonPayloads
{
    private static readonly ByteString _jsonPlain = ByteString.CopyFromUtf8("json/plain");

    public static Payload FromJson(JsonElement value) =>
        new() { Metadata = { ["encoding"] = _jsonPlain }, Data = ByteString.CopyFrom(JsonSerializer.SerializeToUtf8Bytes(value)) };

    /// <summary>JSON as it is; anything else as an object that says what it is.</summary>
    public static JsonNode? ToJson(Payload? payload)
    {
        if (payload is null)
        {
            return null;
        }

        if (payload.BlobName is not null)
        {
            return new JsonObject { ["blob"] = payload.BlobName, ["size"] = payload.OriginalSize };
        }

        var encoding = payload.Metadata.TryGetValue("encoding", out var bytes) ? bytes.ToStringUtf8() : "";
        switch (encoding)
        {
            case "binary/null":
                return null;
            case "json/plain" or "json/protobuf" when TryParse(payload.Data.Memory, out var node):
                return node;
            default:
                return new JsonObject { ["encoding"] = encoding, ["data"] = payload.Data.ToBase64() };
        }
    }

    private static bool TryParse(ReadOnlyMemory<byte> data, out JsonNode? node)
    {
        try
        {
            // What holds half of a character can be read, but not written.
            var isWhole = JsonTexts.IsUnicode(data.Span);
            node = isWhole ? JsonNode.Parse(data.Span) : null;
            return isWhole;
        }
        catch (JsonException)
        {
            node = null;
            return false;
        }
    }
}
