using Serverless.Api.Enums.V1;
using Serverless.Client;
using Serverless.Client.Schedules;
using Serverless.Converters;
using Serverless.History;
using Serverless.Visibility;

namespace Serverless.Operations.Schedules;

/// <summary>Creates schedules and talks to their workflows.</summary>
internal sealed class ScheduleService(SystemServices services) : IScheduleService
{
    public const int MaxIdLength = 200;
    public const int MaxActionIdLength = 230;
    public const int MaxNoteLength = 1_000;
    public const int MaxStartBytes = 64 * 1024;
    public const int MaxBackfills = 100;
    private static readonly TimeSpan UpdateWait = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan BeginWait = TimeSpan.FromSeconds(10);

    public async Task CreateAsync(ScheduleCreation creation, CancellationToken cancellationToken)
    {
        Check(creation.Id.Length is > 0 and <= MaxIdLength, $"A schedule id has 1 to {MaxIdLength} characters.");
        Check(creation.Id, creation.Schedule);
        Check(creation.Backfills);
        Check(creation.SearchAttributes);
        var now = services.Time.GetUtcNow();
        var progress = new ScheduleProgress { CreatedAt = now, After = now, Backfills = creation.Backfills };
        if (creation.Trigger is { } overlap)
        {
            progress = progress with { Buffer = [new() { Nominal = DateTimeOffset.FromUnixTimeSeconds(now.ToUnixTimeSeconds()), Actual = now, Overlap = overlap, IsManual = true }] };
        }

        var id = WorkflowId(creation.Id);
        var converter = services.ConverterOf(id);
        var listing = ScheduleWorkflow.Listing(creation.Schedule, progress, []);
        var memo = new SortedDictionary<string, Payload>(creation.Memo.ToDictionary(), StringComparer.Ordinal)
        {
            [ScheduleWorkflow.ListingMemo] = await converter.ToPayloadAsync(listing),
        };
        var input = new ScheduleInput { Id = creation.Id, Schedule = creation.Schedule, Progress = progress };
        var started = new WorkflowStarted(ScheduleWorkflow.TypeName, services.TaskQueue, await converter.EncodeAsync([input]))
        {
            Memo = memo,
            SearchAttributes = creation.SearchAttributes,
            RequestId = creation.RequestId,
        };
        try
        {
            await services.Service.StartAsync(new StartRequest(id, started), cancellationToken);
        }
        catch (WorkflowServiceException e) when (e.Code == WorkflowServiceError.AlreadyStarted)
        {
            throw new WorkflowServiceException(e.Code, $"There is a schedule '{creation.Id}' already. Choose another id, or update it.", e.RunId);
        }
    }

    public Task<ScheduleView> DescribeAsync(string id, CancellationToken cancellationToken) => AtAsync(id, async workflow =>
    {
        var found = await services.Reader.DescribeAsync(workflow, cancellationToken);
        var summary = found.Summary;
        if (summary.Status != WorkflowExecutionStatus.Running)
        {
            throw WorkflowServiceException.NotFound(workflow.WorkflowId);
        }

        if (found.State.LastTask is null)
        {
            // A process that runs no workflows can't ask it before another has let it begin.
            await services.Reader.ReadHistoryAsync(workflow, 1, BeginWait, cancellationToken);
        }

        var answer = await services.Service.QueryAsync(workflow, ScheduleWorkflow.DescribeQuery, [], WorkflowStarted.Empty, cancellationToken);
        var snapshot = await services.ConverterOf(workflow.WorkflowId).ToValueAsync<ScheduleSnapshot>(answer!);
        return new ScheduleView(snapshot, OfUser(summary.Memo), OfUser(summary.SearchAttributes));
    });

    public Task<bool> UpdateAsync(string id, ScheduleChange change, string requestId, CancellationToken cancellationToken)
    {
        Check(id, change.Schedule);
        if (change.Attributes is { } attributes)
        {
            Check(ScheduleForms.AttributesOf(attributes));
        }

        return AtAsync(id, async workflow =>
        {
            var converter = services.ConverterOf(workflow.WorkflowId);
            var update = new WorkflowUpdateAccepted(requestId, ScheduleWorkflow.Update, await converter.EncodeAsync([change]));
            var outcome = await services.Service.UpdateAsync(workflow, update, untilCompleted: true, UpdateWait, cancellationToken)
                ?? throw new WorkflowServiceException(WorkflowServiceError.CodeUnavailable, $"Schedule '{id}' has not taken the change in time; it may still do so.");
            return outcome.Failure is null
                ? await converter.ToValueAsync<bool>(outcome.Result!)
                : throw new WorkflowServiceException(WorkflowServiceError.CodeUnavailable, $"Schedule '{id}' can't take the change: {outcome.Failure.Message}");
        });
    }

    public Task PauseAsync(string id, bool paused, string note, CancellationToken cancellationToken)
    {
        Check(note.Length <= MaxNoteLength, $"A schedule's note has at most {MaxNoteLength:N0} characters.");
        return SignalAsync(id, ScheduleWorkflow.PauseSignal, [paused, note], cancellationToken);
    }

    public Task TriggerAsync(string id, ScheduleOverlapPolicy overlap, CancellationToken cancellationToken)
    {
        Check(overlap);
        return SignalAsync(id, ScheduleWorkflow.TriggerSignal, [overlap], cancellationToken);
    }

    public Task BackfillAsync(string id, IReadOnlyList<ScheduleSpan> spans, CancellationToken cancellationToken)
    {
        Check(spans);
        return SignalAsync(id, ScheduleWorkflow.BackfillSignal, [spans], cancellationToken);
    }

    public Task DeleteAsync(string id, CancellationToken cancellationToken) => AtAsync(id, async workflow =>
    {
        try
        {
            await services.Service.TerminateAsync(workflow, "The schedule was deleted.", [], null, cancellationToken);
        }
        catch (WorkflowServiceException e) when (e.Code == WorkflowServiceError.Closed)
        {
            // Somebody deletes it for the second time, or it had nothing more to do.
        }

        await services.Service.DeleteAsync(workflow.WorkflowId, cancellationToken);
        return true;
    });

    public async Task<SchedulePage> ListAsync(string? query, int pageSize, string? pageToken, CancellationToken cancellationToken)
    {
        var page = await services.Reader.ListAsync(Filter(query), pageSize, pageToken, cancellationToken, ListDivision.System);
        var rows = new List<ScheduleRow>();
        foreach (var summary in page.Workflows)
        {
            var listing = summary.Memo.TryGetValue(ScheduleWorkflow.ListingMemo, out var value)
                ? await services.ConverterOf(summary.WorkflowId).ToValueAsync<ScheduleListing>(value)
                : null;
            rows.Add(new(summary.WorkflowId[ScheduleWorkflow.IdPrefix.Length..], listing, OfUser(summary.Memo), OfUser(summary.SearchAttributes)));
        }

        return new(rows, page.NextPageToken);
    }

    /// <summary>The open runs of schedules that match a query.</summary>
    private static string Filter(string? query)
    {
        var filter = FilterParser.Parse(query);
        FilterNode[] all =
        [
            new FilterNode.Compare(new("WorkflowType", FilterType.Keyword), FilterOperator.Equal, new FilterValue.Text(ScheduleWorkflow.TypeName)),
            new FilterNode.Compare(new("ExecutionStatus", FilterType.Status), FilterOperator.Equal, new FilterValue.Status(WorkflowExecutionStatus.Running)),
        ];
        return FilterPrinter.Print(filter with { Condition = new FilterNode.And(filter.Condition is null ? all : [.. all, filter.Condition]) });
    }

    private static string WorkflowId(string id) => ScheduleWorkflow.IdPrefix + id;

    private static Dictionary<string, Payload> OfUser(IReadOnlyDictionary<string, Payload> values) => values
        .Where(static v => v.Key is not (ScheduleWorkflow.ListingMemo or ScheduleWorkflow.PausedAttribute or "BuildIds" or "TemporalChangeVersion")).ToDictionary(StringComparer.Ordinal);

    /// <summary>What is not declared is refused here: later it would hold up the schedule, or each of its actions.</summary>
    private void Check(IReadOnlyDictionary<string, Payload> attributes)
    {
        if (DeclaredAttributes.ProblemOf(attributes.Select(static a => (a.Key, (Payload?)a.Value)), services.SearchAttributes) is { } problem)
        {
            throw new WorkflowServiceException(WorkflowServiceError.InvalidArgument, problem);
        }
    }

    private void Check(string id, StoredSchedule schedule)
    {
        var action = schedule.Action;
        Check(action.WorkflowId.Length > 0 && action.WorkflowType.Length > 0, "A schedule's action needs a workflow type and a workflow id.");
        Check(
            action.WorkflowId.Length <= MaxActionIdLength && !action.WorkflowId.Any(char.IsControl),
            $"The workflow id of a schedule's action has at most {MaxActionIdLength} characters and no control characters: a time is put behind it.");
        Check(action.Start.Length <= MaxStartBytes, $"The arguments and other values of a schedule's action have at most {MaxStartBytes:N0} bytes together; put larger ones elsewhere.");
        Check(schedule.Policy.CatchupWindow >= TimeSpan.Zero, "A catch-up window is zero or more.");
        Check(schedule.State.RemainingActions >= 0, "The remaining actions are zero or more.");
        Check((schedule.State.Note?.Length ?? 0) <= MaxNoteLength, $"A schedule's note has at most {MaxNoteLength:N0} characters.");
        Check(schedule.Policy.Overlap);
        Check(ScheduleForms.StartedOf(action).SearchAttributes);
        try
        {
            _ = new ScheduleTimes(id, schedule.Spec.ToSpec());
        }
        catch (FormatException e)
        {
            throw new WorkflowServiceException(WorkflowServiceError.InvalidArgument, e.Message);
        }
    }

    private static void Check(ScheduleOverlapPolicy overlap) => Check(Enum.IsDefined(overlap), $"There is no overlap policy {(int)overlap}.");

    private static void Check(IReadOnlyList<ScheduleSpan> spans)
    {
        Check(spans.Count <= MaxBackfills, $"At most {MaxBackfills} spans can be filled back at once.");
        foreach (var span in spans)
        {
            Check(span.After <= span.Until, $"The span to fill back from {span.After:u} to {span.Until:u} ends before it starts.");
            Check(span.Overlap);
        }
    }

    private static void Check(bool isFine, string problem)
    {
        if (!isFine)
        {
            throw new WorkflowServiceException(WorkflowServiceError.InvalidArgument, problem);
        }
    }

    private Task<bool> SignalAsync(string id, string name, IReadOnlyCollection<object?> args, CancellationToken cancellationToken) => AtAsync(id, async workflow =>
    {
        var signal = new WorkflowSignaled(name, await services.ConverterOf(workflow.WorkflowId).EncodeAsync(args));
        await services.Service.SignalAsync(workflow, signal, null, cancellationToken);
        return true;
    });

    /// <summary>Does something with a schedule; that it is not there is told in its own terms.</summary>
    private static async Task<T> AtAsync<T>(string id, Func<WorkflowRef, Task<T>> call)
    {
        try
        {
            return await call(new(WorkflowId(id)));
        }
        catch (WorkflowServiceException e) when (e.Code is WorkflowServiceError.NotFound or WorkflowServiceError.Closed)
        {
            throw new WorkflowServiceException(WorkflowServiceError.NotFound, $"There is no schedule '{id}'.");
        }
    }
}
