using System.CommandLine;
using System.Text.Json.Nodes;
using Serverless.Cli.Api;

namespace Serverless.Cli.Commands;

/// <summary>start.</summary>
internal sealed class WorkflowStart(Verbs verbs)
{
    public Command Start()
    {
        var type = new WorkflowArguments(verbs).Type();
        var id = new Option<string?>("--id") { Description = "Its id. Default: one is made.", HelpName = "id" };
        var arguments = new ArgumentOptions("workflow");
        var options = new StartOptions();
        var waiting = new ResultWait();
        return verbs.Verb("start", "Start a workflow.", [type, id, .. arguments.All, .. options.All, .. waiting.All], async session =>
        {
            var body = new JsonObject { ["type"] = session.Required(type), ["args"] = await arguments.ReadAsync(session) };
            if (session.Value(id) is { } text)
            {
                body["id"] = text;
            }

            if (await options.ReadAsync(session) is { Count: > 0 } chosen)
            {
                body["options"] = chosen;
            }

            var answer = await session.PostAsync(ApiPath.Of("workflows"), body);
            var workflow = (string?)answer["id"] ?? "";
            var word = (bool?)answer["started"] == false ? $"Workflow '{workflow}' exists already." : $"Workflow '{workflow}' started.";
            if (!waiting.IsAsked(session))
            {
                return await WorkflowSteering.DoneAsync(session, answer, word);
            }

            await session.NoteAsync(word);
            return await waiting.PrintAsync(session, workflow, run: null, waits: true);
        });
    }
}
