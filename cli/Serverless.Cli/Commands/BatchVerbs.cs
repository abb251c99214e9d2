using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using Serverless.Cli.Api;
using Serverless.Cli.Printing;

namespace Serverless.Cli.Commands;

/// <summary><c>batch</c>: the same done to all workflows that a filter takes.</summary>
internal sealed class BatchVerbs(Verbs verbs)
{
    private static readonly TimeSpan _look = TimeSpan.FromSeconds(1);

    private readonly Argument<string> _id = new("id") { Description = "The batch id." };

    public static Command Create(Verbs verbs)
    {
        var batch = new BatchVerbs(verbs);
        return Verbs.Group("batch", "Do the same to many workflows.", [batch.Start(), batch.List(), batch.Describe(), batch.Cancel()]);
    }

    private Command Start()
    {
        var request = new BatchRequestOptions();
        var wait = new Option<bool>("--wait", "-w") { Description = "Waits for its end and shows how far it is." };
        var yes = Confirmation.Option();
        return verbs.Verb("start", "Start a batch: it goes on by itself, whatever becomes of this process.", [.. request.All, wait, yes], async session =>
        {
            var body = await request.ReadAsync(session);
            if (request.CannotBeUndone(session))
            {
                await Confirmation.AskAsync(session, yes, $"A batch '{request.Action(session)}'", () => CountAsync(session, body));
            }

            var answer = await session.PostAsync(ApiPath.Of("batches"), body);
            var id = (string?)answer["id"] ?? "";
            if (!session.Value(wait))
            {
                return await WorkflowSteering.DoneAsync(session, answer, $"Batch '{id}' started. See it with: serverless batch describe {id}");
            }

            await session.NoteAsync($"Batch '{id}' started.");
            return await WaitAsync(session, id);
        });
    }

    private Command List()
    {
        var listing = new Listing();
        return verbs.Verb("list", "List batches, newest first.", listing.All, session =>
            listing.PrintAsync(session, Columns(session.Printer.View.Moments), static () => ApiPath.Of("batches"), "batches"));
    }

    private Command Describe() => verbs.Verb("describe", "Show a batch: how far it is, and each failure.", [_id], async session =>
    {
        var batch = await session.GetAsync(ApiPath.Of("batches", session.Required(_id)));
        session.Printer.Document(batch, view => Page(view, batch));
        return ExitCode.Ok;
    });

    private Command Cancel() => verbs.Verb("cancel", "Stop a batch; what it has done stays done.", [_id], async session =>
        await WorkflowSteering.DoneAsync(session, await session.PostAsync(ApiPath.Of("batches", session.Required(_id), "cancel"), null), "The batch stops."));

    private static Column[] Columns(Moments moments) =>
    [
        new("STATUS", static b => Cell.Status(b["status"])),
        new("ID", static b => Cell.Of(b["id"])),
        new("ACTION", static b => Cell.Of(b["action"])),
        new("DONE", static b => Cell.Number(b["done"]), IsNumber: true),
        new("FAILED", static b => Cell.Number(b["failed"]), IsNumber: true),
        new("TOTAL", static b => Cell.Number(b["total"]), IsNumber: true),
        new("STARTED", b => moments.Show(b["startTime"])),
        new("QUERY", static b => Cell.Of(b["query"], 80), Wraps: true),
    ];

    private static void Page(View view, JsonObject batch)
    {
        view.Facts(
            ("id", Cell.Of(batch["id"])),
            ("action", Cell.Of(batch["action"])),
            ("query", Cell.Of(batch["query"])),
            ("reason", Cell.Of(batch["reason"])),
            ("status", Cell.Status(batch["status"])),
            ("started", view.Moments.Show(batch["startTime"])),
            ("closed", view.Moments.Show(batch["closeTime"])),
            ("done", Cell.Number(batch["done"])),
            ("failed", Cell.Number(batch["failed"])),
            ("total", Cell.Number(batch["total"])),
            ("per second", Cell.Number(batch["rate"])));
        WorkflowPages.Section(view, "Failures", WorkflowPages.Items(batch, "failures"),
            [new("WORKFLOW", static f => Cell.Of(f["workflowId"])), new("RUN", static f => Cell.Of(f["runId"])), new("WHY", static f => Cell.Of(f["message"]), Wraps: true)]);
    }

    private static async Task<string> CountAsync(Session session, JsonObject body)
    {
        var answer = await session.GetAsync(ApiPath.Of("workflows", "count").With("query", (string?)body["query"]));
        return string.Create(CultureInfo.InvariantCulture, $" of {(long?)answer["count"] ?? 0:N0} workflows");
    }

    private static async Task<ExitCode> WaitAsync(Session session, string id)
    {
        JsonObject batch = [];
        await new Progress(session.Around, dataStreams: false).RunAsync("Batch", async report =>
        {
            while (true)
            {
                batch = await session.GetAsync(ApiPath.Of("batches", id));
                var handled = ((long?)batch["done"] ?? 0) + ((long?)batch["failed"] ?? 0);
                report(new JsonObject { ["done"] = handled, ["total"] = batch["total"]?.DeepClone() });
                if ((string?)batch["status"] != "Running")
                {
                    return;
                }

                await Task.Delay(_look, session.Around.Time, session.Cancellation);
            }
        });
        session.Printer.Document(batch, view => Page(view, batch));
        return (string?)batch["status"] == "Completed" && (long?)batch["failed"] is null or 0 ? ExitCode.Ok : ExitCode.Incomplete;
    }
}
