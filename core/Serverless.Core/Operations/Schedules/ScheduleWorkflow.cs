using System.Text.Json;
using Serverless.Api.Enums.V1;
using Serverless.Common;
using Serverless.Exceptions;
using Serverless.Workflows;

namespace Serverless.Operations.Schedules;

/// <summary>
/// A schedule: sleeps until its next time, starts what is due as the overlap policy says, and is told by a signal when that has ended. Messages change its state at once and
/// wake its loop, which is the only one to start anything.
/// </summary>
[Workflow(TypeName)]
internal sealed partial class ScheduleWorkflow
{
    public const string TypeName = MemberNames.SystemPrefix + "schedule";
    public const string IdPrefix = TypeName + ":";
    public const string PauseSignal = "pause";
    public const string TriggerSignal = "trigger";
    public const string BackfillSignal = "backfill";
    public const string ClosedSignal = "closed";
    public const string Update = "update";
    public const string DescribeQuery = "describe";
    public const string ListingMemo = MemberNames.SystemPrefix + "schedule";
    public const string PausedAttribute = "TemporalSchedulePaused";

    /// <summary>Starts that wait; more are skipped.</summary>
    private const int MaxBuffer = 1_000;

    private const int MaxDue = 100;
    private const int MaxAtOnce = 20;
    private const int MaxRecent = 10;
    private const int MaxListed = 5;

    /// <summary>A run is continued beyond this many events: what it replays stays short.</summary>
    private const int MaxEvents = 1_000;

    private static readonly TimeSpan ShortestWindow = TimeSpan.FromSeconds(10);

    /// <summary>A schedule that has nothing more to do is kept for this long.</summary>
    private static readonly TimeSpan Retention = TimeSpan.FromDays(7);

    private static readonly SearchAttributeKey<bool> SchedulePaused = SearchAttributeKey.CreateBool(PausedAttribute);

    private readonly string _id;
    private StoredSchedule _schedule;
    private ScheduleProgress _progress;
    private IReadOnlyList<DateTimeOffset> _next = [];
    private string? _listed;
    private bool? _listedPaused;
    private bool _wake;

    [WorkflowInit]
    public ScheduleWorkflow(ScheduleInput input)
    {
        (_id, _schedule, _progress) = (input.Id, input.Schedule, input.Progress);
        if (_progress.CreatedAt == default)
        {
            DateTimeOffset created = Workflow.Info.WorkflowStartTime;
            _progress = _progress with { CreatedAt = created, After = created };
        }
    }

    private static DateTimeOffset Now => Workflow.UtcNow;

    private bool MayAct => !_schedule.State.Paused && (!_schedule.State.LimitedActions || _schedule.State.RemainingActions > 0);

    [WorkflowRun]
    public async Task RunAsync(ScheduleInput input)
    {
        while (true)
        {
            _wake = false;
            await FillBackAsync();
            await AdvanceAsync();
            await ActAsync();
            if (_wake)
            {
                continue;
            }

            List();
            if (Workflow.ContinueAsNewSuggested || Workflow.CurrentHistoryLength > MaxEvents)
            {
                var rest = input with { Schedule = _schedule, Progress = _progress };
                throw Workflow.CreateContinueAsNewException((ScheduleWorkflow w) => w.RunAsync(rest));
            }

            if (!await SleepAsync())
            {
                return;
            }
        }
    }

    private static DateTimeOffset Later(DateTimeOffset one, DateTimeOffset other) => one > other ? one : other;

    /// <summary>Puts times of the first backfill into the buffer, as many as there is room for.</summary>
    private async Task FillBackAsync()
    {
        if (_progress.Backfills is not [var span, ..] || _progress.Buffer.Count > MaxBuffer - MaxDue)
        {
            return;
        }

        var times = await TimesAsync(span.After, DateTimeOffset.MaxValue, span.Until);
        foreach (var due in times.Due)
        {
            Add(new() { Nominal = due.Nominal, Actual = due.Actual, Overlap = span.Overlap, IsManual = true });
        }

        // Others may have come meanwhile, behind it.
        var rest = _progress.Backfills.Skip(1);
        _progress = _progress with { Backfills = times.Due.Count < MaxDue ? [.. rest] : [span with { After = times.Due[^1].Nominal }, .. rest] };
        _wake |= _progress.Backfills.Count > 0;
    }

    /// <summary>Puts what has come due into the buffer.</summary>
    private async Task AdvanceAsync()
    {
        var (now, version, mayAct) = (Now, _progress.Version, MayAct);
        var after = mayAct ? _progress.After : Later(_progress.After, now);
        _progress = _progress with { After = after };
        var times = await TimesAsync(after, now, null);
        if (version != _progress.Version || after != _progress.After || mayAct != MayAct)
        {
            // It was asked about a schedule that has changed since.
            _wake = true;
            return;
        }

        var window = _schedule.Policy.CatchupWindow < ShortestWindow ? ShortestWindow : _schedule.Policy.CatchupWindow;
        foreach (var due in times.Due)
        {
            _progress = _progress with { After = due.Nominal };
            if (now - due.Actual > window)
            {
                _progress = _progress with { NumMissed = _progress.NumMissed + 1 };
            }
            else
            {
                Add(new() { Nominal = due.Nominal, Actual = due.Actual });
            }
        }

        _next = times.Next;
        _wake |= times.Due.Count == MaxDue;
    }

    /// <summary>Starts what may start, and ends what is in the way.</summary>
    private async Task ActAsync()
    {
        var rules = OverlapRules.Decide(_progress.Buffer, _progress.Running.Count > 0, _schedule.Policy.Overlap);
        _progress = _progress with { Buffer = rules.Later, NumSkipped = _progress.NumSkipped + rules.Skipped };
        var running = _progress.Running.Where(r => rules.Terminates || (rules.Cancels && !r.IsCanceled)).ToList();
        foreach (var starts in rules.Now.Chunk(MaxAtOnce))
        {
            await Workflow.WhenAllAsync([.. starts.Where(TryTake).Select(StartAsync)]);
        }

        if (running.Count == 0)
        {
            return;
        }

        await Workflow.ExecuteActivityAsync((ScheduleActivities a) => a.EndAsync(running, rules.Terminates), Options());
        if (rules.Terminates)
        {
            running.ForEach(Forget);
            _wake = true;
        }
        else
        {
            _progress = _progress with { Running = [.. _progress.Running.Select(r => running.Exists(c => c.Correlation == r.Correlation) ? r with { IsCanceled = true } : r)] };
        }
    }

    /// <summary>Counts a start against the limit; false when it may not be, for the state may have changed since it came due.</summary>
    private bool TryTake(PendingStart start)
    {
        if (!start.IsManual && !MayAct)
        {
            return false;
        }

        Limit(start, -1);
        return true;
    }

    private void Limit(PendingStart start, int change)
    {
        if (!start.IsManual && _schedule.State.LimitedActions)
        {
            _schedule = _schedule with { State = _schedule.State with { RemainingActions = _schedule.State.RemainingActions + change } };
        }
    }

    private async Task StartAsync(PendingStart start)
    {
        var run = new ScheduleRun { Correlation = Workflow.NewGuid().ToString(), WorkflowId = ActionStart.IdOf(_schedule.Action.WorkflowId, start.Nominal) };
        _progress = _progress with { Running = [.. _progress.Running, run] };
        var isAlone = OverlapRules.Of(start, _schedule.Policy.Overlap) != ScheduleOverlapPolicy.AllowAll;
        var action = new ActionStart
        {
            ScheduleId = _id,
            WorkflowId = run.WorkflowId,
            Nominal = start.Nominal,
            Correlation = run.Correlation,
            Start = _schedule.Action.Start,
            LastResult = isAlone ? _progress.LastResult : null,
            LastFailure = isAlone ? _progress.LastFailure : null,
        };
        try
        {
            var runId = await Workflow.ExecuteActivityAsync((ScheduleActivities a) => a.StartAsync(action), Options());
            var recent = new RecentAction { ScheduledAt = start.Actual, StartedAt = Now, WorkflowId = run.WorkflowId, RunId = runId };
            _progress = _progress with
            {
                // It may have ended already.
                Running = [.. _progress.Running.Select(r => r.Correlation == run.Correlation ? r with { RunId = runId } : r)],
                NumActions = _progress.NumActions + 1,
                Recent = [.. _progress.Recent.Append(recent).TakeLast(MaxRecent)],
            };
        }
        catch (ActivityFailureException e) when (e.InnerException is ApplicationFailureException failure)
        {
            Forget(run);
            Limit(start, 1);
            Refused(run, failure);
        }
    }

    private void Refused(ScheduleRun run, ApplicationFailureException failure)
    {
        if (failure.ErrorType == ScheduleActivities.IdInUse)
        {
            _progress = _progress with { NumSkipped = _progress.NumSkipped + 1 };
            return;
        }

        _schedule = _schedule with { State = _schedule.State with { Note = $"Workflow '{run.WorkflowId}' could not be started: {failure.Message}" } };
        PauseAfterFailure(_schedule.State.Note);
    }

    private void PauseAfterFailure(string note)
    {
        if (_schedule.Policy.PauseOnFailure && !_schedule.State.Paused)
        {
            _schedule = _schedule with { State = _schedule.State with { Paused = true, Note = note } };
        }
    }

    private void Forget(ScheduleRun run) => _progress = _progress with { Running = [.. _progress.Running.Where(r => r.Correlation != run.Correlation)] };

    private void Add(PendingStart start) => _progress = _progress.Buffer.Count < MaxBuffer
        ? _progress with { Buffer = [.. _progress.Buffer, start] }
        : _progress with { NumSkipped = _progress.NumSkipped + 1 };

    private Task<TimesAnswer> TimesAsync(DateTimeOffset after, DateTimeOffset until, DateTimeOffset? lastNominal)
    {
        var request = new TimesRequest { Id = _id, Spec = _schedule.Spec, After = after, Until = until, LastNominal = lastNominal, MaxDue = MaxDue };
        return Workflow.ExecuteLocalActivityAsync(() => ScheduleActivities.Times(request), new() { StartToCloseTimeout = TimeSpan.FromSeconds(30) });
    }

    /// <summary>False when there has been nothing to do for so long that it ends.</summary>
    private async Task<bool> SleepAsync()
    {
        if (MayAct && _next is [var next, ..])
        {
            if (next > Now)
            {
                await Workflow.WaitConditionAsync(() => _wake, next - Now);
            }

            return true;
        }

        if (_schedule.State.Paused || _progress.Running.Count + _progress.Buffer.Count > 0)
        {
            await Workflow.WaitConditionAsync(() => _wake);
            return true;
        }

        return await Workflow.WaitConditionAsync(() => _wake, Retention);
    }

    /// <summary>Shows in the list what has changed.</summary>
    private void List()
    {
        var listing = Listing(_schedule, _progress, [.. _next.Take(MaxListed)]);
        var text = JsonSerializer.Serialize(listing);
        if (text != _listed)
        {
            _listed = text;
            Workflow.UpsertMemo(MemoUpdate.ValueSet(ListingMemo, listing));
        }

        if (_schedule.State.Paused != (_listedPaused ?? false))
        {
            Workflow.UpsertTypedSearchAttributes(SchedulePaused.ValueSet(_schedule.State.Paused));
        }

        _listedPaused = _schedule.State.Paused;
    }

    public static ScheduleListing Listing(StoredSchedule schedule, ScheduleProgress progress, IReadOnlyList<DateTimeOffset> next) => new()
    {
        WorkflowType = schedule.Action.WorkflowType,
        Spec = schedule.Spec,
        Note = schedule.State.Note,
        Paused = schedule.State.Paused,
        Recent = [.. progress.Recent.TakeLast(MaxListed)],
        Next = next,
    };

    private static ActivityOptions Options() => new()
    {
        StartToCloseTimeout = TimeSpan.FromMinutes(1),
        RetryPolicy = new RetryPolicy { MaximumInterval = TimeSpan.FromSeconds(30) },
    };
}
