using System.Text.Json;

namespace Serverless.Converters;

/// <summary>
/// What all failures have, as a payload for the codec. Always JSON: the application's own converter may know no more types than the application uses.
/// </summary>
internal sealed record EncodedAttributes(string Message, string? StackTrace)
{
    private const string MessageName = "message";
    private const string StackTraceName = "stack_trace";

    public Payload ToPayload()
    {
        using var json = new MemoryStream();
        using (var writer = new Utf8JsonWriter(json))
        {
            writer.WriteStartObject();
            writer.WriteString(MessageName, Message);
            writer.WriteString(StackTraceName, StackTrace);
            writer.WriteEndObject();
        }

        return PayloadEncoding.Create(PayloadEncoding.JsonPlain, json.ToArray());
    }

    /// <summary>Null when the payload is something else: left by a codec that this process lacks, say.</summary>
    public static EncodedAttributes? TryRead(Payload payload)
    {
        if (PayloadEncoding.Of(payload) != PayloadEncoding.JsonPlain)
        {
            return null;
        }

        try
        {
            using var json = JsonDocument.Parse(payload.Data.Memory);
            return new(json.RootElement.GetProperty(MessageName).GetString() ?? "", json.RootElement.TryGetProperty(StackTraceName, out var stack) ? stack.GetString() : null);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException)
        {
            return null;
        }
    }
}
