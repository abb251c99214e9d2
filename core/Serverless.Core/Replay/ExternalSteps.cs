using Serverless.Exceptions;
using Serverless.History;

namespace Serverless.Replay;

/// <summary>Signals and cancellations that a run sends to others.</summary>
internal sealed class ExternalSteps(WorkflowRun run)
{
    private readonly Dictionary<long, TaskCompletionSource> _pending = [];
    private readonly Dictionary<long, long> _childCancels = [];

    public async Task SignalAsync(ExternalSignalInitiated signal, CancellationToken? given)
    {
        var token = given ?? run.CancellationToken;
        if (token.IsCancellationRequested)
        {
            throw new CanceledFailureException("Signal cancelled before scheduled");
        }

        run.CheckWritable();
        var done = new TaskCompletionSource();
        var command = run.Commands.Add(signal, id => _pending[id] = done);
        using var registration = run.OnCancel(() =>
        {
            if (command.TakeBack())
            {
                done.TrySetException(new CanceledFailureException("Signal cancelled before it left"));
            }
        }, token);
        await done.Task;
    }

    public async Task CancelAsync(string workflowId, string? runId)
    {
        run.CheckWritable();
        var done = new TaskCompletionSource();
        run.Commands.Add(new ExternalCancelInitiated(workflowId, runId, null), id => _pending[id] = done);
        await done.Task;
    }

    public void SignalClosed(ExternalSignalClosed e) => Close(e.InitiatedEventId, e.Failure);

    public void CancelClosed(ExternalCancelClosed e)
    {
        if (_childCancels.Remove(e.InitiatedEventId, out var child))
        {
            run.Children.CancelArrived(child);
        }

        Close(e.InitiatedEventId, e.Failure);
    }

    /// <summary>Asks a child of this run to cancel. <see cref="ChildSteps.CancelArrived"/> hears of the answer.</summary>
    public void CancelChild(string workflowId, long childInitiatedEventId) => run.Commands.Add(
        new ExternalCancelInitiated(workflowId, null, "The parent workflow asked for it.") { ChildInitiatedEventId = childInitiatedEventId },
        id => _childCancels[id] = childInitiatedEventId);

    private void Close(long initiatedEventId, Failure? failure)
    {
        if (!_pending.Remove(initiatedEventId, out var done))
        {
            return;
        }

        if (failure is null)
        {
            done.TrySetResult();
        }
        else
        {
            done.TrySetException(run.ToException(failure));
        }
    }
}

/// <summary>Patches: which branches of changed code this run takes.</summary>
internal sealed class PatchSteps(WorkflowRun run)
{
    private readonly Dictionary<string, bool> _decided = new(StringComparer.Ordinal);
    private readonly HashSet<string> _recorded = new(StringComparer.Ordinal);

    /// <summary>Patches that the history records for the task that is replayed next.</summary>
    public void Expect(string patchId) => _recorded.Add(patchId);

    public bool Patched(string patchId, bool deprecated)
    {
        run.CheckWritable();
        ArgumentException.ThrowIfNullOrEmpty(patchId);
        if (_decided.TryGetValue(patchId, out var decided))
        {
            return decided;
        }

        var patched = !run.IsReplaying || _recorded.Contains(patchId);
        _decided[patchId] = patched;
        if (patched)
        {
            run.Commands.Add(new PatchMarked(patchId, deprecated));
        }

        return patched;
    }
}
