using System.Collections.Concurrent;
using System.Diagnostics;

namespace Serverless.Tests.Behaviour;

/// <summary>
/// Runs everything of one test on one thread, one step at a time: first what the engine and activities have to do, then the next message, then the test's
/// own code, and only when all of them wait, time goes on. So what arrives together and when is decided by the test and not by threads.
/// </summary>
internal sealed class Stepper
{
    private const int MostAdvances = 5_000;
    private static readonly TimeSpan RealLimit = TimeSpan.FromSeconds(60);
    private static int s_restingThreads = int.MaxValue;
    private readonly Stopwatch _since = Stopwatch.StartNew();

    /// <summary>What runs as soon as it can.</summary>
    public Lane Engine { get; } = new();

    /// <summary>What runs when the engine rests.</summary>
    public Lane Client { get; } = new();

    /// <summary>Runs the body until it ends, then the engine until it rests.</summary>
    /// <param name="body">The test's own code.</param>
    /// <param name="tryHandleMessage">Takes up the next visible message; false when there is none.</param>
    /// <param name="tryAdvance">Goes to the next moment at which something is due; false when nothing ever will be.</param>
    /// <param name="describe">What waits for what: for the message of a test that hangs.</param>
    public Task RunAsync(Func<Task> body, Func<bool> tryHandleMessage, Func<bool> tryAdvance, Func<string> describe)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var thread = new Thread(() =>
        {
            try
            {
                var main = Client.Start(body);
                var advances = 0;
                while (!main.IsCompleted)
                {
                    if (StepEngine(tryHandleMessage) || Client.TryRun())
                    {
                        continue;
                    }

                    if (!tryAdvance())
                    {
                        throw new AssertFailedException($"Everything waits, and nothing is due. {describe()}");
                    }

                    if (++advances > MostAdvances || _since.Elapsed > RealLimit)
                    {
                        throw new AssertFailedException($"The test goes on and on. {describe()}");
                    }
                }

                while (StepEngine(tryHandleMessage))
                {
                }

                main.GetAwaiter().GetResult();
                done.SetResult();
            }
            catch (Exception e)
            {
                done.SetException(e);
            }
        })
        { IsBackground = true };
        thread.Start();
        return done.Task;
    }

    private bool StepEngine(Func<bool> tryHandleMessage)
    {
        LetPoolRest();
        return Engine.TryRun() || tryHandleMessage();
    }

    /// <summary>
    /// A completion may pass through the thread pool before its continuation is queued here (<c>Task.WhenAny</c> over a task that completes asynchronously does):
    /// waits until no pool thread works or has work. Threads that others keep busy for good are found by taking the least that was ever seen.
    /// </summary>
    private static void LetPoolRest()
    {
        var spinning = Stopwatch.StartNew();
        while (true)
        {
            var busy = BusyThreads();
            s_restingThreads = Math.Min(s_restingThreads, busy);
            if (busy <= s_restingThreads && ThreadPool.PendingWorkItemCount == 0)
            {
                return;
            }

            if (spinning.ElapsedMilliseconds > 250 && ThreadPool.PendingWorkItemCount == 0)
            {
                s_restingThreads = busy;
                return;
            }

            Thread.Yield();
        }
    }

    private static int BusyThreads()
    {
        ThreadPool.GetMaxThreads(out var most, out _);
        ThreadPool.GetAvailableThreads(out var free, out _);
        return most - free;
    }

    /// <summary>Tasks in the order in which they were queued, run one at a time by the stepper.</summary>
    internal sealed class Lane : TaskScheduler
    {
        private readonly ConcurrentQueue<Task> _queue = new();

        public Task Start(Func<Task> work) => Task.Factory.StartNew(work, CancellationToken.None, TaskCreationOptions.None, this).Unwrap();

        public Task<T> Start<T>(Func<Task<T>> work) => Task.Factory.StartNew(work, CancellationToken.None, TaskCreationOptions.None, this).Unwrap();

        public bool TryRun() => _queue.TryDequeue(out var task) && TryExecuteTask(task);

        protected override void QueueTask(Task task) => _queue.Enqueue(task);

        protected override bool TryExecuteTaskInline(Task task, bool taskWasPreviouslyQueued) => false;

        protected override IEnumerable<Task> GetScheduledTasks() => _queue;
    }
}
