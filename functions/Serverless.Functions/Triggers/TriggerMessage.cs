using System.Buffers.Text;
using System.Text;
using System.Text.Json;
using Serverless.Engine;

namespace Serverless.Functions.Triggers;

/// <summary>
/// Reads the body that the Functions host posts for a queue message. The host encodes text as JSON twice, and copies top-level properties of a
/// JSON message over its own metadata: so the message is taken from Data, and the dequeue count is believed only as far as it does no harm.
/// </summary>
internal static class TriggerMessage
{
    /// <summary>The same number as maxDequeueCount in host.json.</summary>
    public const int MaxDequeueCount = 5;

    /// <exception cref="FormatException">It is not what the host posts.</exception>
    public static QueueDelivery Parse(JsonElement body)
    {
        if (body.ValueKind != JsonValueKind.Object || !body.TryGetProperty("Data", out var data) || data.ValueKind != JsonValueKind.Object)
        {
            throw new FormatException("The body has no object 'Data': this endpoint takes invocations of the Functions host only.");
        }

        using var bindings = data.EnumerateObject();
        if (!bindings.MoveNext())
        {
            throw new FormatException("'Data' is empty: function.json must have a queueTrigger binding.");
        }

        try
        {
            var dequeueCount = DequeueCount(body);
            return new QueueDelivery(Bytes(Text(bindings.Current.Value)), dequeueCount, dequeueCount >= MaxDequeueCount);
        }
        catch (InvalidOperationException e)
        {
            throw new FormatException("A text in the body holds half of a character.", e);
        }
    }

    private static string Text(JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.String)
        {
            return value.GetRawText();
        }

        var outer = value.GetString()!;
        if (!outer.StartsWith('"'))
        {
            return outer;
        }

        try
        {
            return JsonSerializer.Deserialize<string>(outer) ?? outer;
        }
        catch (JsonException)
        {
            return outer;
        }
    }

    /// <summary>Messages of the engine travel as base64; what is not base64 is foreign, and its handler will say so.</summary>
    private static byte[] Bytes(string text)
    {
        var utf8 = Encoding.UTF8.GetBytes(text);
        return Base64.IsValid(utf8) ? Convert.FromBase64String(text) : utf8;
    }

    private static int DequeueCount(JsonElement body)
    {
        if (!body.TryGetProperty("Metadata", out var metadata) || metadata.ValueKind != JsonValueKind.Object
            || !metadata.TryGetProperty("DequeueCount", out var count))
        {
            return 1;
        }

        var text = count.ValueKind == JsonValueKind.String ? count.GetString()!.Trim('"') : count.GetRawText();
        return int.TryParse(text, out var number) && number is > 0 and <= 100_000 ? number : 1;
    }
}
