using Serverless.Client;

namespace Serverless.Engine;

/// <summary>Wakes those in this process who wait for something to happen to a workflow id. A hint: they look at storage themselves, now and then.</summary>
internal sealed class RunWatchers(EngineOptions options, TimeProvider time)
{
    private static readonly TimeSpan ShortestPoll = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan LongestPoll = TimeSpan.FromSeconds(2);
    private readonly Lock _lock = new();
    private readonly Dictionary<string, Watched> _watched = new(StringComparer.Ordinal);

    /// <summary>Workflow ids that somebody watches.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _watched.Count;
            }
        }
    }

    /// <summary>Begins to watch a workflow id, which may be none. What is kept for it goes with the last who watches.</summary>
    public RunWatch Watch(string workflowId)
    {
        lock (_lock)
        {
            if (!_watched.TryGetValue(workflowId, out var watched))
            {
                _watched[workflowId] = watched = new Watched();
            }

            watched.Watchers++;
            return new RunWatch(this, workflowId);
        }
    }

    /// <summary>Looks until satisfied or out of time: at once, at each commit of this process, and now and then for those of others.</summary>
    public async Task PollAsync(string workflowId, TimeSpan wait, Func<Task<bool>> look, CancellationToken cancellationToken)
    {
        var deadline = time.GetUtcNow().After(wait);
        var pause = options.RunsWorkflows ? LongestPoll : ShortestPoll;
        using var watch = Watch(workflowId);
        while (true)
        {
            var committed = watch.NextCommit();
            if (await look())
            {
                return;
            }

            var left = deadline - time.GetUtcNow();
            if (left <= TimeSpan.Zero)
            {
                return;
            }

            await time.WaitAsync(committed, left < pause ? left : pause, cancellationToken);
            cancellationToken.ThrowIfCancellationRequested();
            pause = pause * 2 < LongestPoll ? pause * 2 : LongestPoll;
        }
    }

    /// <param name="workflowId">Whose.</param>
    /// <param name="close">How the chain of runs ended, if it did.</param>
    public void Committed(string workflowId, CloseResult? close)
    {
        TaskCompletionSource<CloseResult?>? commit = null;
        lock (_lock)
        {
            if (_watched.TryGetValue(workflowId, out var watched))
            {
                (commit, watched.Commit) = (watched.Commit, NewCommit());
            }
        }

        commit?.TrySetResult(close);
    }

    private static TaskCompletionSource<CloseResult?> NewCommit() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private sealed class Watched
    {
        public int Watchers { get; set; }

        public TaskCompletionSource<CloseResult?> Commit { get; set; } = NewCommit();
    }

    /// <summary>Somebody watches a workflow id. To be disposed of once.</summary>
    public sealed class RunWatch(RunWatchers watchers, string workflowId) : IDisposable
    {
        /// <summary>Completes at the next commit that this process makes for the workflow id. Take it before looking, then look, then await.</summary>
        public Task<CloseResult?> NextCommit()
        {
            lock (watchers._lock)
            {
                return watchers._watched[workflowId].Commit.Task;
            }
        }

        public void Dispose()
        {
            lock (watchers._lock)
            {
                if (--watchers._watched[workflowId].Watchers == 0)
                {
                    watchers._watched.Remove(workflowId);
                }
            }
        }
    }
}
