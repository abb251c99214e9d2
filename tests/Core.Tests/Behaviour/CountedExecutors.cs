using Serverless.Converters;
using Serverless.History;
using Serverless.Replay;

namespace Serverless.Tests.Behaviour;

/// <summary>Counts how often runs were replayed, and how often an executor ran a second task without having been replayed from storage.</summary>
internal sealed class CountedExecutors(IWorkflowExecutorFactory inner) : IWorkflowExecutorFactory
{
    /// <summary>Tasks that ran.</summary>
    public int Tasks { get; private set; }

    /// <summary>Histories that were replayed, whether a task or a query followed.</summary>
    public int Replays { get; private set; }

    /// <summary>Tasks that ran on an executor which had run one before.</summary>
    public int TasksFromMemory { get; private set; }

    public bool Knows(string workflowType) => inner.Knows(workflowType);

    public bool FailsOnNondeterminism(string workflowType) => inner.FailsOnNondeterminism(workflowType);

    public IReadOnlyList<string> HandlersOf(string workflowType) => inner.HandlersOf(workflowType);

    public IWorkflowExecutor Create(string workflowId, WorkflowStarted started) => new Counted(this, inner.Create(workflowId, started));

    private sealed class Counted(CountedExecutors counts, IWorkflowExecutor inner) : IWorkflowExecutor
    {
        private bool _ran;

        public long LastEventId => inner.LastEventId;

        public string? Violation => inner.Violation;

        public Action<string>? OnViolation
        {
            get => inner.OnViolation;
            set => inner.OnViolation = value;
        }

        public void Replay(IReadOnlyList<HistoryEvent> events)
        {
            counts.Replays++;
            inner.Replay(events);
        }

        public WorkflowTaskOutcome RunTask(WorkflowTaskInput input)
        {
            counts.Tasks++;
            counts.TasksFromMemory += _ran ? 1 : 0;
            _ran = true;
            return inner.RunTask(input);
        }

        public Payload? Query(string name, IReadOnlyList<Payload> args, IReadOnlyDictionary<string, Payload> headers) => inner.Query(name, args, headers);

        public void Abandon() => inner.Abandon();

        public void Dispose() => inner.Dispose();
    }
}
