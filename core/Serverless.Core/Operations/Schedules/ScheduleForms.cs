using Serverless.Api.Enums.V1;
using Serverless.Client;
using Serverless.Client.Interceptors;
using Serverless.Client.Schedules;
using Serverless.Common;
using Serverless.Converters;
using Serverless.History;

namespace Serverless.Operations.Schedules;

/// <summary>Schedules as clients have them and as they are stored. Stored values are not encoded by the codec, for the record around them is.</summary>
internal static class ScheduleForms
{
    /// <exception cref="ArgumentException">An option can't be set for an action, or is missing.</exception>
    public static async Task<StoredSchedule> ToStoredAsync(Schedule schedule, WorkflowClientOptions client)
    {
        if (schedule.Action is not ScheduleActionStartWorkflow action)
        {
            throw new ArgumentException("A schedule needs an action: ScheduleActionStartWorkflow.");
        }

        Check(action.Options);
        var converter = ConverterOf(client, action.Options.Id!);
        var options = (WorkflowOptions)action.Options.Clone();
        options.Memo = await RawMemoAsync(options.Memo, converter);
        var headers = new SortedDictionary<string, Payload>(StringComparer.Ordinal);
        foreach (var (key, value) in action.Headers ?? new Dictionary<string, IEncodedRawValue>())
        {
            headers[key] = await DecodedAsync(value, converter);
        }

        var args = new List<object?>();
        foreach (var arg in action.Args)
        {
            args.Add(arg is IEncodedRawValue raw ? new RawValue(await DecodedAsync(raw, converter)) : arg);
        }

        var request = await StartRequests.CreateAsync(new(action.Workflow, args, options, headers), client, converter with { PayloadCodec = null }, static () => "");
        return new()
        {
            Action = ActionOf(request.WorkflowId, request.Started),
            Spec = StoredSpec.Of(schedule.Spec),
            Policy = schedule.Policy,
            State = schedule.State,
        };
    }

    /// <summary>The stored form of what starts a workflow.</summary>
    /// <param name="workflowId">What the time of an action is put behind.</param>
    /// <param name="started">The first event, its payloads not encoded.</param>
    public static StoredAction ActionOf(string workflowId, WorkflowStarted started) => new()
    {
        WorkflowId = workflowId,
        WorkflowType = started.WorkflowType,
        Start = EventCodec.Encode([started with { Id = 1, Time = default, RequestId = null }]),
    };

    public static WorkflowStarted StartedOf(StoredAction action) => (WorkflowStarted)EventCodec.Decode(action.Start)[0];

    public static async Task<ScheduleDescription> DescriptionAsync(string id, ScheduleView view, WorkflowClientOptions client)
    {
        var (snapshot, progress) = (view.Snapshot, view.Snapshot.Progress);
        var schedule = new Schedule(await ActionAsync(snapshot.Schedule.Action, client), snapshot.Schedule.Spec.ToSpec())
        {
            Policy = snapshot.Schedule.Policy,
            State = snapshot.Schedule.State,
        };
        var info = new ScheduleInfo
        {
            NumActions = progress.NumActions,
            NumActionsMissedCatchupWindow = progress.NumMissed,
            NumActionsSkippedOverlap = progress.NumSkipped,
            RunningActions = [.. progress.Running.Select(static r => new ScheduleActionExecutionStartWorkflow(r.WorkflowId, r.RunId))],
            RecentActions = [.. progress.Recent.Select(ResultOf)],
            NextActionTimes = [.. snapshot.Next.Select(static t => t.UtcDateTime)],
            CreatedAt = progress.CreatedAt.UtcDateTime,
            LastUpdatedAt = progress.UpdatedAt?.UtcDateTime,
        };
        return new(id, schedule, info, MemoOf(id, view.Memo, client), SearchAttributeCollection.FromPayloads(view.SearchAttributes)) { Version = progress.Version };
    }

    public static ScheduleListDescription ListedOf(ScheduleRow row, WorkflowClientOptions client)
    {
        var (schedule, info) = row.Listing is not { } listing ? default : (
            new ScheduleListSchedule(new ScheduleListActionStartWorkflow(listing.WorkflowType), listing.Spec.ToSpec(), new ScheduleListState(listing.Note, listing.Paused)),
            new ScheduleListInfo([.. listing.Recent.Select(ResultOf)], [.. listing.Next.Select(static t => t.UtcDateTime)]));
        return new(row.Id, schedule, info, MemoOf(row.Id, row.Memo, client), SearchAttributeCollection.FromPayloads(row.SearchAttributes));
    }

    public static IReadOnlyList<ScheduleSpan> SpansOf(IReadOnlyCollection<ScheduleBackfill> backfills) =>
    [
        .. backfills.Select(static b => new ScheduleSpan { After = ScheduleTimes.Utc(b.StartAt)!.Value, Until = ScheduleTimes.Utc(b.EndAt)!.Value, Overlap = b.Overlap }),
    ];

    /// <summary>As <see cref="ScheduleChange.Attributes"/>.</summary>
    public static byte[] WireFormOf(SearchAttributeCollection attributes) =>
        EventCodec.Encode([new WorkflowStarted("", "", []) { Id = 1, SearchAttributes = attributes.ToPayloads() }]);

    /// <summary>What <see cref="WireFormOf"/> wrote.</summary>
    public static IReadOnlyDictionary<string, Payload> AttributesOf(byte[] wireForm) => ((WorkflowStarted)EventCodec.Decode(wireForm)[0]).SearchAttributes;

    /// <summary>The converter of what belongs to the schedule itself.</summary>
    public static DataConverter ConverterOfSchedule(WorkflowClientOptions client, string id) => ConverterOf(client, ScheduleWorkflow.IdPrefix + id);

    private static DataConverter ConverterOf(WorkflowClientOptions client, string workflowId) =>
        client.DataConverter.WithSerializationContext(new ISerializationContext.Workflow(client.Namespace, workflowId));

    private static ScheduleActionResult ResultOf(RecentAction action) => new(
        action.ScheduledAt.UtcDateTime, action.StartedAt.UtcDateTime, new ScheduleActionExecutionStartWorkflow(action.WorkflowId, action.RunId));

    private static Dictionary<string, IEncodedRawValue> MemoOf(string id, IReadOnlyDictionary<string, Payload> memo, WorkflowClientOptions client)
    {
        var converter = ConverterOfSchedule(client, id);
        return memo.ToDictionary(static m => m.Key, m => (IEncodedRawValue)new EncodedRawValue(converter, m.Value), StringComparer.Ordinal);
    }

    private static async Task<ScheduleActionStartWorkflow> ActionAsync(StoredAction action, WorkflowClientOptions client)
    {
        var started = StartedOf(action);
        var converter = ConverterOf(client, action.WorkflowId);
        var memo = await converter.PayloadCodec.EncodeMapAsync(started.Memo);
        var headers = await converter.PayloadCodec.EncodeMapAsync(started.Headers);
        var options = new WorkflowOptions(action.WorkflowId, started.TaskQueue)
        {
            ExecutionTimeout = started.ExecutionTimeout,
            RunTimeout = started.RunTimeout,
            TaskTimeout = started.TaskTimeout,
            RetryPolicy = started.RetryPolicy,
            Memo = memo.ToDictionary(static m => m.Key, m => (object)new EncodedRawValue(converter, m.Value), StringComparer.Ordinal),
            TypedSearchAttributes = SearchAttributeCollection.FromPayloads(started.SearchAttributes),
            StaticSummary = started.Summary,
            StaticDetails = started.Details,
            Priority = started.Priority is null ? null : Priority.From(started.Priority),
            VersioningOverride = started switch
            {
                { PinnedBuildId: { } build } => new VersioningOverride.Pinned(new("", build)),
                { VersioningOverride: VersioningBehavior.AutoUpgrade } => new VersioningOverride.AutoUpgrade(),
                _ => null,
            },
        };
        return new(
            action.WorkflowType,
            [.. (await converter.PayloadCodec.EncodeAllAsync(started.Args)).Select(p => new EncodedRawValue(converter, p))],
            options,
            headers.Count == 0 ? null : headers.ToDictionary(static h => h.Key, h => (IEncodedRawValue)new EncodedRawValue(converter, h.Value), StringComparer.Ordinal));
    }

    private static async Task<IReadOnlyDictionary<string, object>?> RawMemoAsync(IReadOnlyDictionary<string, object>? memo, DataConverter converter)
    {
        if (memo is null)
        {
            return null;
        }

        var raw = new SortedDictionary<string, object>(StringComparer.Ordinal);
        foreach (var (key, value) in memo)
        {
            raw[key] = value is IEncodedRawValue encoded ? new RawValue(await DecodedAsync(encoded, converter)) : value;
        }

        return raw;
    }

    private static async Task<Payload> DecodedAsync(IEncodedRawValue value, DataConverter converter) =>
        (await (value is EncodedRawValue own ? own.DataConverter : converter).PayloadCodec.DecodeOneAsync(value.Payload))!;

    private static void Check(WorkflowOptions options)
    {
        (bool IsSet, string Name)[] forbidden =
        [
            (options.IdReusePolicy != WorkflowIdReusePolicy.AllowDuplicate, nameof(options.IdReusePolicy)),
            (options.IdConflictPolicy != WorkflowIdConflictPolicy.Unspecified, nameof(options.IdConflictPolicy)),
            (options.CronSchedule is not null, nameof(options.CronSchedule)),
            (options.StartDelay is not null, nameof(options.StartDelay)),
            (options.StartSignal is not null || options.StartSignalArgs is not null, nameof(options.StartSignal)),
            (options.RequestId is not null, nameof(options.RequestId)),
            (options.RequestEagerStart, nameof(options.RequestEagerStart)),
            (options.Rpc is not null, nameof(options.Rpc)),
        ];
        if (Array.Find(forbidden, static f => f.IsSet).Name is { } name)
        {
            throw new ArgumentException($"{name} can't be set for the action of a schedule: leave it at its default.");
        }

        if (string.IsNullOrEmpty(options.Id))
        {
            throw new ArgumentException("The action of a schedule needs a workflow id: set Id in its options.");
        }
    }
}
