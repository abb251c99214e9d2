using System.Collections.Concurrent;
using System.Diagnostics;
using Microsoft.Extensions.Logging;
using Serverless.Activities;
using Serverless.Engine;
using Serverless.Replay;

namespace Serverless.Functions.Hosting.Code;

/// <summary>
/// Runs user code without what is ambient where it was asked for: a replay could not repeat that, and a caller's context travels by headers. Activities run on the thread pool;
/// workflow code on threads of its own, a few at a time. Code that takes long gives its place to others, then its priority. Code that does not come back in time, or takes the process's
/// last memory, is reported and given up: its next call to <c>Workflow</c> stops it; if it makes none, it gets the processor time that nobody else wants, and its workflow is not
/// run here again as long as it lasts.
/// </summary>
#pragma warning disable CA1001 // Nobody asks the semaphore for its wait handle, so it holds nothing.
internal sealed partial class GuardedCodeRunner(TimeProvider time, Func<bool> isMemoryShort, ILogger<GuardedCodeRunner> logger) : ICodeRunner
#pragma warning restore CA1001
{
    /// <summary>Runs of one type that may be lost here before its others are not tried any more.</summary>
    public const int MaxLostOfType = 4;

    private const int SlowPriority = 10;
    private const int LostPriority = 19;

    /// <summary>What most code needs is far less: what takes longer does not keep others out.</summary>
    private static readonly TimeSpan _slow = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan _verySlow = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan _look = TimeSpan.FromMilliseconds(100);

    private readonly ILogger _logger = logger;
    private readonly CodeThreads _threads = new();
    private readonly SemaphoreSlim _places = new(2 * Environment.ProcessorCount);
    private readonly ConcurrentDictionary<CodeRun, byte> _slowRuns = [];
    private readonly ConcurrentDictionary<CodeRun, WorkflowTaskFailedCause> _lostRuns = [];

    public async Task<T> RunWorkflowAsync<T>(CodeOwner owner, TimeSpan limit, Func<T> code)
    {
        RefuseLost(owner);
        CodeRun<T> run;
        await _places.WaitAsync();
        try
        {
            run = _threads.Run(owner, code, time);
            if (Debugger.IsAttached || await EndsWithinAsync(run, limit < _slow ? limit : _slow))
            {
                return await run.Result;
            }
        }
        finally
        {
            _places.Release();
        }

        _slowRuns.TryAdd(run, 0);
        try
        {
            await WatchAsync(run, limit);
            return await run.Result;
        }
        finally
        {
            _slowRuns.TryRemove(run, out _);
        }
    }

    public Task<ActivityOutcome> RunActivityAsync(Func<Task<ActivityOutcome>> code)
    {
        if (ExecutionContext.IsFlowSuppressed())
        {
            return Task.Run(code);
        }

        using (ExecutionContext.SuppressFlow())
        {
            return Task.Run(code);
        }
    }

    /// <exception cref="WorkflowTaskFailedException">The code took more time or memory than it may.</exception>
    private async Task WatchAsync(CodeRun run, TimeSpan limit)
    {
        do
        {
            if (run.Elapsed >= limit)
            {
                Lose(run, WorkflowTaskFailedCause.Deadlock);
                throw new WorkflowTaskFailedException(
                    WorkflowTaskFailedCause.Deadlock,
                    $"{run.Owner} did not give control back within {limit.TotalSeconds:0.###} s. Workflow code must not block a thread or loop without end; move such work into an "
                    + "activity. If replaying its history takes that long, continue as new earlier, or start it with a longer TaskTimeout (at most 2 min).");
            }

            if (isMemoryShort() && IsToBlame(run))
            {
                Lose(run, WorkflowTaskFailedCause.MemoryExhausted);
                throw new WorkflowTaskFailedException(
                    WorkflowTaskFailedCause.MemoryExhausted,
                    $"{run.Owner} was running for {run.Elapsed.TotalSeconds:0.###} s when the process was about to run out of memory, and was given up. Workflow code must not collect objects "
                    + "without end; move such work into an activity. If the code needs that much, give the process more memory.");
            }

            if (run.Elapsed >= _verySlow && !run.Thread.IsWorn)
            {
                run.Thread.Lower(SlowPriority);
            }
        }
        while (!await EndsWithinAsync(run, Shorter(_look, limit - run.Elapsed)));
    }

    /// <summary>Of the code that runs, only the longest-running is taken to be the one that fills the memory; none as long as one that was given up still runs.</summary>
    private bool IsToBlame(CodeRun run) =>
        _lostRuns.Keys.All(static lost => lost.Thread.IsWaiting) && _slowRuns.Keys.All(other => other.Begun >= run.Begun || other.Thread.IsWaiting);

    private void Lose(CodeRun run, WorkflowTaskFailedCause cause)
    {
        _lostRuns.TryAdd(run, cause);
        run.Thread.Lower(LostPriority);
        run.Completion.ContinueWith(
            ended =>
            {
                _ = ended.Exception;
                _lostRuns.TryRemove(run, out _);
                LogEnded(run.Owner.WorkflowType, run.Owner.WorkflowId, run.Elapsed);
            },
            CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
    }

    /// <exception cref="WorkflowTaskFailedException">Code of the workflow, or of too many of its type, is still running here.</exception>
    private void RefuseLost(CodeOwner owner)
    {
        if (_lostRuns.IsEmpty)
        {
            return;
        }

        if (_lostRuns.FirstOrDefault(lost => lost.Key.Owner == owner) is { Key: { } same, Value: var cause })
        {
            throw new WorkflowTaskFailedException(
                cause,
                $"{owner} has been running here for {same.Elapsed.TotalSeconds:0} s since a try that was given up; it is not tried again before that has ended.");
        }

        if (_lostRuns.Keys.Count(lost => lost.Owner.WorkflowType == owner.WorkflowType) >= MaxLostOfType)
        {
            throw new WorkflowTaskFailedException(
                WorkflowTaskFailedCause.Deadlock,
                $"{owner} was not tried: {MaxLostOfType} others of its type did not give control back and are still running here. Mend the code, or terminate them.");
        }
    }

    private async Task<bool> EndsWithinAsync(CodeRun run, TimeSpan wait)
    {
        if (!run.Completion.IsCompleted && wait > TimeSpan.Zero)
        {
            try
            {
                await run.Completion.WaitAsync(wait, time);
            }
            catch (TimeoutException) when (!run.Completion.IsCompleted)
            {
                return false;
            }
#pragma warning disable CA1031 // What the code threw is its caller's, who asks for the result.
            catch (Exception)
#pragma warning restore CA1031
            {
                return true;
            }
        }

        return run.Completion.IsCompleted;
    }

    private static TimeSpan Shorter(TimeSpan one, TimeSpan other) => one < other ? one : other;

    [LoggerMessage(Level = LogLevel.Warning, Message = "Code of {WorkflowType} '{WorkflowId}' that was given up has ended after {Elapsed}")]
    private partial void LogEnded(string workflowType, string workflowId, TimeSpan elapsed);
}
