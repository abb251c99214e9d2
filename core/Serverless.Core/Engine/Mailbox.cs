using Serverless.History;

namespace Serverless.Engine;

/// <summary>
/// Something for a workflow that reached this process: a nudge, or an event that is not in the inbox because the message that brought it is its durable form.
/// </summary>
internal sealed class Delivery(string token, HistoryEvent? input = null, string? runId = null, Func<LiveRun?, Task>? use = null)
{
    private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Token of the message that is held until <see cref="Done"/>; of none where there is no message.</summary>
    public string Token { get; } = token;

    /// <summary>False when no message comes back if this process dies: a reader, or a look that the process asks of itself.</summary>
    public bool HasMessage { get; init; } = use is null;

    /// <summary>How long the message is surely hidden from others; null for as long as it takes.</summary>
    public MessageHold? Hold { get; init; }

    /// <summary>True when the message is there and nobody else has had it since it came here.</summary>
    public bool IsHeld => HasMessage && Hold is not { IsSure: false };

    /// <summary>
    /// True when the message came back: whoever had it before may still live, and must learn that nothing stands behind him any more before it is deleted.
    /// </summary>
    public bool Fences { get; init; }

    /// <summary>What to apply; null: look into the inbox.</summary>
    public HistoryEvent? Input { get; } = input;

    /// <summary>True when it ends the run without running its code.</summary>
    public bool IsClosing => Input is not (null or InputEvent);

    /// <summary>The run that <see cref="Input"/> is meant for; null for the current one.</summary>
    public string? RunId { get; } = runId;

    /// <summary>True when the message was meant for a run that is pinned to this process's build.</summary>
    public bool ForPinned { get; init; }

    /// <summary>True when a process of another build handed the message on.</summary>
    public bool HandedOver { get; init; }

    /// <summary>Completes when the message may be deleted; fails when it must come back.</summary>
    public Task Done => _done.Task;

    /// <summary>Lets a reader (a query) use the run at rest; null when there is none.</summary>
    public Task UseAsync(LiveRun? run) => use?.Invoke(run) ?? Task.CompletedTask;

    public void Complete() => _done.TrySetResult();

    public void Fail(Exception e) => _done.TrySetException(e);
}

/// <summary>
/// Deliveries for one workflow id in this process. One chain works on them at a time; what arrives meanwhile joins it.
/// </summary>
internal sealed class Mailbox(string workflowId)
{
    private readonly Lock _lock = new();
    private readonly List<Delivery> _new = [];
    private readonly List<LocalResult> _results = [];
    private TaskCompletionSource _wake = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _outstanding;
    private bool _closed;

    public string WorkflowId { get; } = workflowId;

    /// <summary>Activities that run here for the chain.</summary>
    public int Outstanding
    {
        get
        {
            lock (_lock)
            {
                return _outstanding;
            }
        }
    }

    /// <summary>False when the chain has ended: open a new mailbox.</summary>
    public bool TryAdd(Delivery delivery)
    {
        lock (_lock)
        {
            if (_closed)
            {
                return false;
            }

            _new.Add(delivery);
            _wake.TrySetResult();
            return true;
        }
    }

    public void ActivityStarted()
    {
        lock (_lock)
        {
            _outstanding++;
        }
    }

    /// <summary>An activity of the chain is settled: with an event to record, or without (a retry waits, or it went to the queue).</summary>
    public void ActivityEnded(LocalResult result)
    {
        lock (_lock)
        {
            _outstanding--;
            _results.Add(result);
            _wake.TrySetResult();
        }
    }

    public (List<Delivery> Deliveries, List<LocalResult> Results) Take()
    {
        lock (_lock)
        {
            var taken = (new List<Delivery>(_new), new List<LocalResult>(_results));
            _new.Clear();
            _results.Clear();
            if (_wake.Task.IsCompleted)
            {
                _wake = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            }

            return taken;
        }
    }

    /// <summary>Takes what ends the run from outside, such as a termination: it does not wait for a chain that always finds more to do.</summary>
    public IReadOnlyList<Delivery> TakeClosing()
    {
        lock (_lock)
        {
            var closing = _new.FindAll(static d => d.IsClosing);
            _new.RemoveAll(static d => d.IsClosing);
            return closing;
        }
    }

    /// <summary>Completes when there is something to take.</summary>
    public Task WaitAsync()
    {
        lock (_lock)
        {
            return _wake.Task;
        }
    }

    /// <summary>True when there was nothing left to do: later deliveries need a new mailbox.</summary>
    public bool TryClose()
    {
        lock (_lock)
        {
            _closed = _new.Count == 0 && _results.Count == 0 && _outstanding == 0;
            return _closed;
        }
    }

    /// <summary>The chain failed: everything that waits fails with it.</summary>
    public IReadOnlyList<Delivery> CloseNow()
    {
        lock (_lock)
        {
            _closed = true;
            return [.. _new];
        }
    }
}

/// <summary>How an activity that ran for a chain was settled.</summary>
/// <param name="ScheduledEventId">Which.</param>
/// <param name="RunId">Of which run.</param>
/// <param name="Closed">Its terminal event; null when it left the chain (retry, queue, completion from outside).</param>
/// <param name="Error">What went wrong while it was settled: the chain gives up, its message comes back.</param>
internal sealed record LocalResult(long ScheduledEventId, string RunId, ActivityClosed? Closed, Exception? Error = null);
