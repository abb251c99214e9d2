namespace Serverless.Engine;

/// <summary>Live runs between tasks, the least recently used one dropped first. A miss is slow, never wrong. Thread-safe.</summary>
internal sealed class WorkflowCache(int capacity)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, LinkedListNode<LiveRun>> _runs = new(StringComparer.Ordinal);
    private readonly LinkedList<LiveRun> _byUse = new();

    /// <summary>Takes a run out: it belongs to the caller until it is put back.</summary>
    public LiveRun? Take(string workflowId)
    {
        lock (_lock)
        {
            if (!_runs.Remove(workflowId, out var node))
            {
                return null;
            }

            _byUse.Remove(node);
            return node.Value;
        }
    }

    /// <summary>True when a run of the workflow id is at hand.</summary>
    public bool Contains(string workflowId)
    {
        lock (_lock)
        {
            return _runs.ContainsKey(workflowId);
        }
    }

    public void Put(LiveRun run)
    {
        var dropped = run;
        lock (_lock)
        {
            if (capacity > 0 && !run.IsSpoiled)
            {
                if (_runs.Remove(run.WorkflowId, out var other))
                {
                    _byUse.Remove(other);
                }

                _runs[run.WorkflowId] = _byUse.AddLast(run);
                dropped = other?.Value;
                if (_runs.Count > capacity)
                {
                    dropped = _byUse.First!.Value;
                    _byUse.RemoveFirst();
                    _runs.Remove(dropped.WorkflowId);
                }
            }
        }

        dropped?.Dispose();
    }
}
