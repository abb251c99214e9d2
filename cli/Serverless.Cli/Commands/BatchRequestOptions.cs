using System.CommandLine;
using System.Text.Json.Nodes;

namespace Serverless.Cli.Commands;

/// <summary>What a batch does, and to which workflows.</summary>
internal sealed class BatchRequestOptions
{
    private const string Signal = "signal";
    private const string Reset = "reset";
    private const string Upsert = "upsertSearchAttributes";

    private static readonly string[] _actions = [Signal, "cancel", "terminate", Reset, "delete", Upsert, "resume"];

    private readonly Argument<string> _action = new Argument<string>("action") { Description = $"What is done to each: {string.Join(", ", _actions)}." }.AcceptOnlyFromAmong(_actions);
    private readonly Option<string?> _query = FilterOption.Required("which workflows");
    private readonly Option<string?> _id = new("--id") { Description = "Id of the batch. Default: one is made.", HelpName = "id" };
    private readonly Option<int?> _rate = new("--rate") { Description = "At most this many operations per second.", HelpName = "number" };
    private readonly Option<string?> _signal = new("--signal") { Description = "The signal to send.", HelpName = "name" };
    private readonly ArgumentOptions _arguments = new("signal");
    private readonly Option<string[]> _attributes = PairOption.Create("--search-attribute", "A search attribute to set");
    private readonly ResetPoint _point = new();

    /// <summary>The reset's own --reason serves all actions.</summary>
    public IEnumerable<Symbol> All => [_action, _query, _id, _rate, _signal, .. _arguments.All, _attributes, .. _point.All];

    public string Action(Session session) => session.Required(_action);

    public bool CannotBeUndone(Session session) => Action(session) is "terminate" or "delete" or "cancel" or Reset;

    /// <exception cref="CliException">What the action needs is missing.</exception>
    public async Task<JsonObject> ReadAsync(Session session)
    {
        var action = Action(session);
        var body = new JsonObject { ["query"] = session.Value(_query), ["action"] = action };
        ResetPoint.Put(body, "id", session.Value(_id));
        ResetPoint.Put(body, "rate", session.Value(_rate));
        ResetPoint.Put(body, "reason", _point.Reason(session));
        switch (action)
        {
            case Signal:
                var name = session.Value(_signal) ?? throw new CliException(ExitCode.Usage, $"Which signal? Say {_signal.Name}.");
                body["signal"] = new JsonObject { ["name"] = name, ["args"] = await _arguments.ReadAsync(session) };
                break;
            case Upsert:
                body["searchAttributes"] = PairOption.Read(session, _attributes) ?? throw new CliException(ExitCode.Usage, $"Which search attributes? Say {_attributes.Name}.");
                break;
            case Reset:
                var reset = _point.Read(session);
                reset.Remove("reason");
                body["reset"] = reset;
                break;
        }

        return body;
    }
}
