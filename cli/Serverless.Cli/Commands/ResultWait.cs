using System.CommandLine;
using System.Text.Json.Nodes;
using Serverless.Cli.Api;
using Serverless.Cli.Printing;

namespace Serverless.Cli.Commands;

/// <summary>Waits for a workflow's end and prints how it ended: the result is data, and a failure decides the exit code.</summary>
internal sealed class ResultWait
{
    private static readonly TimeSpan _longPoll = TimeSpan.FromSeconds(30);

    private readonly Option<string?> _timeout = DurationOption.Create("--timeout", "Waits for the end, but no longer than this.");

    public Option<bool> Wait { get; } = new("--wait", "-w") { Description = "Waits for the end." };

    public IEnumerable<Option> All => [Wait, _timeout];

    /// <summary>True when the caller asked to wait, in either way.</summary>
    public bool IsAsked(Session session) => session.Value(Wait) || session.Has(_timeout);

    public async Task<ExitCode> PrintAsync(Session session, string id, string? run, bool waits)
    {
        var answer = await WaitAsync(session, ApiPathOf, waits || session.Has(_timeout), DurationOption.Parse(session.Value(_timeout)));
        return await ShowAsync(session, id, answer);

        ApiPath ApiPathOf(TimeSpan? wait) => ApiPath.Of("workflows", id, "result").With("run", run).With("wait", wait is { } time ? FormattableString.Invariant($"{time.TotalMilliseconds:0}ms") : null);
    }

    private static async Task<ApiAnswer> WaitAsync(Session session, Func<TimeSpan?, ApiPath> path, bool waits, TimeSpan? limit)
    {
        var api = await session.ApiAsync();
        var started = session.Around.Time.GetTimestamp();
        while (true)
        {
            var rest = limit - session.Around.Time.GetElapsedTime(started) ?? _longPoll;
            var wait = rest < _longPoll ? rest : _longPoll;
            var answer = await api.AskAsync(HttpMethod.Get, path(waits && wait > TimeSpan.Zero ? wait : null), null, session.Cancellation);
            if (!answer.IsPending || !waits || wait <= TimeSpan.Zero)
            {
                var isOutcome = !answer.IsError || ApiProblems.CodeOf(answer) == ExitCode.WorkflowFailed;
                return isOutcome ? answer : throw ApiProblems.Exception(answer, api.Where);
            }
        }
    }

    private static async Task<ExitCode> ShowAsync(Session session, string id, ApiAnswer answer)
    {
        if (answer.IsPending)
        {
            session.Printer.Document(answer.Body, static _ => { });
            await session.NoteAsync($"Workflow '{id}' is still running.");
            return ExitCode.StillRunning;
        }

        if (!answer.IsError)
        {
            session.Printer.Document(answer.Body, _ => session.Printer.Value(answer.Body["result"]));
            return ExitCode.Ok;
        }

        session.Printer.Document(Outcome(answer.Body), static _ => { });
        await session.NoteAsync($"error: {(string?)answer.Body["detail"]} ({answer.ProblemCode})");
        if (session.Printer.Format == OutputFormat.Table && answer.Body["failure"] is { } failure)
        {
            await session.NoteAsync($"  {EventText.Failure(failure)}");
        }

        return ExitCode.WorkflowFailed;
    }

    /// <summary>A failed end in the shape of a good one: who, which run, how, and the failure in the result's place.</summary>
    private static JsonObject Outcome(JsonObject problem) => new()
    {
        ["id"] = problem["id"]?.DeepClone(),
        ["runId"] = problem["runId"]?.DeepClone(),
        ["status"] = problem["workflowStatus"]?.DeepClone(),
        ["failure"] = problem["failure"]?.DeepClone(),
    };
}
