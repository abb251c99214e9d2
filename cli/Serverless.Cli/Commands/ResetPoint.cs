using System.CommandLine;
using System.Text.Json.Nodes;

namespace Serverless.Cli.Commands;

/// <summary>From where a reset or a fork goes on, and what it takes along.</summary>
internal sealed class ResetPoint
{
    private readonly Option<long?> _event = new("--event") { Description = "Keeps the history up to this event, in whole workflow tasks.", HelpName = "event id" };

    private readonly Option<string?> _to = new Option<string?>("--to") { Description = "Keeps the history up to before the first or the last workflow task.", HelpName = "first|last" }
        .AcceptOnlyFromAmong("first", "last");

    private readonly Option<string?> _build = new("--build-id") { Description = "Keeps the history up to before the first task that this build ran.", HelpName = "build" };

    private readonly Option<string?> _reapply = new Option<string?>("--reapply") { Description = "Which messages that arrived later are applied again. Default: all.", HelpName = "all|signals|none" }
        .AcceptOnlyFromAmong("all", "signals", "none");

    private readonly Option<string?> _children = new Option<string?>("--children") { Description = "What becomes of child workflows that had not closed. Default: a reset keeps them, a fork starts its own.", HelpName = "keep|terminate|restart" }
        .AcceptOnlyFromAmong("keep", "terminate", "restart");

    private readonly Option<string?> _reason = WorkflowSteering.Reason();

    public IEnumerable<Option> All => [_event, _to, _build, _reapply, _children, _reason];

    /// <exception cref="CliException">Not exactly one point is named.</exception>
    public JsonObject Read(Session session)
    {
        if (new Option[] { _event, _to, _build }.Count(session.Has) != 1)
        {
            throw new CliException(ExitCode.Usage, $"Say from where: exactly one of {_event.Name}, {_to.Name} and {_build.Name}.");
        }

        var body = new JsonObject();
        Put(body, "event", session.Value(_event));
        Put(body, "to", session.Value(_to) switch { "first" => "firstWorkflowTask", "last" => "lastWorkflowTask", _ => null });
        Put(body, "buildId", session.Value(_build));
        Put(body, "reapply", session.Value(_reapply));
        Put(body, "children", session.Value(_children));
        Put(body, "reason", session.Value(_reason));
        return body;
    }

    public string? Reason(Session session) => session.Value(_reason);

    public static void Put(JsonObject body, string name, JsonNode? value)
    {
        if (value is not null)
        {
            body[name] = value;
        }
    }
}
