using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Serverless.Api.Enums.V1;
using Serverless.Client;
using Serverless.Engine;
using Serverless.History;

namespace Serverless.Maintenance;

/// <summary>Exported runs as lines of JSON. Described in docs/history-json.md.</summary>
internal static class ExportLine
{
    private const int Format = 1;

    public static string Write(ExportedRun run)
    {
        var buffer = new ArrayBufferWriter<byte>(4096);
        using (var writer = new Utf8JsonWriter(buffer, new() { MaxDepth = HistoryJson.MaxDepth, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            writer.WriteStartObject();
            writer.WriteNumber("format", Format);
            writer.WriteString("workflowId", run.WorkflowId);
            writer.WriteString("runId", run.RunId);
            writer.WriteNumber("runNumber", run.RunNumber);
            writer.WriteString("currentRunId", run.CurrentRunId);
            writer.WriteString("status", run.Status.ToString());
            Optional(writer, "startRequestId", run.StartRequestId);
            Optional(writer, "pinnedBuildId", run.PinnedBuildId);
            List(writer, "updates", run.Updates);
            List(writer, "attempts", run.Attempts);
            List(writer, "requests", run.Requests);
            WriteInbox(writer, run.Inbox);
            HistoryJson.Write(writer, run.Events);
            writer.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    /// <summary>The run of a line; null for a line that says how far an export is, what it left out, or that it ended.</summary>
    /// <exception cref="InvalidDataException">It is no line of an export.</exception>
    public static ExportedRun? Read(string line, out bool isEnd)
    {
        try
        {
            using var document = JsonDocument.Parse(line, new() { MaxDepth = HistoryJson.MaxDepth });
            var root = document.RootElement;
            isEnd = root.TryGetProperty("summary", out _);
            return isEnd || root.TryGetProperty("progress", out _) || root.TryGetProperty("skipped", out _) ? null : Read(root);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException or FormatException or ArgumentException or NotSupportedException)
        {
            throw new InvalidDataException($"This is no line of an export: {e.Message}", e);
        }
    }

    private static ExportedRun Read(JsonElement root)
    {
        if (root.GetProperty("format").GetInt32() != Format)
        {
            throw new InvalidDataException($"its format is {root.GetProperty("format")}; this release reads {Format}");
        }

        return new ExportedRun(Required(root, "workflowId"), Required(root, "runId"), root.GetProperty("runNumber").GetInt32(), Required(root, "currentRunId"))
        {
            Status = Enum.TryParse<WorkflowExecutionStatus>(Required(root, "status"), out var status) && Enum.IsDefined(status) ? status : throw new InvalidDataException("its status is none"),
            StartRequestId = Text(root, "startRequestId"),
            PinnedBuildId = Text(root, "pinnedBuildId"),
            Updates = List<UpdateOutcome>(root, "updates"),
            Attempts = List<ExportedAttempts>(root, "attempts"),
            Requests = List<ExportedRequest>(root, "requests"),
            Inbox = ReadInbox(root),
            Events = HistoryJson.Read(root),
        };
    }

    private static void WriteInbox(Utf8JsonWriter writer, IReadOnlyList<ExportedMessage> inbox)
    {
        if (inbox.Count == 0)
        {
            return;
        }

        writer.WriteStartArray("inbox");
        foreach (var message in inbox)
        {
            writer.WriteStartObject();
            writer.WriteString("key", message.Key);
            Optional(writer, "runId", message.RunId);
            HistoryJson.Write(writer, [message.Event]);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    private static IReadOnlyList<ExportedMessage> ReadInbox(JsonElement root) => !root.TryGetProperty("inbox", out var inbox)
        ? []
        : [.. inbox.EnumerateArray().Select(static message => new ExportedMessage(
            Required(message, "key"),
            Text(message, "runId"),
            HistoryJson.Read(message) is [InputEvent e] ? e : throw new InvalidDataException("a message in the inbox is not one event")))];

    private static void Optional(Utf8JsonWriter writer, string name, string? text)
    {
        if (text is not null)
        {
            writer.WriteString(name, text);
        }
    }

    private static string? Text(JsonElement element, string name) => element.TryGetProperty(name, out var text) ? text.GetString() : null;

    private static string Required(JsonElement element, string name) => Text(element, name) ?? throw new InvalidDataException($"it has no {name}");

    private static void List<T>(Utf8JsonWriter writer, string name, IReadOnlyList<T> items)
    {
        if (items.Count > 0)
        {
            writer.WritePropertyName(name);
            JsonSerializer.Serialize(writer, items, HistoryJsonTypes.Options);
        }
    }

    private static List<T> List<T>(JsonElement root, string name) =>
        !root.TryGetProperty(name, out var items) ? []
        : items.Deserialize<List<T>>(HistoryJsonTypes.Options) is { } list && !list.Contains(default!) ? list
        : throw new InvalidDataException($"its {name} are no list, or one is null");
}
