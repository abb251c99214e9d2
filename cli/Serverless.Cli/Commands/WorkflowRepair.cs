using System.CommandLine;
using System.Text.Json.Nodes;
using Serverless.Cli.Api;

namespace Serverless.Cli.Commands;

/// <summary>reset, fork, resume.</summary>
internal sealed class WorkflowRepair(Verbs verbs)
{
    private readonly WorkflowArguments _workflow = new(verbs);

    public Command Reset()
    {
        var id = _workflow.Id();
        var run = WorkflowArguments.Run();
        var point = new ResetPoint();
        var yes = Confirmation.Option();
        return verbs.Verb("reset", "End the current run and go on in a new one from a point of its history.", [id, run, .. point.All, yes], async session =>
        {
            var body = point.Read(session);
            await Confirmation.AskAsync(session, yes, $"Resetting workflow '{session.Required(id)}'");
            var answer = await session.PostAsync(ApiPath.Of("workflows", session.Required(id), "reset").With("run", session.Value(run)), body);
            return await WorkflowSteering.DoneAsync(session, answer, $"Goes on as run {(string?)answer["runId"]} from event {(long?)answer["event"]}.");
        });
    }

    public Command Fork()
    {
        var id = _workflow.Id();
        var run = WorkflowArguments.Run();
        var point = new ResetPoint();
        var newId = new Option<string?>("--id") { Description = "Id of the new workflow. Default: one is made.", HelpName = "id" };
        return verbs.Verb("fork", "Make an independent workflow from a point of a workflow's history.", [id, run, newId, .. point.All], async session =>
        {
            var body = point.Read(session);
            if (session.Value(newId) is { } text)
            {
                body["id"] = text;
            }

            var answer = await session.PostAsync(ApiPath.Of("workflows", session.Required(id), "fork").With("run", session.Value(run)), body);
            return await WorkflowSteering.DoneAsync(session, answer, $"Workflow '{(string?)answer["workflowId"]}' goes on from event {(long?)answer["event"]}.");
        });
    }

    public Command Resume()
    {
        var id = _workflow.Id();
        var run = WorkflowArguments.Run();
        return verbs.Verb("resume", "Try a blocked workflow again now, not when its pause is over.", [id, run], async session =>
        {
            var api = await session.ApplicationAsync("Resuming");
            var answer = await api.PostAsync(ApiPath.Of("workflows", session.Required(id), "resume").With("run", session.Value(run)), null, session.Cancellation);
            return await WorkflowSteering.DoneAsync(session, answer, "Tried again.");
        });
    }
}
