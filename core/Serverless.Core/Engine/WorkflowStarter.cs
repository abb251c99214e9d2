using Serverless.Api.Enums.V1;
using Serverless.Client;
using Serverless.Common;
using Serverless.History;
using Serverless.Storage;

namespace Serverless.Engine;

/// <summary>
/// Creates runs: one transaction inserts head, gate and the start (and a signal with it). Racing starts have one winner; what the loser gets is the policies' business.
/// </summary>
internal sealed class WorkflowStarter(EngineServices services)
{
    /// <summary>Fills in what the service decides: run id, chain, seed, time.</summary>
    public WorkflowStarted Complete(WorkflowStarted started)
    {
        var runId = started.RunId.Length > 0 ? started.RunId : services.Ids.NextRunId();
        var now = services.Time.GetUtcNow();
        var delay = started.FirstTaskDelay
            ?? (started.CronSchedule is { Length: > 0 } cron && CronTimes.Next(cron, now, now) is { } first ? first - now : null);
        return started with
        {
            Time = now,
            RunId = runId,
            FirstRunId = runId,
            FirstRunStarted = now,
            FirstTaskDelay = delay,
            RandomSeed = services.Ids.NextSeed(),
            Identity = started.Identity ?? services.Options.Identity,
        };
    }

    /// <summary>Stores a start, or says what stands in its way. The caller sends the nudge.</summary>
    public async Task<StartOutcome> TryStartAsync(StartRequest request, WorkflowStarted started, CancellationToken cancellationToken)
    {
        var hasArrived = false;
        while (true)
        {
            var existing = await services.Reading.ReadLastHeadAsync(request.WorkflowId, cancellationToken);
            var verdict = Judge(request, started, existing?.Head);
            if (existing is { } there && EarlierStartOf(started, there.Head) is { } runId)
            {
                return new StartOutcome(StartVerdict.IsRepeated, there.Head with { RunId = runId, FirstRunId = runId, Status = await StatusOfAsync(request.WorkflowId, there.Head, runId, cancellationToken) });
            }

            if (verdict != StartVerdict.Start)
            {
                // A signal that arrived before is never refused, and never ends what runs now.
                return new StartOutcome(
                    verdict is StartVerdict.Refuse or StartVerdict.TerminateExisting && await HasArrivedAsync(request, cancellationToken) ? StartVerdict.IsRepeated : verdict,
                    existing!.Value.Head);
            }

            if (hasArrived && existing is { } followed)
            {
                // The first of these requests joined a workflow that has closed since.
                return new StartOutcome(StartVerdict.IsRepeated, followed.Head);
            }

            // What the run before left to be done stays noted.
            var head = services.Commits.HeadOf(started, (existing?.Head.RunNumber ?? 0) + 1, null) with
            {
                EarlierStarts = existing?.Head.StartsBefore(started.RunId) ?? [],
                Marks = existing?.Head.Marks ?? [],
            };
            if (await InsertAsync(request, started, head, existing?.Tag, cancellationToken))
            {
                return new StartOutcome(StartVerdict.Start, head);
            }

            hasArrived = existing is not null && await HasArrivedAsync(request, cancellationToken);
        }
    }

    /// <summary>The optimistic form: no read first. Null when something is there already.</summary>
    public async Task<StartOutcome?> TryInsertAsync(StartRequest request, WorkflowStarted started, CancellationToken cancellationToken)
    {
        var head = services.Commits.HeadOf(started, 1, null);
        return await InsertAsync(request, started, head, null, cancellationToken) ? new StartOutcome(StartVerdict.Start, head) : null;
    }

    public Task<(WorkflowHead Head, string Tag)?> ReadHeadAsync(string workflowId, CancellationToken cancellationToken) => services.Reading.ReadHeadAsync(workflowId, cancellationToken);

    /// <summary>What a start may do about what is there. Pure.</summary>
    public static StartVerdict Judge(StartRequest request, WorkflowStarted started, WorkflowHead? existing)
    {
        if (existing is null)
        {
            return StartVerdict.Start;
        }

        if (existing.FirstRunId == started.RunId)
        {
            return StartVerdict.IsOurs;
        }

        if (existing.IsGone)
        {
            // Request ids go with the workflow.
            return StartVerdict.Start;
        }

        if (started.RequestId is { } requestId && existing.RequestId == requestId)
        {
            return StartVerdict.IsRepeated;
        }

        if (existing.IsOpen)
        {
            return request switch
            {
                { ConflictPolicy: WorkflowIdConflictPolicy.UseExisting } => StartVerdict.UseExisting,
                { ConflictPolicy: WorkflowIdConflictPolicy.TerminateExisting } => StartVerdict.TerminateExisting,
                { ReusePolicy: WorkflowIdReusePolicy.TerminateIfRunning } => StartVerdict.TerminateExisting,
                _ => StartVerdict.Refuse,
            };
        }

        return request.ReusePolicy switch
        {
            WorkflowIdReusePolicy.RejectDuplicate => StartVerdict.Refuse,
            WorkflowIdReusePolicy.AllowDuplicateFailedOnly when existing.Status == WorkflowExecutionStatus.Completed => StartVerdict.Refuse,
            _ => StartVerdict.Start,
        };
    }

    private static string? EarlierStartOf(WorkflowStarted started, WorkflowHead existing) =>
        existing.EarlierStarts.FirstOrDefault(s => s.RequestId == started.RequestId || s.RunId == started.RunId).RunId;

    /// <summary>What became of an earlier run of the id.</summary>
    private async Task<WorkflowExecutionStatus> StatusOfAsync(string workflowId, WorkflowHead current, string runId, CancellationToken cancellationToken)
    {
        for (var number = current.RunNumber - 1; number > 0; number--)
        {
            var segments = await services.Reading.ReadSegmentsAsync(workflowId, number, cancellationToken);
            if (segments.Count > 0 && segments[0].Events[0] is WorkflowStarted started && started.RunId == runId)
            {
                return CommitBuilder.StatusAfter(segments[^1].Events[^1]);
            }
        }

        return WorkflowExecutionStatus.Terminated;
    }

    private async Task<bool> HasArrivedAsync(StartRequest request, CancellationToken cancellationToken) =>
        request.Signal?.RequestId is { } id && await services.Reading.HasArrivedAsync(request.WorkflowId, id, cancellationToken);

    private async Task<bool> InsertAsync(
        StartRequest request, WorkflowStarted started, WorkflowHead head, string? headTag, CancellationToken cancellationToken)
    {
        List<(string, InboxItem)> posted = [(JournalKeys.Start(services.Ids.NextUlid()), new InboxItem(started, started.RunId))];
        if (request.Signal is { } signal)
        {
            posted.Add((services.Ids.NextUlid(), new InboxItem(signal)));
        }

        var requestId = request.Signal?.RequestId;

        var result = await services.Journal.CommitAsync(
            new JournalCommit(request.WorkflowId, head)
            {
                HeadTag = headTag,
                EventsRunNumber = head.RunNumber,
                EventsRunId = head.RunId,
                Posted = posted,
                Others = requestId is null ? [] : [RowOperation.Insert(JournalKeys.Request(requestId), default)],
                Gate = GateChange.Open,
            },
            cancellationToken);
        return result.Committed;
    }
}

/// <summary>What a start may do.</summary>
internal enum StartVerdict
{
    /// <summary>Start a run.</summary>
    Start,

    /// <summary>It was started by this very request before.</summary>
    IsOurs,

    /// <summary>A request with the same request id came before: it started this, or its signal reached this.</summary>
    IsRepeated,

    UseExisting,
    TerminateExisting,
    Refuse,
}

/// <summary>What came of a start, and the head that is there now.</summary>
internal sealed record StartOutcome(StartVerdict Verdict, WorkflowHead Head);
