using System.CommandLine;
using System.Text.Json.Nodes;

namespace Serverless.Cli.Commands;

/// <summary>The parts of a schedule that the command line can set; each one given replaces that part and nothing else.</summary>
internal sealed class ScheduleParts
{
    public const string TypeName = "--type";

    private readonly (Option<string?> Option, string Part, string Member)[] _texts;
    private readonly Option<string[]> _cron = new("--cron") { Description = "Times as a cron expression; repeat it for more.", HelpName = "expression" };
    private readonly Option<string[]> _every = new("--every") { Description = "Times at an interval, with an offset after a slash: 6h, 1d/8h; repeat it for more.", HelpName = "duration" };
    private readonly Option<string?> _file = new("--from") { Description = "A file with the schedule as JSON, or - for standard input; the other options change it.", HelpName = "file" };
    private readonly Option<bool?> _pauseOnFailure = new("--pause-on-failure") { Description = "Pauses when a workflow fails.", Arity = ArgumentArity.ZeroOrOne };
    private readonly Option<bool?> _paused = new("--paused") { Description = "Begins paused.", Arity = ArgumentArity.ZeroOrOne };
    private readonly Option<long?> _remaining = new("--remaining-actions") { Description = "Starts no more than this many.", HelpName = "number" };
    private readonly ArgumentOptions _arguments = new("workflow");

    public ScheduleParts(Verbs verbs)
    {
        var type = Text(TypeName, "type", "The workflow type that is started.");
        type.CompletionSources.Add(new Completion.KnownNames(verbs).WorkflowTypes);
        _texts =
        [
            (type, "action", "type"),
            (Text("--workflow-id", "id", "Beginning of the ids of its workflows."), "action", "id"),
            (Text("--start-at", "time", "No starts before this time."), "spec", "startAt"),
            (Text("--end-at", "time", "No starts after this time."), "spec", "endAt"),
            (DurationOption.Create("--jitter", "Starts are spread over this time."), "spec", "jitter"),
            (Text("--time-zone", "zone", "Zone of its times, such as Europe/Berlin. Default: UTC."), "spec", "timeZone"),
            (ScheduleVerbs.Overlap(), "policy", "overlap"),
            (DurationOption.Create("--catchup-window", "Starts that were missed are made up for within this time."), "policy", "catchupWindow"),
            (Text("--note", "text", "A note, shown with the schedule."), "state", "note"),
        ];
    }

    public IEnumerable<Option> All => [.. _texts.Select(static t => t.Option), .. _arguments.All, _cron, _every, _pauseOnFailure, _paused, _remaining, _file];

    public async Task ApplyAsync(Session session, JsonObject schedule)
    {
        if (session.Value(_file) is { } file)
        {
            var given = ArgumentOptions.Json(await InputFiles.ReadTextAsync(session, file), _file.Name) as JsonObject
                ?? throw new CliException(ExitCode.Usage, $"{_file.Name}: a JSON object is expected, as 'serverless schedule describe -o json' prints it.");
            foreach (var (name, value) in given.Where(static part => part.Key is not ("id" or "info")))
            {
                schedule[name] = value?.DeepClone();
            }
        }

        foreach (var (option, part, member) in _texts)
        {
            Set(schedule, part, member, session.Value(option));
        }

        Set(schedule, "policy", "pauseOnFailure", session.Has(_pauseOnFailure) ? session.Value(_pauseOnFailure) ?? true : null);
        Set(schedule, "state", "paused", session.Has(_paused) ? session.Value(_paused) ?? true : null);
        Set(schedule, "state", "limitedActions", session.Has(_remaining) ? true : null);
        Set(schedule, "state", "remainingActions", session.Value(_remaining));
        Set(schedule, "spec", "cron", session.Value(_cron) is { Length: > 0 } cron ? new JsonArray([.. cron.Select(static c => JsonValue.Create(c))]) : null);
        Set(schedule, "spec", "intervals", session.Value(_every) is { Length: > 0 } every ? new JsonArray([.. every.Select(Interval)]) : null);
        if (_arguments.All.Any(session.Has))
        {
            Set(schedule, "action", "args", await _arguments.ReadAsync(session));
        }
    }

    private static JsonObject Interval(string text)
    {
        var parts = text.Split('/', 2);
        if (parts.Any(static part => DurationOption.Parse(part) is null))
        {
            throw new CliException(ExitCode.Usage, $"--every: '{text}' is no interval. Write a duration, and an offset after a slash: 6h, 1d/8h.");
        }

        var interval = new JsonObject { ["every"] = parts[0] };
        if (parts.Length > 1)
        {
            interval["offset"] = parts[1];
        }

        return interval;
    }

    private static void Set(JsonObject schedule, string part, string member, JsonNode? value)
    {
        if (value is not null)
        {
            var parent = schedule[part] as JsonObject ?? [];
            schedule[part] ??= parent;
            parent[member] = value;
        }
    }

    private static Option<string?> Text(string name, string help, string description) => new(name) { Description = description, HelpName = help };
}
