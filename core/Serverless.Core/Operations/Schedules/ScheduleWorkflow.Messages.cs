using Serverless.Api.Enums.V1;
using Serverless.Common;
using Serverless.History;
using Serverless.Workflows;

namespace Serverless.Operations.Schedules;

/// <summary>What is said to a schedule.</summary>
internal sealed partial class ScheduleWorkflow
{
    [WorkflowQuery(DescribeQuery)]
    public ScheduleSnapshot Describe()
    {
        var next = new ScheduleTimes(_id, _schedule.Spec.ToSpec());
        var times = new List<DateTimeOffset>();
        for (var at = next.Next(_progress.After); at is { } time && times.Count < MaxRecent; at = next.Next(time.Nominal))
        {
            times.Add(time.Actual);
        }

        return new() { Schedule = _schedule, Progress = _progress, Next = times };
    }

    [WorkflowSignal(PauseSignal)]
    public Task PauseAsync(bool paused, string note)
    {
        // Times that passed in a pause are not made up for.
        _progress = MayAct ? _progress : _progress with { After = Later(_progress.After, Now) };
        _schedule = _schedule with { State = _schedule.State with { Paused = paused, Note = note } };
        _wake = true;
        return Task.CompletedTask;
    }

    [WorkflowSignal(TriggerSignal)]
    public Task TriggerAsync(ScheduleOverlapPolicy overlap)
    {
        var nominal = new DateTimeOffset(Now.UtcTicks - (Now.UtcTicks % TimeSpan.TicksPerSecond), TimeSpan.Zero);
        while (IsTaken(nominal))
        {
            nominal += TimeSpan.FromSeconds(1);
        }

        Add(new() { Nominal = nominal, Actual = Now, Overlap = overlap, IsManual = true });
        _wake = true;
        return Task.CompletedTask;
    }

    [WorkflowSignal(BackfillSignal)]
    public Task BackfillAsync(IReadOnlyList<ScheduleSpan> spans)
    {
        _progress = _progress with { Backfills = [.. _progress.Backfills, .. spans] };
        _wake = true;
        return Task.CompletedTask;
    }

    [WorkflowSignal(ClosedSignal)]
    public Task ClosedAsync(ChainClosed closed)
    {
        if (_progress.Running.FirstOrDefault(r => r.Correlation == closed.Correlation) is not { } run)
        {
            return Task.CompletedTask;
        }

        Forget(run);
        if (closed.Status == WorkflowExecutionStatus.Completed)
        {
            _progress = _progress with { LastResult = closed.Event, LastFailure = null };
        }
        else if (closed.Status is WorkflowExecutionStatus.Failed or WorkflowExecutionStatus.TimedOut)
        {
            var failed = closed.Event is { } bytes ? EventCodec.Decode(bytes)[0] as WorkflowFailed : null;
            _progress = _progress with { LastFailure = failed is null ? _progress.LastFailure : closed.Event };
            PauseAfterFailure(
                closed.Status == WorkflowExecutionStatus.TimedOut ? $"Workflow '{run.WorkflowId}' timed out." : $"Workflow '{run.WorkflowId}' failed: {failed?.Failure.Message}");
        }

        _wake = true;
        return Task.CompletedTask;
    }

    /// <summary>False when the change was made from another version than there is.</summary>
    [WorkflowUpdate(Update)]
    public Task<bool> UpdateAsync(ScheduleChange change)
    {
        if (change.Version != _progress.Version)
        {
            return Task.FromResult(false);
        }

        var after = MayAct && _schedule.Spec.IsSameAs(change.Schedule.Spec) ? _progress.After : Later(_progress.After, Now);
        _progress = _progress with { Version = _progress.Version + 1, UpdatedAt = Now, After = after };
        _schedule = change.Schedule;
        if (change.Attributes is { } attributes)
        {
            Replace(SearchAttributeCollection.FromPayloads(ScheduleForms.AttributesOf(attributes)));
        }

        _wake = true;
        return Task.FromResult(true);
    }

    private bool IsTaken(DateTimeOffset nominal)
    {
        var id = ActionStart.IdOf(_schedule.Action.WorkflowId, nominal);
        return _progress.Buffer.Any(s => s.Nominal == nominal) || _progress.Recent.Any(r => r.WorkflowId == id) || _progress.Running.Any(r => r.WorkflowId == id);
    }

    private static void Replace(SearchAttributeCollection attributes)
    {
        var gone = Workflow.TypedSearchAttributes.Where(key => key != SchedulePaused && !attributes.ContainsKey(key.Name)).Select(static key => SearchAttributeUpdate.Of(key, null));
        SearchAttributeUpdate[] updates = [.. gone, .. attributes.UntypedValues.Select(static a => SearchAttributeUpdate.Of(a.Key, a.Value))];
        if (updates.Length > 0)
        {
            Workflow.UpsertTypedSearchAttributes(updates);
        }
    }
}
