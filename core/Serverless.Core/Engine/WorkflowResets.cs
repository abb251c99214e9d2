using Serverless.Api.Enums.V1;
using Serverless.Client;
using Serverless.History;
using Serverless.Storage;

namespace Serverless.Engine;

/// <summary>
/// Makes runs from the histories of others: one transaction ends the current run and stores the new one, with a mark for all that is left to be done. A message that makes
/// somebody look is there before. See ARCHITECTURE.md, "Reset and fork".
/// </summary>
internal sealed class WorkflowResets(EngineServices services) : IWorkflowResetService
{
    private const int MaxConflicts = 20;

    public async Task<ResetResult> ResetAsync(WorkflowRef workflow, ResetRequest request, CancellationToken cancellationToken)
    {
        Check(WorkflowKey.Problem(workflow.WorkflowId) ?? ProblemOf(request));

        // Told apart from a repeated try of its own, too.
        request = request with { RequestId = request.RequestId ?? services.Ids.NextUlid() };
        return await WithMessageAsync(workflow.WorkflowId, async message =>
        {
            for (var attempt = 1; attempt <= MaxConflicts; attempt++)
            {
                if (await FindAsync(workflow.WorkflowId, request.RequestId, cancellationToken) is { } done)
                {
                    return done;
                }

                var current = await ReadAsync(workflow.WorkflowId, cancellationToken);
                CheckChain(workflow, current.Warm.Head);
                if (await TryResetAsync(workflow, request, current, message, cancellationToken) is { } result)
                {
                    return result;
                }
            }

            throw Restless(workflow.WorkflowId, "reset");
        }, cancellationToken);
    }

    public async Task<ResetResult> ForkAsync(WorkflowRef workflow, string? newWorkflowId, ResetRequest request, CancellationToken cancellationToken)
    {
        Check(WorkflowKey.Problem(workflow.WorkflowId) ?? ProblemOf(request));
        var id = newWorkflowId ?? (request.RequestId is { } requestId ? $"fork-{requestId}" : services.Ids.NextRunId());
        Check(WorkflowKey.Problem(id));
        var current = await ReadAsync(workflow.WorkflowId, cancellationToken);
        CheckChain(workflow, current.Warm.Head);
        var (source, later) = await SourceAsync(workflow, current, request, cancellationToken);
        var runId = services.Ids.NextRunId();
        var plan = Plan(source, later, request, id, runId, runId);
        var events = await TakeOverAsync(source, plan, id, cancellationToken);
        return await WithMessageAsync(id, async message =>
        {
            var head = HeadOf(plan, events, 1) with { RequestId = request.RequestId };
            var commit = new JournalCommit(id, head) { Events = events, EventsRunNumber = 1, EventsRunId = runId, Gate = GateChange.Open };
            for (var attempt = 1; attempt <= MaxConflicts; attempt++)
            {
                await message.RenewAsync();
                if ((await services.Journal.CommitAsync(commit, cancellationToken)).Committed)
                {
                    return new ResetResult(id, runId, plan.Mark.FromEventId);
                }

                // Where nobody is, it was not applied yet, if it ever will be; or the id was in use a moment ago.
                if (await services.Reading.ReadLastHeadAsync(id, cancellationToken) is { } found)
                {
                    if (!found.Head.IsGone || found.Head.FirstRunId == runId)
                    {
                        return await ExplainAsync(id, found.Head, runId, request.RequestId, cancellationToken);
                    }

                    var number = found.Head.RunNumber + 1;
                    commit = commit with { Head = HeadOf(plan, events, number) with { RequestId = request.RequestId }, HeadTag = found.Tag, EventsRunNumber = number };
                }
            }

            throw Restless(id, "fork");
        }, cancellationToken);
    }

    /// <summary>Does what makes a run, with a message behind it that finds what is left to do, whatever happens.</summary>
    private async Task<ResetResult> WithMessageAsync(string workflowId, Func<MessageBackup, Task<ResetResult>> commit, CancellationToken cancellationToken)
    {
        var message = new MessageBackup(services, new WorkMessage(WorkKind.Nudge, services.Ids.NextUlid(), workflowId));
        await message.BeginAsync();
        ResetResult result;
        try
        {
            result = await commit(message);
        }
        catch (WorkflowServiceException)
        {
            await message.EndAsync();
            throw;
        }
        catch (RecordTooLargeException e)
        {
            await message.EndAsync();
            throw new WorkflowServiceException(WorkflowServiceError.LimitExceeded, $"The history up to that point is too large to be copied: {e.Message} Choose an earlier point.");
        }

        services.Cache.Take(workflowId)?.Dispose();
        services.Watchers.Committed(workflowId, null);
        await services.NudgeAsync(workflowId, cancellationToken);
        await message.EndAsync();
        return result;
    }

    /// <summary>Null on a conflict.</summary>
    private async Task<ResetResult?> TryResetAsync(
        WorkflowRef workflow, ResetRequest request, ColdRead current, MessageBackup message, CancellationToken cancellationToken)
    {
        var head = current.Warm.Head;
        var (source, later) = await SourceAsync(workflow, current, request, cancellationToken);
        var runId = services.Ids.NextRunId();
        var plan = Plan(source, later, request, workflow.WorkflowId, runId, FirstRunOf(source));
        var events = await TakeOverAsync(source, plan, workflow.WorkflowId, cancellationToken);
        var result = new ResetResult(workflow.WorkflowId, runId, plan.Mark.FromEventId);
        var next = HeadOf(plan, events, head.RunNumber + 1);
        var others = new List<RowOperation> { RowOperation.Insert(JournalKeys.ResetRequest(request.RequestId!), ResetRow.Encode(result)) };

        // What a reset before this one left to do is this one's now.
        var unsettled = UnsettledToken(current);
        var marks = head.Marks.Select(m => m.Token == unsettled ? m with { Token = next.Marks[0].Token } : m).ToList();
        if (head.IsOpen)
        {
            var reason = request.Reason is { } why ? $"Reset: {why}" : "Reset.";
            var closing = new WorkflowTerminated(reason, [], services.Options.Identity) { KeptEventId = source.Started.RunId == head.RunId ? plan.Mark.FromEventId : 0 };
            var end = services.Commits.Closing(head, closing, current.Warm.Inbox);
            var segment = await services.Segments.EncodeAsync(workflow.WorkflowId, head.RunId, end, cancellationToken);
            others.Add(RowOperation.Insert(JournalKeys.Segment(head.RunNumber, end[0].Id), segment));
            marks.Add(new DispatchMark(next.Marks[0].Token, head.RunNumber, end[0].Id, end[^1].Id));
        }

        var commit = new JournalCommit(
            workflow.WorkflowId,
            next with { Marks = [.. marks, .. next.Marks], RequestId = next.FirstRunId == head.FirstRunId ? head.RequestId : null, EarlierStarts = head.StartsBefore(next.FirstRunId) })
        {
            HeadTag = current.Warm.HeadTag,
            Events = events,
            EventsRunNumber = next.RunNumber,
            EventsRunId = runId,
            Consumed = [.. current.Warm.Inbox.Where(static r => r.Item.Event is WorkflowStarted).Select(static r => r.Key)],
            Others = others,
            Gate = head.IsOpen ? GateChange.None : GateChange.Open,
        };
        await message.RenewAsync();
        return (await services.Journal.CommitAsync(commit, cancellationToken)).Committed ? result : null;
    }

    private static string? UnsettledToken(ColdRead current)
    {
        var head = current.Warm.Head;
        var reset = EventsOf(current.Segments).OfType<WorkflowResetMarked>().LastOrDefault();
        return reset is null
            ? null
            : head.Marks.Where(m => m.RunNumber == head.RunNumber && m.FirstEventId <= reset.Id && reset.Id <= m.LastEventId).Select(static m => m.Token).FirstOrDefault();
    }

    private ResetPlan Plan(ResetSource source, IReadOnlyList<InputEvent> later, ResetRequest request, string workflowId, string runId, string firstRunId)
    {
        var mark = new WorkflowResetMarked("", 0, services.Ids.NextSeed(), request.Reason)
        {
            Time = services.Time.GetUtcNow(),
            Into = new WorkflowLink(workflowId, runId),
            FirstRunId = firstRunId,
        };
        try
        {
            return ResetPlan.Of(source, later, request, mark);
        }
        catch (InvalidDataException e)
        {
            throw Damaged(source.WorkflowId, e.Message);
        }
    }

    private WorkflowHead HeadOf(ResetPlan plan, IReadOnlyList<HistoryEvent> events, int runNumber)
    {
        var state = new RunState();
        foreach (var e in events)
        {
            state.Apply(e);
        }

        return new WorkflowHead
        {
            RunNumber = runNumber,
            RunId = plan.Mark.Into!.RunId,
            FirstRunId = plan.Mark.FirstRunId,
            WorkflowType = state.Started.WorkflowType,
            Status = WorkflowExecutionStatus.Running,
            Started = plan.Mark.Time,
            LastEventId = events[^1].Id,
            CommitId = services.Ids.NextUlid(),
            
            // No message has its token: whoever looks at the run sees to it.
            Marks = [new DispatchMark(services.Ids.NextUlid(), runNumber, 1, events[^1].Id)],
            PinnedBuildId = state.PinnedBuildId,
        };
    }

    /// <summary>The events with payloads that the new run owns: none is left in a blob of the source, and a codec that binds them to a workflow binds them to the new one.</summary>
    private async Task<IReadOnlyList<HistoryEvent>> TakeOverAsync(ResetSource source, ResetPlan plan, string workflowId, CancellationToken cancellationToken)
    {
        var events = new HistoryEvent[plan.Events.Count];
        try
        {
            for (var i = 0; i < events.Length; i++)
            {
                events[i] = await services.Segments.RestoreAsync(plan.Events[i], cancellationToken);
            }
        }
        catch (InvalidDataException e)
        {
            throw Damaged(source.WorkflowId, e.Message);
        }

        return source.WorkflowId == workflowId ? events : await services.Coding.TranscodeAsync(source.WorkflowId, workflowId, events);
    }

    private async Task<ColdRead> ReadAsync(string workflowId, CancellationToken cancellationToken)
    {
        try
        {
            return await services.Reading.ReadColdAsync(workflowId, cancellationToken) ?? throw WorkflowServiceException.NotFound(workflowId);
        }
        catch (InvalidDataException e)
        {
            throw Damaged(workflowId, e.Message);
        }
    }

    /// <summary>The run that is meant, with the messages of the runs that continued it.</summary>
    private async Task<(ResetSource Source, IReadOnlyList<InputEvent> Later)> SourceAsync(
        WorkflowRef workflow, ColdRead current, ResetRequest request, CancellationToken cancellationToken)
    {
        var head = current.Warm.Head;
        if (workflow.RunId is null || workflow.RunId == head.RunId)
        {
            return (SourceOf(workflow, current), []);
        }

        var newer = current.Segments.Count > 0 ? new List<IReadOnlyList<HistoryEvent>> { EventsOf(current.Segments) } : [];
        for (var number = head.RunNumber - 1; number > 0; number--)
        {
            var events = EventsOf(await services.Reading.ReadSegmentsAsync(workflow.WorkflowId, number, cancellationToken));
            if (events is [WorkflowStarted started, ..] && started.RunId == workflow.RunId)
            {
                return (new ResetSource(workflow.WorkflowId, events), request.Reapply == WorkflowResetReapply.None ? [] : MessagesAfter(started.RunId, newer));
            }

            newer.Add(events);
        }

        throw RunReader.Missing(workflow);
    }

    private static ResetSource SourceOf(WorkflowRef workflow, ColdRead current)
    {
        if (current.Warm.Damage is { } damage)
        {
            throw Damaged(workflow.WorkflowId, damage);
        }

        var events = EventsOf(current.Segments);
        return events.Count > 0
            ? new ResetSource(workflow.WorkflowId, events)
            : current.Warm.Inbox.FirstOrDefault(static r => r.Item.Event is WorkflowStarted)?.Item.Event is { } start
                ? new ResetSource(workflow.WorkflowId, [start with { Id = 1 }])
                : throw Damaged(workflow.WorkflowId, "its start is missing");
    }

    /// <summary>Follows the line of runs, each the newest of those that continued the one before: one that was reset has its messages in the run that the reset made.</summary>
    private static List<InputEvent> MessagesAfter(string runId, List<IReadOnlyList<HistoryEvent>> newestFirst)
    {
        var messages = new List<InputEvent>();
        while (newestFirst.Find(e => e is [WorkflowStarted started, ..] && started.ContinuedFromRunId == runId) is { } next)
        {
            messages.AddRange(next.OfType<InputEvent>().Where(static e => e is WorkflowSignaled or WorkflowUpdateAccepted or WorkflowCancelRequested));
            runId = ((WorkflowStarted)next[0]).RunId;
        }

        return messages;
    }

    private static List<HistoryEvent> EventsOf(IReadOnlyList<StoredSegment> segments) => [.. segments.SelectMany(static s => s.Events)];

    private static string FirstRunOf(ResetSource source) =>
        source.Events.OfType<WorkflowResetMarked>().LastOrDefault() is { FirstRunId.Length: > 0 } copied ? copied.FirstRunId : source.Started.FirstRunId;

    private static void CheckChain(WorkflowRef workflow, WorkflowHead head)
    {
        if (workflow.FirstRunId is { } first && first != head.FirstRunId)
        {
            throw RunReader.Missing(workflow with { RunId = first });
        }
    }

    private async Task<ResetResult?> FindAsync(string workflowId, string requestId, CancellationToken cancellationToken) =>
        await services.Reading.ReadRowAsync(workflowId, JournalKeys.ResetRequest(requestId), cancellationToken) is { } row ? ResetRow.Decode(workflowId, row.Data) : null;

    /// <summary>The id of a fork exists: by this request, or it is in the way.</summary>
    private async Task<ResetResult> ExplainAsync(string workflowId, WorkflowHead found, string runId, string? requestId, CancellationToken cancellationToken)
    {
        for (var number = IsOf(found, runId, requestId) ? found.RunNumber : 0; number > 0; number--)
        {
            var events = EventsOf(await services.Reading.ReadSegmentsAsync(workflowId, number, cancellationToken));
            if (events.OfType<WorkflowResetMarked>().LastOrDefault(static m => m.IsFork()) is { Into: { } into } mark)
            {
                return new ResetResult(workflowId, into.RunId, mark.FromEventId);
            }
        }

        throw new WorkflowServiceException(
            WorkflowServiceError.AlreadyStarted, $"Workflow id '{workflowId}' is in use: a fork needs one that is not.", found.RunId);
    }

    private static bool IsOf(WorkflowHead head, string runId, string? requestId) => head.FirstRunId == runId || (requestId is not null && head.RequestId == requestId);

    private static InvalidOperationException Restless(string workflowId, string what) =>
        new($"Workflow '{workflowId}' does not hold still: a {what} conflicted {MaxConflicts} times in a row. Try again.");

    private static WorkflowServiceException Damaged(string workflowId, string problem) =>
        new(WorkflowServiceError.BadResetPoint, $"The history of workflow '{workflowId}' can't be copied: {problem}");

    private static string? ProblemOf(ResetRequest request) =>
        NameLimits.ProblemOfId("A request id", request.RequestId) ?? NameLimits.ProblemOfText("A reason", request.Reason);

    private static void Check(string? problem)
    {
        if (problem is not null)
        {
            throw new WorkflowServiceException(WorkflowServiceError.InvalidArgument, problem);
        }
    }
}

/// <summary>What a reset did, for whoever sends the request again.</summary>
internal static class ResetRow
{
    private const byte Version = 1;

    public static byte[] Encode(ResetResult result)
    {
        using var stream = new MemoryStream(64);
        using var writer = new BinaryWriter(stream);
        writer.Write(Version);
        writer.Write(result.RunId);
        writer.Write7BitEncodedInt64(result.EventId);
        return stream.ToArray();
    }

    /// <exception cref="InvalidDataException">The bytes are not such a row.</exception>
    public static ResetResult Decode(string workflowId, ReadOnlyMemory<byte> data) => RecordCodec.Decode(
        data, Version, "reset row", reader => new ResetResult(workflowId, reader.ReadString(), reader.Read7BitEncodedInt64()));
}
