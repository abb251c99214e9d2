using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Serverless.History;

/// <summary>
/// Histories as JSON that people can read and that comes back as it was: the same events, byte for byte in the wire format. Described in docs/history-json.md.
/// </summary>
internal static class HistoryJson
{
    /// <summary>Far beyond the deepest chain of causes with the deepest payload that is shown as JSON.</summary>
    public const int MaxDepth = 512;

    public static string Write(IEnumerable<HistoryEvent> events)
    {
        var buffer = new ArrayBufferWriter<byte>(4096);
        using (var writer = new Utf8JsonWriter(buffer, new() { Indented = true, MaxDepth = MaxDepth, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            writer.WriteStartObject();
            Write(writer, events);
            writer.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    /// <summary>Writes the events as a property of the object that is being written.</summary>
    public static void Write(Utf8JsonWriter writer, IEnumerable<HistoryEvent> events)
    {
        writer.WriteStartArray("events");
        foreach (var e in events)
        {
            WriteEvent(writer, e);
        }

        writer.WriteEndArray();
    }

    /// <exception cref="InvalidDataException">It is not a history of ours; the message says where.</exception>
    public static IReadOnlyList<HistoryEvent> Read(string json)
    {
        try
        {
            using var document = JsonDocument.Parse(json, new() { MaxDepth = MaxDepth });
            return Read(document.RootElement);
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"This is no history: it is not JSON. {e.Message}", e);
        }
    }

    /// <summary>The events that stand in an object.</summary>
    /// <exception cref="InvalidDataException">They are no history of ours; the message says where.</exception>
    public static IReadOnlyList<HistoryEvent> Read(JsonElement element) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty("events", out var events) && events.ValueKind == JsonValueKind.Array
            ? [.. events.EnumerateArray().Select(ReadEvent)]
            : throw new InvalidDataException("This is no history: an object with a list \"events\" is expected.");

    private static void WriteEvent(Utf8JsonWriter writer, HistoryEvent e)
    {
        var name = EventNames.Of(e);
        writer.WriteStartObject();
        Property(writer, "eventId", e.Id);
        Property(writer, "eventTime", e.Time);
        writer.WriteString("eventType", EventNames.InCapitals(name));
        writer.WritePropertyName(AttributesOf(name));
        JsonSerializer.Serialize(writer, e, e.GetType(), HistoryJsonTypes.Options);
        writer.WriteEndObject();
    }

    private static void Property<T>(Utf8JsonWriter writer, string name, T value)
    {
        writer.WritePropertyName(name);
        JsonSerializer.Serialize(writer, value, HistoryJsonTypes.Options);
    }

    private static HistoryEvent ReadEvent(JsonElement element, int index)
    {
        try
        {
            var name = element.GetProperty("eventType").GetString() ?? "";
            var type = EventNames.TypeOf(name) ?? throw new InvalidDataException(
                $"there is no event type '{name}' here. Histories of other systems can't be read; one of a newer release needs that release.");
            var attributes = element.GetProperty(AttributesOf(type));
            var e = HasNullItem(attributes) ? null : attributes.Deserialize(type, HistoryJsonTypes.Options) as HistoryEvent;
            return Whole(e ?? throw new InvalidDataException("its attributes are null, or a value in a list of them is.")) with
            {
                Id = element.GetProperty("eventId").Deserialize<long>(HistoryJsonTypes.Options),
                Time = element.GetProperty("eventTime").Deserialize<DateTimeOffset>(HistoryJsonTypes.Options),
            };
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException or FormatException or ArgumentException
            or NotSupportedException or InvalidDataException)
        {
            throw new InvalidDataException($"The {index + 1}. event of the history can't be read: {e.Message}", e);
        }
    }

    /// <summary>True when a list holds null. The JSON of a payload is its own business.</summary>
    private static bool HasNullItem(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Array => element.EnumerateArray().Any(static item => item.ValueKind == JsonValueKind.Null || HasNullItem(item)),
        JsonValueKind.Object => element.EnumerateObject().Any(static property => property.Name != PayloadJson.Value && HasNullItem(property.Value)),
        _ => false,
    };

    /// <summary>The event, whose maps have a value for each key.</summary>
    private static HistoryEvent Whole(HistoryEvent e)
    {
        IReadOnlyDictionary<string, Payload>?[] maps = e switch
        {
            WorkflowStarted x => [x.Memo, x.SearchAttributes, x.Headers],
            WorkflowContinuedAsNew x => [x.Memo, x.SearchAttributes, x.Headers],
            ChildWorkflowInitiated x => [x.Memo, x.SearchAttributes, x.Headers],
            ExternalSignalInitiated x => [x.Headers, x.Start?.Memo, x.Start?.SearchAttributes, x.Start?.Headers],
            WorkflowSignaled x => [x.Headers],
            WorkflowUpdateAccepted x => [x.Headers],
            ActivityScheduled x => [x.Headers],
            _ => [],
        };
        foreach (var map in maps)
        {
            PayloadCodec.Whole((map ?? WorkflowStarted.Empty)!);
        }

        return e;
    }

    private static string AttributesOf(string name) => $"{char.ToLowerInvariant(name[0])}{name[1..]}EventAttributes";

    private static string AttributesOf(Type type) => AttributesOf(EventNames.Of(type));
}
