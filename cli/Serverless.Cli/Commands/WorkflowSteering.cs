using System.CommandLine;
using System.Text.Json.Nodes;
using Serverless.Cli.Api;

namespace Serverless.Cli.Commands;

/// <summary>signal, query, update, cancel, terminate, delete.</summary>
internal sealed class WorkflowSteering(Verbs verbs)
{
    private const string UpdateWait = "30s";

    private readonly WorkflowArguments _workflow = new(verbs);

    public Command Signal()
    {
        var id = _workflow.Id();
        var run = WorkflowArguments.Run();
        var name = new Argument<string>("name") { Description = "The signal." };
        var requestId = new Option<string?>("--request-id") { Description = "Makes a repeated signal the same one.", HelpName = "id" };
        var arguments = new ArgumentOptions("signal");
        return verbs.Verb("signal", "Send a signal. Once accepted it is applied exactly once.", [id, name, run, requestId, .. arguments.All], async session =>
        {
            var path = ApiPath.Of("workflows", session.Required(id), "signals", session.Required(name)).With("run", session.Value(run)).With("requestId", session.Value(requestId));
            return await DoneAsync(session, await session.PostAsync(path, await arguments.ReadAsync(session)), "Signal sent.");
        });
    }

    public Command Query()
    {
        var id = _workflow.Id();
        var run = WorkflowArguments.Run();
        var name = new Argument<string>("name") { Description = "The query." };
        var arguments = new ArgumentOptions("query");
        return verbs.Verb("query", "Ask a running or closed workflow.", [id, name, run, .. arguments.All], async session =>
        {
            var api = await session.ApplicationAsync("A query");
            var path = ApiPath.Of("workflows", session.Required(id), "queries", session.Required(name)).With("run", session.Value(run));
            var answer = await api.PostAsync(path, await arguments.ReadAsync(session), session.Cancellation);
            session.Printer.Document(answer, _ => session.Printer.Value(answer["result"]));
            return ExitCode.Ok;
        });
    }

    public Command Update()
    {
        var id = _workflow.Id();
        var run = WorkflowArguments.Run();
        var name = new Argument<string>("name") { Description = "The update." };
        var updateId = new Option<string?>("--update-id") { Description = "Makes a repeated update the same one.", HelpName = "id" };
        var timeout = DurationOption.Create("--timeout", $"Waits no longer than this for the outcome. Default: {UpdateWait}.");
        var arguments = new ArgumentOptions("update");
        return verbs.Verb("update", "Send an update and wait for its outcome.", [id, name, run, updateId, timeout, .. arguments.All], async session =>
        {
            var path = ApiPath.Of("workflows", session.Required(id), "updates", session.Required(name)).With("run", session.Value(run))
                .With("updateId", session.Value(updateId)).With("wait", session.Value(timeout) ?? UpdateWait);
            var api = await session.ApiAsync();
            var answer = await api.AskAsync(HttpMethod.Post, path, await arguments.ReadAsync(session), session.Cancellation);
            if (answer.IsError)
            {
                throw ApiProblems.Exception(answer, api.Where);
            }

            session.Printer.Document(answer.Body, _ => session.Printer.Value(answer.Body["result"]));
            if (answer.IsPending)
            {
                await session.NoteAsync($"The update has no outcome yet. Repeat it with --update-id {(string?)answer.Body["updateId"]} to go on waiting.");
            }

            return answer.IsPending ? ExitCode.StillRunning : ExitCode.Ok;
        });
    }

    public Command Cancel()
    {
        var id = _workflow.Id();
        var run = WorkflowArguments.Run();
        var reason = Reason();
        return verbs.Verb("cancel", "Ask a workflow to cancel; its code decides what that means.", [id, run, reason], async session =>
        {
            var path = ApiPath.Of("workflows", session.Required(id), "cancel").With("run", session.Value(run));
            return await DoneAsync(session, await session.PostAsync(path, new JsonObject { ["reason"] = session.Value(reason) }), "Cancellation requested.");
        });
    }

    public Command Terminate()
    {
        var id = _workflow.Id();
        var run = WorkflowArguments.Run();
        var reason = Reason();
        var yes = Confirmation.Option();
        return verbs.Verb("terminate", "Close a workflow without running its code.", [id, run, reason, yes], async session =>
        {
            await Confirmation.AskAsync(session, yes, $"Terminating workflow '{session.Required(id)}'");
            var path = ApiPath.Of("workflows", session.Required(id), "terminate").With("run", session.Value(run));
            return await DoneAsync(session, await session.PostAsync(path, new JsonObject { ["reason"] = session.Value(reason) }), "Terminated.");
        });
    }

    public Command Delete()
    {
        var id = _workflow.Id();
        var yes = Confirmation.Option();
        return verbs.Verb("delete", "Delete a closed workflow with all its runs.", [id, yes], async session =>
        {
            await Confirmation.AskAsync(session, yes, $"Deleting workflow '{session.Required(id)}'");
            var api = await session.ApiAsync();
            await api.SendAsync(HttpMethod.Delete, ApiPath.Of("workflows", session.Required(id)), null, session.Cancellation);
            return await DoneAsync(session, new JsonObject { ["id"] = session.Required(id), ["status"] = "Deleted" }, "Deleted.");
        });
    }

    public static Option<string?> Reason() => new("--reason") { Description = "Why; kept in the history.", HelpName = "text" };

    /// <summary>Programs get the answer, people a word.</summary>
    public static async Task<ExitCode> DoneAsync(Session session, JsonObject answer, string word)
    {
        session.Printer.Document(answer, static _ => { });
        await session.NoteAsync(word);
        return ExitCode.Ok;
    }
}
