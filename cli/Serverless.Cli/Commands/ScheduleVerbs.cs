using System.CommandLine;
using System.Text.Json.Nodes;
using Serverless.Cli.Api;
using Serverless.Cli.Printing;

namespace Serverless.Cli.Commands;

/// <summary><c>schedule</c>: workflows that are started at certain times.</summary>
internal sealed class ScheduleVerbs(Verbs verbs)
{
    private static readonly string[] _overlaps = ["Skip", "BufferOne", "BufferAll", "CancelOther", "TerminateOther", "AllowAll"];

    private readonly Argument<string> _id = new("id") { Description = "The schedule id." };

    public static Command Create(Verbs verbs)
    {
        var schedule = new ScheduleVerbs(verbs);
        return Verbs.Group("schedule", "Start workflows at certain times.",
        [
            schedule.Creation(), schedule.List(), schedule.Describe(), schedule.Update(), schedule.Pausing("pause", "Start nothing until it goes on.", "Paused."),
            schedule.Pausing("unpause", "Go on after a pause.", "Goes on."), schedule.Trigger(), schedule.Backfill(), schedule.Delete(),
        ]);
    }

    public static Option<string?> Overlap() =>
        new Option<string?>("--overlap") { Description = "What happens when the workflow of the time before still runs.", HelpName = string.Join('|', _overlaps) }.AcceptOnlyFromAmong(_overlaps);

    private Command Creation()
    {
        var parts = new ScheduleParts(verbs);
        var trigger = new Option<bool>("--trigger") { Description = "Starts its workflow at once, besides its times." };
        return verbs.Verb("create", "Make a schedule.", [_id, .. parts.All, trigger], async session =>
        {
            var body = new JsonObject { ["id"] = session.Required(_id) };
            if (session.Value(trigger))
            {
                body["triggerImmediately"] = true;
            }

            await parts.ApplyAsync(session, body);
            if (body["action"]?["type"] is null)
            {
                throw new CliException(ExitCode.Usage, $"Which workflow is started? Say {ScheduleParts.TypeName}.");
            }

            return await WorkflowSteering.DoneAsync(session, await session.PostAsync(ApiPath.Of("schedules"), body), $"Schedule '{session.Required(_id)}' made.");
        });
    }

    private Command List()
    {
        var query = FilterOption.Optional("schedules");
        var listing = new Listing();
        return verbs.Verb("list", "List schedules, newest first.", [query, .. listing.All], session =>
            listing.PrintAsync(session, Columns(session.Printer.View.Moments), () => ApiPath.Of("schedules").With("query", session.Value(query)), "schedules"));
    }

    private Command Describe() => verbs.Verb("describe", "Show a schedule: its times, what it starts, and what it did.", [_id], async session =>
    {
        var schedule = await session.GetAsync(ApiPath.Of("schedules", session.Required(_id)));
        session.Printer.Document(schedule, view => SchedulePage.Show(view, schedule));
        return ExitCode.Ok;
    });

    private Command Update()
    {
        var parts = new ScheduleParts(verbs);
        return verbs.Verb("update", "Change a schedule; what is not named stays as it is.", [_id, .. parts.All], async session =>
        {
            var path = ApiPath.Of("schedules", session.Required(_id));
            var body = await session.GetAsync(path);
            body.Remove("info");
            await parts.ApplyAsync(session, body);
            var answer = await (await session.ApiAsync()).SendAsync(HttpMethod.Put, path, body, session.Cancellation);
            return await WorkflowSteering.DoneAsync(session, answer, "Changed.");
        });
    }

    private Command Pausing(string verb, string description, string word)
    {
        var note = new Option<string?>("--note") { Description = "Why; shown with the schedule.", HelpName = "text" };
        return verbs.Verb(verb, description, [_id, note], async session =>
        {
            var body = new JsonObject();
            ResetPoint.Put(body, "note", session.Value(note));
            return await WorkflowSteering.DoneAsync(session, await session.PostAsync(ApiPath.Of("schedules", session.Required(_id), verb), body), word);
        });
    }

    private Command Trigger()
    {
        var overlap = Overlap();
        return verbs.Verb("trigger", "Start its workflow now, besides its times.", [_id, overlap], async session =>
        {
            var body = new JsonObject();
            ResetPoint.Put(body, "overlap", session.Value(overlap));
            return await WorkflowSteering.DoneAsync(session, await session.PostAsync(ApiPath.Of("schedules", session.Required(_id), "trigger"), body), "Triggered.");
        });
    }

    private Command Backfill()
    {
        var start = Moment("--start", "The beginning of the time whose starts are made up for.");
        var end = Moment("--end", "Its end.");
        var overlap = Overlap();
        return verbs.Verb("backfill", "Make up for the starts of a time that has passed.", [_id, start, end, overlap], async session =>
        {
            var range = new JsonObject { ["start"] = session.Value(start), ["end"] = session.Value(end) };
            ResetPoint.Put(range, "overlap", session.Value(overlap));
            var path = ApiPath.Of("schedules", session.Required(_id), "backfill");
            return await WorkflowSteering.DoneAsync(session, await session.PostAsync(path, new JsonObject { ["ranges"] = new JsonArray(range) }), "Making up for it.");
        });
    }

    private Command Delete()
    {
        var yes = Confirmation.Option();
        return verbs.Verb("delete", "Delete a schedule; what it started goes on.", [_id, yes], async session =>
        {
            await Confirmation.AskAsync(session, yes, $"Deleting schedule '{session.Required(_id)}'");
            await (await session.ApiAsync()).SendAsync(HttpMethod.Delete, ApiPath.Of("schedules", session.Required(_id)), null, session.Cancellation);
            return await WorkflowSteering.DoneAsync(session, new JsonObject { ["id"] = session.Required(_id), ["status"] = "Deleted" }, "Deleted.");
        });
    }

    private static Column[] Columns(Moments moments) =>
    [
        new("ID", static s => Cell.Of(s["id"])),
        new("TYPE", static s => Cell.Of(s["action"]?["type"])),
        new("PAUSED", static s => (bool?)s["state"]?["paused"] == true ? "yes" : ""),
        new("NEXT", s => moments.Show((s["info"]?["nextTimes"] as JsonArray)?.FirstOrDefault())),
        new("LAST", s => moments.Show((s["info"]?["recentActions"] as JsonArray)?.LastOrDefault()?["startedAt"])),
        new("NOTE", static s => Cell.Of(s["state"]?["note"], 60), Wraps: true),
    ];

    private static Option<DateTimeOffset> Moment(string name, string description) =>
        new(name) { Description = $"{description} Such as 2026-11-01T00:00:00Z.", HelpName = "time", Required = true };
}
