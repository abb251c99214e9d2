using Serverless.Client;

namespace Serverless.Engine;

/// <summary>Wakes those in this process who wait for something to happen to a workflow id. A hint: they look at storage themselves, now and then.</summary>
internal sealed class RunWatchers
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, TaskCompletionSource<CloseResult?>> _waiting = new(StringComparer.Ordinal);

    /// <summary>Completes at the next commit that this process makes for the workflow id. Take it before looking, then look, then await.</summary>
    public Task<CloseResult?> NextCommit(string workflowId)
    {
        lock (_lock)
        {
            if (!_waiting.TryGetValue(workflowId, out var waiter))
            {
                waiter = new TaskCompletionSource<CloseResult?>(TaskCreationOptions.RunContinuationsAsynchronously);
                _waiting[workflowId] = waiter;
            }

            return waiter.Task;
        }
    }

    /// <param name="workflowId">Whose.</param>
    /// <param name="close">How the chain of runs ended, if it did.</param>
    public void Committed(string workflowId, CloseResult? close)
    {
        TaskCompletionSource<CloseResult?>? waiter;
        lock (_lock)
        {
            _waiting.Remove(workflowId, out waiter);
        }

        waiter?.TrySetResult(close);
    }
}
