using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using Serverless.Cli.Api;
using Serverless.Cli.Printing;

namespace Serverless.Cli.Commands;

/// <summary>show, describe, why, result.</summary>
internal sealed class WorkflowReading(Verbs verbs)
{
    private const string LongPoll = "30s";

    /// <summary>Events after which a run has no others.</summary>
    private static readonly string[] _last =
        ["WorkflowCompleted", "WorkflowFailed", "WorkflowCanceled", "WorkflowTerminated", "WorkflowTimedOut", "WorkflowContinuedAsNew"];

    private readonly WorkflowArguments _workflow = new(verbs);

    public Command Show()
    {
        var id = _workflow.Id();
        var run = WorkflowArguments.Run();
        var after = new Option<long>("--after") { Description = "Only events after this one.", HelpName = "event id" };
        var follow = new Option<bool>("--follow", "-f") { Description = "Goes on with new events until the workflow closes." };
        return verbs.Verb("show", "Show the history of a run: one line for each event.", [id, run, after, follow], async session =>
        {
            var items = session.Printer.Items(new EventText(session.Printer.View.Moments).Columns);
            var workflow = session.Required(id);
            var runId = session.Value(run) ?? (string?)(await session.GetAsync(ApiPath.Of("workflows", workflow)))["runId"];
            var last = session.Value(after);
            var goesOn = session.Value(follow);
            do
            {
                var path = ApiPath.Of("workflows", workflow, "history").With("run", runId).With("after", last.ToString(CultureInfo.InvariantCulture)).With("wait", goesOn ? LongPoll : null);
                foreach (var e in ((await session.GetAsync(path))["events"] as JsonArray ?? []).OfType<JsonObject>())
                {
                    await items.AddAsync(e);
                    last = (long?)e["id"] ?? last;
                    (goesOn, runId, last) = Next(e, goesOn, runId, last, session.Has(run));
                }

                if (goesOn)
                {
                    items.Show();
                }
            }
            while (goesOn);
            await items.EndAsync();
            return ExitCode.Ok;
        });
    }

    public Command Describe()
    {
        var id = _workflow.Id();
        var run = WorkflowArguments.Run();
        return verbs.Verb("describe", "Show a workflow: state, times, and everything it waits for.", [id, run], async session =>
        {
            var workflow = await session.GetAsync(ApiPath.Of("workflows", session.Required(id)).With("run", session.Value(run)));
            session.Printer.Document(workflow, view => WorkflowPages.Describe(view, workflow));
            return ExitCode.Ok;
        });
    }

    public Command Why()
    {
        var id = _workflow.Id();
        var run = WorkflowArguments.Run();
        return verbs.Verb("why", "Show what a workflow waits for, since when, and what will wake it.", [id, run], async session =>
        {
            var answer = await session.GetAsync(ApiPath.Of("workflows", session.Required(id), "why").With("run", session.Value(run)));
            session.Printer.Document(answer, view => WorkflowPages.Why(view, answer));
            return ExitCode.Ok;
        });
    }

    public Command Result()
    {
        var id = _workflow.Id();
        var run = WorkflowArguments.Run();
        var waiting = new ResultWait();
        return verbs.Verb("result", "Print the result of a workflow; its failure becomes the exit code.", [id, run, .. waiting.All],
            session => waiting.PrintAsync(session, session.Required(id), session.Value(run), session.Value(waiting.Wait)));
    }

    /// <summary>Where following goes after an event: on, to the next run of the chain unless one run was named, or to the end.</summary>
    private static (bool GoesOn, string? RunId, long Last) Next(JsonObject e, bool goesOn, string? runId, long last, bool oneRun)
    {
        var type = (string?)e["type"];
        if (!goesOn || !_last.Contains(type))
        {
            return (goesOn, runId, last);
        }

        return (string?)e["attributes"]?["newRunId"] is { } next && type == "WorkflowContinuedAsNew" && !oneRun ? (true, next, 0) : (false, runId, last);
    }
}
