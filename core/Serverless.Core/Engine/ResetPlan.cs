using Serverless.Client;
using Serverless.History;

namespace Serverless.Engine;

/// <summary>What a reset or fork makes of a history. Pure.</summary>
/// <param name="Events">The new run's first events: whole tasks, the mark, and inputs that the next task gets.</param>
/// <param name="Mark">The mark among them.</param>
internal sealed record ResetPlan(IReadOnlyList<HistoryEvent> Events, WorkflowResetMarked Mark)
{
    /// <param name="source">The history that is copied.</param>
    /// <param name="later">Messages that later runs of the same chain took.</param>
    /// <param name="request">What is asked for.</param>
    /// <param name="to">The new run, with its seed, its time and the first run of its chain.</param>
    /// <exception cref="WorkflowServiceException">There is no such point, or it can't be used.</exception>
    /// <exception cref="InvalidDataException">The history is not one.</exception>
    public static ResetPlan Of(ResetSource source, IReadOnlyList<InputEvent> later, ResetRequest request, WorkflowResetMarked to)
    {
        var isFork = to.Into!.WorkflowId != source.WorkflowId;
        var children = request.Children ?? (isFork ? WorkflowResetChildren.Restart : WorkflowResetChildren.Keep);
        var point = ResetPoints.Find(source.Events, request.Point);
        var ended = new List<WorkflowLink>();
        if (children == WorkflowResetChildren.Restart)
        {
            ended.AddRange(LinksOf(StateAt(source.Events, point).Children.Values));
            point = BeforeChildren(source.Events, point);
        }

        var end = ResetPoints.EndOfTasks(source.Events, point);
        var state = StateAt(source.Events, point);
        var inputs = source.Events.Skip((int)end).TakeWhile(e => e.Id <= point && e is InputEvent).Cast<InputEvent>().ToList();
        foreach (var e in source.Events.Skip((int)(end + inputs.Count)).OfType<InputEvent>().Concat(later))
        {
            if (state.Expects(e) && (IsAnswer(e) || IsReapplied(e, request.Reapply)))
            {
                inputs.Add(e);
                state.Apply(e with { Id = state.LastEventId + 1 });
            }
        }

        if (children == WorkflowResetChildren.Terminate)
        {
            ended.AddRange(LinksOf(state.Children.Values));
            inputs.AddRange(state.Children.Keys.Select(id => new ChildWorkflowTerminated(id) { Time = to.Time }));
        }
        else if (isFork && state.Children.Count > 0)
        {
            var (id, child) = state.Children.First();
            throw Bad($"Child '{child.Initiated.WorkflowId}' of event {id} had not closed there, and would not answer a fork. Restart the children, or terminate them.");
        }

        return Build(source, end, inputs, to with { Ended = isFork ? [] : ended });
    }

    private static ResetPlan Build(ResetSource source, long end, List<InputEvent> inputs, WorkflowResetMarked to)
    {
        var before = Fold(source.Events);

        // The part that is kept may have been a copy already: its origin is where it was recorded.
        var cut = before.Resets.Where(r => r.Id > end).ToList();
        string[] runs = [.. cut.SelectMany(static r => (string[])[r.FromRunId, .. r.Aliases]), before.Started.RunId];
        var mark = to with
        {
            Id = end + 1,
            FromEventId = end,
            FromRunId = runs[0],
            FromWorkflowId = cut.Count > 0 && cut[0].FromWorkflowId.Length > 0 ? cut[0].FromWorkflowId : source.WorkflowId,
            Aliases = [.. runs.Skip(1).Distinct(StringComparer.Ordinal)],
        };
        var events = new List<HistoryEvent>(source.Events.Take((int)end)) { mark };
        events[0] = ((WorkflowStarted)events[0]) with { RunId = to.Into!.RunId };
        events.AddRange(inputs.Select((e, i) => e with { Id = end + 2 + i }));
        return new ResetPlan(events, mark);
    }

    /// <summary>What history says at a point: its whole tasks, and the inputs after them.</summary>
    private static RunState StateAt(IReadOnlyList<HistoryEvent> events, long point)
    {
        var end = ResetPoints.EndOfTasks(events, point);
        return Fold(events.TakeWhile(e => e.Id <= end || (e.Id <= point && e is InputEvent)));
    }

    private static RunState Fold(IEnumerable<HistoryEvent> events)
    {
        var state = new RunState();
        foreach (var e in events)
        {
            state.Apply(e);
        }

        return state;
    }

    /// <summary>The last point at which no child was pending.</summary>
    private static long BeforeChildren(IReadOnlyList<HistoryEvent> events, long point)
    {
        while (StateAt(events, point).Children.Keys.FirstOrDefault() is var child and > 0)
        {
            point = events.Last(e => e is WorkflowTaskCompleted && e.Id < child).Id - 1;
        }

        return point;
    }

    private static IEnumerable<WorkflowLink> LinksOf(IEnumerable<PendingChild> children) =>
        children.Select(static c => new WorkflowLink(c.Initiated.WorkflowId, c.Initiated.RunId));

    /// <summary>Nobody sends these again.</summary>
    private static bool IsAnswer(InputEvent e) =>
        e is ChildWorkflowStarted or ChildWorkflowStartFailed or ChildWorkflowClosed or ExternalSignalClosed or ExternalCancelClosed;

    private static bool IsReapplied(InputEvent e, WorkflowResetReapply reapply) => reapply switch
    {
        WorkflowResetReapply.All => e is WorkflowSignaled or WorkflowUpdateAccepted or WorkflowCancelRequested or WorkflowPropertiesModified,
        WorkflowResetReapply.Signals => e is WorkflowSignaled,
        _ => false,
    };

    private static WorkflowServiceException Bad(string problem) => new(WorkflowServiceError.BadResetPoint, problem);
}

/// <summary>A history that is copied.</summary>
/// <param name="WorkflowId">Whose.</param>
/// <param name="Events">All of it.</param>
internal sealed record ResetSource(string WorkflowId, IReadOnlyList<HistoryEvent> Events)
{
    public WorkflowStarted Started => (WorkflowStarted)Events[0];
}

/// <summary>Finds points in histories. Pure.</summary>
internal static class ResetPoints
{
    /// <summary>Id of the last event that is kept.</summary>
    /// <exception cref="WorkflowServiceException">There is no such point.</exception>
    public static long Find(IReadOnlyList<HistoryEvent> events, WorkflowResetPoint point)
    {
        if (point.EventId is { } id)
        {
            return id >= 1 && id <= events.Count ? id : throw Bad($"The run has the events 1 to {events.Count}; event {id} is none of them.");
        }

        if (point.BuildId is { } build)
        {
            return (events.OfType<WorkflowTaskCompleted>().FirstOrDefault(t => t.BuildId == build)
                ?? throw Bad($"Build '{build}' ran no task of the run.")).Id - 1;
        }

        var tasks = events.OfType<WorkflowTaskCompleted>();
        return ((point.IsLast ? tasks.LastOrDefault() : tasks.FirstOrDefault())?.Id - 1) ?? events.Count;
    }

    /// <summary>Id of the last event of the last task that is whole at a point, and after which the code went on; 1 when there is none.</summary>
    public static long EndOfTasks(IReadOnlyList<HistoryEvent> events, long point)
    {
        var end = 1;
        for (var i = 0; i < events.Count && events[i].Id <= point; i++)
        {
            if (events[i] is not WorkflowTaskCompleted)
            {
                continue;
            }

            var last = i;
            while (last + 1 < events.Count && events[last + 1] is CommandEvent and not WorkflowFailed { WithoutTask: true })
            {
                last++;
            }

            if (events[last].Id > point || Ends(events, i + 1, last))
            {
                break;
            }

            end = last + 1;
            i = last;
        }

        return end;
    }

    private static bool Ends(IReadOnlyList<HistoryEvent> events, int first, int last)
    {
        for (var i = first; i <= last; i++)
        {
            if (CommitBuilder.StatusAfter(events[i]) != Api.Enums.V1.WorkflowExecutionStatus.Running)
            {
                return true;
            }
        }

        return false;
    }

    private static WorkflowServiceException Bad(string problem) => new(WorkflowServiceError.BadResetPoint, problem);
}
