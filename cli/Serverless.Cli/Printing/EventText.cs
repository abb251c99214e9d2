using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;

namespace Serverless.Cli.Printing;

/// <summary>Events of a history, each in one line: whose it is, with which arguments, and how it went. Remembers what later events refer to.</summary>
internal sealed class EventText(Moments moments)
{
    private const int ValueLength = 200;

    /// <summary>Attributes that name what an event is about, the most telling first.</summary>
    private static readonly string[] _subjects = ["workflowType", "activityType", "signalName", "name", "patchId", "timerId"];

    /// <summary>Attributes that name the event that an event answers.</summary>
    private static readonly string[] _references = ["scheduledEventId", "startedEventId", "initiatedEventId", "acceptedEventId", "childInitiatedEventId"];

    /// <summary>Attributes that are shown by name.</summary>
    private static readonly string[] _facts = ["delay", "reason", "updateId", "buildId", "fromRunId", "fromEventId", "newRunId", "cronSchedule", "memo", "searchAttributes", "details"];

    private readonly Dictionary<long, string> _names = [];
    private DateTimeOffset? _started;

    public IReadOnlyList<Column> Columns =>
    [
        new("ID", e => Cell.Of(e["id"]), IsNumber: true),
        new("TIME", e => moments.ShowTime(e["time"])),
        new("AFTER", e => Since(e["time"]), IsNumber: true),
        new("EVENT", e => new Cell((string?)e["type"], Colour((string?)e["type"] ?? ""))),
        new("WHAT", e => Describe(e), Wraps: true),
    ];

    private static Spectre.Console.Color? Colour(string type) => type switch
    {
        _ when type.EndsWith("Failed", StringComparison.Ordinal) || type.EndsWith("TimedOut", StringComparison.Ordinal) => Spectre.Console.Color.Red,
        _ when type.EndsWith("Canceled", StringComparison.Ordinal) || type.EndsWith("Terminated", StringComparison.Ordinal) => Spectre.Console.Color.Yellow,
        _ when type.EndsWith("Completed", StringComparison.Ordinal) && type != "WorkflowTaskCompleted" => Spectre.Console.Color.Green,
        _ => null,
    };

    /// <summary>The message of a failure and of its causes.</summary>
    public static string Failure(JsonNode? failure)
    {
        var text = new StringBuilder();
        for (var inner = failure as JsonObject; inner is not null; inner = inner["cause"] as JsonObject)
        {
            var type = (string?)inner["type"];
            text.Append(text.Length > 0 ? " < " : "").Append(type is { Length: > 0 } ? $"{type}: " : "").Append((string?)inner["message"]);
        }

        return text.ToString();
    }

    private string Since(JsonNode? time)
    {
        var moment = Moments.Parse(time);
        _started ??= moment;
        return moment is null ? "" : $"+{Moments.Show(moment.Value - _started!.Value)}";
    }

    private string Describe(JsonObject e)
    {
        var attributes = e["attributes"] as JsonObject ?? [];
        var text = new StringBuilder(Subject(e, attributes));
        if (attributes["args"] is JsonArray args)
        {
            text.Append('(').AppendJoin(", ", args.Select(static a => Cell.Json(a, ValueLength))).Append(')');
        }

        if (attributes.ContainsKey("result"))
        {
            text.Append(" = ").Append(Cell.Json(attributes["result"], ValueLength));
        }

        if (attributes["failure"] is { } failure)
        {
            text.Append(": ").Append(Failure(failure));
        }

        foreach (var name in _facts.Where(attributes.ContainsKey))
        {
            text.Append(CultureInfo.InvariantCulture, $"{(text.Length > 0 ? ", " : "")}{name} {Cell.Of(attributes[name], ValueLength).Text}");
        }

        var line = text.ToString().TrimStart();
        return (int?)attributes["attempt"] is > 1 and var attempt ? $"{line}, attempt {attempt}" : line;
    }

    /// <summary>What the event is about, by its own attributes or by those of the event that it answers.</summary>
    private string Subject(JsonObject e, JsonObject attributes)
    {
        var name = _subjects.Select(subject => (string?)attributes[subject]).FirstOrDefault(static text => text is not null) ?? "";
        if ((string?)e["type"] is "TimerStarted")
        {
            name = $"timer {name}";
        }

        if ((string?)attributes["workflowId"] is { } target)
        {
            name = name.Length == 0 ? target : $"{name} of {target}";
        }

        if (name.Length > 0 && (long?)e["id"] is { } id)
        {
            _names[id] = name;
        }

        var answered = _references.Select(reference => (long?)attributes[reference]).FirstOrDefault(static number => number > 0);
        return answered is null ? name : $"{_names.GetValueOrDefault(answered.Value, "")} ({answered})".TrimStart();
    }
}
