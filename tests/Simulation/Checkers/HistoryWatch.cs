using Serverless.Activities;
using Serverless.Engine;
using Serverless.History;
using Serverless.Simulation.Hosts;
using Serverless.Storage;
using Serverless.Worker.Interceptors;

namespace Serverless.Simulation.Checkers;

/// <summary>
/// Looks at each transaction on a workflow's rows when it is done: histories only grow, by events in sequence; what replaces rows says the same as they did; the head tells how far it
/// goes. And no activity begins that no history asks for.
/// </summary>
internal sealed class HistoryWatch : IWorkerInterceptor
{
    private readonly SimWorld _world;
    private readonly StoredHistory _stored;
    private readonly Dictionary<(string WorkflowId, int Number), Run> _runs = [];

    public HistoryWatch(SimWorld world)
    {
        _world = world;
        _stored = new StoredHistory(world);
        world.Service.Committed += Look;
    }

    public ActivityInboundInterceptor InterceptActivity(ActivityInboundInterceptor nextInterceptor) => new Gatekeeper(this, nextInterceptor);

    private void Look(RowTable table, string partition, IReadOnlyList<RowOperation> operations)
    {
        if (table != RowTable.Workflows || WorkflowKey.WorkflowId(partition) is not { } id)
        {
            return;
        }

        var replaced = new SortedSet<int>();
        foreach (var operation in operations.Where(static o => o.Key.StartsWith(JournalKeys.SegmentPrefix, StringComparison.Ordinal)))
        {
            var number = JournalKeys.RunOf(operation.Key);
            if (operation.Kind == RowOperationKind.Insert)
            {
                Append(id, number, _stored.EventsOf(operation));
            }
            else if (operation.Kind == RowOperationKind.Replace)
            {
                replaced.Add(number);
            }
        }

        foreach (var number in replaced)
        {
            Compare(id, number);
        }

        foreach (var operation in operations.Where(static o => o.Key == JournalKeys.Head))
        {
            if (operation.Kind == RowOperationKind.Delete)
            {
                _runs.Keys.Where(key => key.WorkflowId == id).ToList().ForEach(key => _runs.Remove(key));
            }
            else if (operation.Kind != RowOperationKind.Touch)
            {
                CheckHead(id, WorkflowHead.Decode(operation.Data));
            }
        }
    }

    private void Append(string id, int number, IReadOnlyList<HistoryEvent> events)
    {
        if (!_runs.TryGetValue((id, number), out var run))
        {
            _runs[(id, number)] = run = new Run();
        }

        foreach (var e in events)
        {
            if (e.Id != run.Events.Count + 1)
            {
                _world.Violation($"I1: event {e.Id} ({e.GetType().Name}) was appended to run {number} of {id}, which has {run.Events.Count} events");
            }

            run.Events.Add(Text(e));
            if (e is ActivityScheduled scheduled)
            {
                run.Activities.Add(scheduled.ActivityId);
            }
        }
    }

    private void Compare(string id, int number)
    {
        var events = _stored.EventsOf(id, number).Select(Text).ToList();
        if (_runs.TryGetValue((id, number), out var run) && !events.SequenceEqual(run.Events, StringComparer.Ordinal))
        {
            _world.Violation($"I1: the {run.Events.Count} events of run {number} of {id} were replaced by {events.Count} that do not say the same");
        }
    }

    private void CheckHead(string id, WorkflowHead head)
    {
        var events = _runs.GetValueOrDefault((id, head.RunNumber))?.Events.Count ?? 0;
        if (head.LastEventId != events)
        {
            _world.Violation($"I1: the head of {id} says that run {head.RunNumber} has {head.LastEventId} events; it has {events}");
        }

        if (_runs.TryGetValue((id, head.RunNumber), out var run))
        {
            run.RunId = head.RunId;
        }
    }

    private void CheckActivity(ActivityInfo info)
    {
        if (!_runs.Any(r => r.Key.WorkflowId == info.WorkflowId && r.Value.RunId == info.WorkflowRunId && r.Value.Activities.Contains(info.ActivityId)))
        {
            _world.Violation($"An attempt of activity {info.ActivityId} ({info.ActivityType}) of {info.WorkflowId}/{info.WorkflowRunId} began, which no history asks for");
        }
    }

    /// <summary>An event without what says the same in other places: where its payloads are.</summary>
    private static string Text(HistoryEvent e) => $"{e.Id} {e.Time:O} {e.GetType().Name}";

    /// <summary>What a run had when it was last looked at.</summary>
    private sealed class Run
    {
        public string RunId { get; set; } = "";

        public List<string> Events { get; } = [];

        public SortedSet<string> Activities { get; } = new(StringComparer.Ordinal);
    }

    private sealed class Gatekeeper(HistoryWatch watch, ActivityInboundInterceptor next) : ActivityInboundInterceptor(next)
    {
        public override Task<object?> ExecuteActivityAsync(ExecuteActivityInput input)
        {
            watch.CheckActivity(ActivityExecutionContext.Current.Info);
            return base.ExecuteActivityAsync(input);
        }
    }
}
