using System.Globalization;
using Serverless.Activities;
using Serverless.Api.Enums.V1;
using Serverless.Client;
using Serverless.Common;
using Serverless.Converters;
using Serverless.Exceptions;
using Serverless.History;

namespace Serverless.Operations.Schedules;

/// <summary>What a schedule asks for.</summary>
internal sealed class ScheduleActivities(SystemServices services)
{
    /// <summary>Type of the failure of a start whose workflow id is in use.</summary>
    public const string IdInUse = "IdInUse";

    private const int MaxNext = 10;
    private static readonly SearchAttributeKey<string> ScheduledById = SearchAttributeKey.CreateKeyword("TemporalScheduledById");
    private static readonly SearchAttributeKey<DateTimeOffset> ScheduledStartTime = SearchAttributeKey.CreateDateTimeOffset("TemporalScheduledStartTime");

    /// <summary>The times of a specification. An activity, so that a change of a time zone's rules does not change what was decided.</summary>
    [Activity(MemberNames.SystemPrefix + "schedule-times")]
    public static TimesAnswer Times(TimesRequest request)
    {
        var times = new ScheduleTimes(request.Id, request.Spec.ToSpec());
        var (due, next) = (new List<ScheduledTime>(), new List<DateTimeOffset>());
        var at = request.After;
        while (times.Next(at) is { } time && due.Count < request.MaxDue && next.Count < MaxNext)
        {
            at = time.Nominal;
            if (at > request.LastNominal)
            {
                break;
            }

            if (time.Actual <= request.Until)
            {
                due.Add(time);
            }
            else
            {
                next.Add(time.Actual);
            }
        }

        return new() { Due = [.. due.Select(static t => new DueTime { Nominal = t.Nominal, Actual = t.Actual })], Next = next };
    }

    /// <summary>Starts a workflow; gives its first run. Repeated, it finds what it started.</summary>
    [Activity(MemberNames.SystemPrefix + "schedule-start")]
    public async Task<string> StartAsync(ActionStart action)
    {
        try
        {
            var request = new StartRequest(action.WorkflowId, await StartedAsync(action)) { ConflictPolicy = WorkflowIdConflictPolicy.Fail };
            return (await services.Service.StartAsync(request, ActivityExecutionContext.Current.CancellationToken)).RunId;
        }
        catch (WorkflowServiceException e)
        {
            throw new ApplicationFailureException(e.Message, e.Code == WorkflowServiceError.AlreadyStarted ? IdInUse : e.Code.ToString(), nonRetryable: true);
        }
    }

    /// <summary>Asks workflows to end, or ends them. Those that have ended are left alone.</summary>
    [Activity(MemberNames.SystemPrefix + "schedule-end")]
    public async Task EndAsync(IReadOnlyList<ScheduleRun> runs, bool terminates)
    {
        const string Reason = "The next action of its schedule is due.";
        var cancellationToken = ActivityExecutionContext.Current.CancellationToken;
        foreach (var run in runs)
        {
            var workflow = new WorkflowRef(run.WorkflowId, FirstRunId: run.RunId);
            try
            {
                await (terminates
                    ? services.Service.TerminateAsync(workflow, Reason, [], null, cancellationToken)
                    : services.Service.CancelAsync(workflow, Reason, $"{run.Correlation}-cancel", cancellationToken));
            }
            catch (WorkflowServiceException)
            {
                // It has ended, or another workflow has its id.
            }
        }
    }

    private async Task<WorkflowStarted> StartedAsync(ActionStart action)
    {
        var started = (WorkflowStarted)EventCodec.Decode(action.Start)[0];
        var attributes = new SortedDictionary<string, Payload>(started.SearchAttributes.ToDictionary(), StringComparer.Ordinal)
        {
            [ScheduledById.Name] = SearchAttributeEncoding.Encode(ScheduledById, action.ScheduleId),
            [ScheduledStartTime.Name] = SearchAttributeEncoding.Encode(ScheduledStartTime, action.Nominal),
        };
        started = started with
        {
            Id = 0,
            SearchAttributes = attributes,
            LastResult = action.LastResult is { } result ? ((WorkflowCompleted)EventCodec.Decode(result)[0]).Result : null,
            LastFailure = action.LastFailure is { } failure ? ((WorkflowFailed)EventCodec.Decode(failure)[0]).Failure : null,
            RequestId = action.Correlation,
            OnClose = new CloseNotice(ScheduleWorkflow.IdPrefix + action.ScheduleId, ScheduleWorkflow.ClosedSignal, action.Correlation),
        };
        return await EncodedAsync(started, services.ConverterOf(action.WorkflowId).PayloadCodec);
    }

    private static async Task<WorkflowStarted> EncodedAsync(WorkflowStarted started, IPayloadCodec? codec) => started with
    {
        Args = await codec.EncodeAllAsync(started.Args),
        Memo = await codec.EncodeMapAsync(started.Memo),
        Headers = await codec.EncodeMapAsync(started.Headers),
        LastResult = await codec.EncodeOneAsync(started.LastResult),
        LastFailure = started.LastFailure is null ? null : await codec.EncodeFailureAsync(started.LastFailure),
    };
}

/// <summary>A question for times.</summary>
internal sealed record TimesRequest
{
    public string Id { get; init; } = "";

    public StoredSpec Spec { get; init; } = new();

    /// <summary>Nominal times after it count.</summary>
    public DateTimeOffset After { get; init; }

    /// <summary>Nominal times up to it count; null: all.</summary>
    public DateTimeOffset? LastNominal { get; init; }

    /// <summary>Times up to it, jitter included, are due.</summary>
    public DateTimeOffset Until { get; init; }

    /// <summary>Most that are to be given as due.</summary>
    public int MaxDue { get; init; }
}

/// <summary>The times that are due and, if these are all, the first of those that follow.</summary>
internal sealed record TimesAnswer
{
    public IReadOnlyList<DueTime> Due { get; init; } = [];

    public IReadOnlyList<DateTimeOffset> Next { get; init; } = [];
}

/// <summary>A time that is due.</summary>
internal sealed record DueTime
{
    public DateTimeOffset Nominal { get; init; }

    /// <summary>Jitter included.</summary>
    public DateTimeOffset Actual { get; init; }
}

/// <summary>A workflow to start.</summary>
internal sealed record ActionStart
{
    public string ScheduleId { get; init; } = "";

    public string WorkflowId { get; init; } = "";

    public DateTimeOffset Nominal { get; init; }

    public string Correlation { get; init; } = "";

    /// <summary>As <see cref="StoredAction.Start"/>.</summary>
    public byte[] Start { get; init; } = [];

    public byte[]? LastResult { get; init; }

    public byte[]? LastFailure { get; init; }

    /// <summary>The workflow id of an action.</summary>
    public static string IdOf(string workflowId, DateTimeOffset nominal) =>
        string.Create(CultureInfo.InvariantCulture, $"{workflowId}-{nominal.UtcDateTime:yyyy-MM-dd'T'HH:mm:ss'Z'}");
}
