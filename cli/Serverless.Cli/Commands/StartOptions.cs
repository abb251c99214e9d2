using System.CommandLine;
using System.Text.Json.Nodes;

namespace Serverless.Cli.Commands;

/// <summary>The options of a start, as the HTTP API takes them.</summary>
internal sealed class StartOptions
{
    private readonly (Option<string?> Option, string Member)[] _texts =
    [
        (Text("--task-queue", "name", "Where its activities run."), "taskQueue"),
        (DurationOption.Create("--execution-timeout", "Limit for the workflow with all its runs."), "executionTimeout"),
        (DurationOption.Create("--run-timeout", "Limit for each run."), "runTimeout"),
        (DurationOption.Create("--task-timeout", "Limit for each workflow task."), "taskTimeout"),
        (DurationOption.Create("--start-delay", "Time before its first task."), "startDelay"),
        (Text("--cron", "expression", "Runs again at these times."), "cronSchedule"),
        (Choice("--id-reuse-policy", "When its id was used by a closed workflow.", "AllowDuplicate", "AllowDuplicateFailedOnly", "RejectDuplicate"), "idReusePolicy"),
        (Choice("--id-conflict-policy", "When its id is used by a running workflow.", "Fail", "UseExisting", "TerminateExisting"), "idConflictPolicy"),
        (Text("--summary", "text", "What it is, in a line for people."), "summary"),
        (Text("--details", "text", "More of it, for people."), "details"),
        (Text("--request-id", "id", "Makes a repeated start the same one."), "requestId"),
    ];

    private readonly Option<int?> _attempts = new("--max-attempts") { Description = "Runs again when it fails, up to this many runs in all.", HelpName = "number" };
    private readonly Option<string[]> _memo = PairOption.Create("--memo", "An entry of its memo");
    private readonly Option<string[]> _attributes = PairOption.Create("--search-attribute", "A search attribute");
    private readonly Option<string?> _signal = Text("--signal", "name", "A signal that is delivered with the start.");
    private readonly ArgumentOptions _signalArguments = new("signal", "signal-");

    public IEnumerable<Option> All => [.. _texts.Select(static t => t.Option), _attempts, _memo, _attributes, _signal, .. _signalArguments.All];

    public async Task<JsonObject> ReadAsync(Session session)
    {
        var options = new JsonObject();
        foreach (var (option, member) in _texts)
        {
            if (session.Value(option) is { } text)
            {
                options[member] = text;
            }
        }

        if (session.Value(_attempts) is { } attempts)
        {
            options["retryPolicy"] = new JsonObject { ["maximumAttempts"] = attempts };
        }

        if (PairOption.Read(session, _memo) is { } memo)
        {
            options["memo"] = memo;
        }

        if (PairOption.Read(session, _attributes) is { } attributes)
        {
            options["searchAttributes"] = attributes;
        }

        var signalArguments = await _signalArguments.ReadAsync(session);
        if (session.Value(_signal) is { } signal)
        {
            options["startSignal"] = new JsonObject { ["name"] = signal, ["args"] = signalArguments };
        }
        else if (signalArguments.Count > 0)
        {
            throw new CliException(ExitCode.Usage, $"Arguments of a signal need its name: {_signal.Name}.");
        }

        return options;
    }

    private static Option<string?> Text(string name, string help, string description) => new(name) { Description = description, HelpName = help };

    private static Option<string?> Choice(string name, string description, params string[] values) =>
        new Option<string?>(name) { Description = description, HelpName = string.Join('|', values) }.AcceptOnlyFromAmong(values);
}
