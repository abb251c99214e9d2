using Serverless.Api.Enums.V1;
using Serverless.Common;
using Serverless.Exceptions;
using Serverless.History;
using Serverless.Workflows;
using Mutex = Serverless.Workflows.Mutex;

namespace Serverless.Tests.Replay;

/// <summary>
/// Workflows that do whatever their random numbers say, fed with whatever may arrive: the harness replays each prefix of each run.
/// </summary>
[TestClass]
public sealed class RandomRunsTests
{
    private const int Tasks = 14;

    [TestMethod]
    [DataRow(1, 60)]
    [DataRow(1_000, 60)]
    [DataRow(1_000_000, 60)]
    public void RandomRuns_ReplayFromEachPrefix(int firstSeed, int count)
    {
        for (var seed = firstSeed; seed < firstSeed + count; seed++)
        {
            try
            {
                Play(seed);
            }
            catch (Exception e)
            {
                throw new AssertFailedException($"seed {seed}: {e.Message}", e);
            }
        }
    }

    private static void Play(int seed)
    {
        var random = new DeterministicRandom((ulong)seed);
        var state = new RunState();
        using var run = new ExecutorHarness(WorkflowDefinition.Create<Restless>(), [3 + (seed % 4)], s => s with { RandomSeed = (ulong)seed });
        for (var task = 0; task < Tasks && state.IsOpen; task++)
        {
            run.Now += TimeSpan.FromSeconds(random.Next(100));
            var known = run.History.Count;
            run.Run([.. Inputs(state, random)]);
            foreach (var e in run.History.Skip(known))
            {
                Assert.IsTrue(RefersToSomethingPending(e, state), $"{e} refers to nothing that is pending");
                state.Apply(e);
            }
        }
    }

    private static bool RefersToSomethingPending(HistoryEvent e, RunState state) => e switch
    {
        TimerCanceled x => state.Timers.ContainsKey(x.StartedEventId),
        ActivityCancelRequested x => state.Activities.ContainsKey(x.ScheduledEventId) && !state.ActivityCancels.Contains(x.ScheduledEventId),
        ExternalCancelInitiated { ChildInitiatedEventId: > 0 } x => state.Children.ContainsKey(x.ChildInitiatedEventId),
        WorkflowUpdateCompleted x => state.Updates[x.UpdateId] is { Completed: null } update && update.AcceptedEventId == x.AcceptedEventId,
        _ => true,
    };

    private static IEnumerable<InputEvent> Inputs(RunState state, DeterministicRandom random)
    {
        var possible = new List<InputEvent>();
        possible.AddRange(state.Timers.Keys.Select(static id => new TimerFired(id)));
        possible.AddRange(state.Activities.Keys.Select(id => Ends(id)[random.Next(4)]));
        foreach (var (id, child) in state.Children)
        {
            possible.Add(child.Started ? ChildEnds(id)[random.Next(4)] : random.Next(3) > 0 ? new ChildWorkflowStarted(id, "r") : new ChildWorkflowStartFailed(id, "other"));
        }

        possible.AddRange(state.Externals.Select(e => e.Value is ExternalSignalInitiated ? (InputEvent)new ExternalSignalClosed(e.Key, null) : new ExternalCancelClosed(e.Key, null)));
        possible.Add(ExecutorHarness.Signal("Poke", random.Next(10)));
        possible.Add(ExecutorHarness.Update($"u{random.Next()}", "Try", random.Next(10)));
        if (state.LastEventId > 0 && !state.CancelRequested && random.Next(8) == 0)
        {
            possible.Add(ExecutorHarness.Cancel());
        }

        for (var n = random.Next(4); n > 0 && possible.Count > 0; n--)
        {
            var chosen = possible[random.Next(possible.Count)];
            possible.Remove(chosen);
            yield return chosen;
        }
    }

    private static ActivityClosed[] Ends(long id) =>
    [
        new ActivityCompleted(id, ExecutorHarness.Value(id)),
        new ActivityFailed(id, new Failure("no", new ApplicationFailureInfo("T", false)), RetryState.MaximumAttemptsReached),
        new ActivityTimedOut(id, new Failure("late", new TimeoutFailureInfo(TimeoutType.StartToClose)), RetryState.Timeout),
        new ActivityCanceled(id, []),
    ];

    private static ChildWorkflowClosed[] ChildEnds(long id) =>
    [
        new ChildWorkflowCompleted(id, null),
        new ChildWorkflowFailed(id, new Failure("no", new ApplicationFailureInfo("T", false)), RetryState.RetryPolicyNotSet),
        new ChildWorkflowCanceled(id, []),
        new ChildWorkflowTerminated(id),
    ];

    [Workflow]
    public class Restless
    {
        private readonly Mutex _mutex = new();
        private int _pokes;

        [WorkflowRun]
        public async Task<int> RunAsync(int width)
        {
            await Workflow.WhenAllAsync(Enumerable.Range(0, width).Select(_ => LiveAsync(5)));
            if (Workflow.Random.Next(4) == 0)
            {
                throw Workflow.CreateContinueAsNewException((Restless r) => r.RunAsync(width));
            }

            await Workflow.WaitConditionAsync(() => Workflow.AllHandlersFinished);
            return _pokes;
        }

        [WorkflowSignal]
        public Task PokeAsync(int times)
        {
            _pokes += times;
            return LiveAsync(2);
        }

        [WorkflowUpdate]
        public async Task<int> TryAsync(int times)
        {
            _pokes += times;
            await LiveAsync(2);
            return _pokes;
        }

        [WorkflowUpdateValidator(nameof(TryAsync))]
        public void CheckTry(int times)
        {
            if (times > 6)
            {
                throw new ApplicationFailureException("too much");
            }
        }

        private async Task LiveAsync(int steps)
        {
            for (var i = 0; i < steps; i++)
            {
                try
                {
                    await StepAsync(Workflow.Random.Next(11), CancellationToken.None);
                }
                catch (Exception e) when (e is FailureException or OperationCanceledException)
                {
                    _pokes++;
                }
            }
        }

        private Task StepAsync(int choice, CancellationToken token) => choice switch
        {
            0 => Workflow.DelayAsync(Workflow.Random.Next(1, 5_000), token),
            1 => Workflow.DelayAsync(5_000),
            2 => Workflow.ExecuteActivityAsync<int>("Act", [choice], new()
            {
                StartToCloseTimeout = TimeSpan.FromMinutes(1), CancellationToken = token, CancellationType = (ActivityCancellationType)Workflow.Random.Next(3),
            }),
            3 => Workflow.ExecuteChildWorkflowAsync("Child", [], new() { CancellationToken = token, CancellationType = ChildCancellation() }),
            4 => Workflow.WaitConditionAsync(() => _pokes % 3 == 0, TimeSpan.FromSeconds(3), token),
            5 => HoldAsync(),
            6 => GiveUpAsync(),
            7 => Workflow.GetExternalWorkflowHandle("other").SignalAsync("Hi", []),
            8 => NoteAsync(),
            9 => Workflow.WhenAnyAsync(StepAsync(0, token), StepAsync(2, token)),
            _ => Workflow.RunTaskAsync(() => Task.CompletedTask, token),
        };

        private static ChildWorkflowCancellationType ChildCancellation() => (ChildWorkflowCancellationType)Workflow.Random.Next(4);

        private async Task HoldAsync()
        {
            await _mutex.WaitOneAsync(CancellationToken.None);
            try
            {
                await StepAsync(0, CancellationToken.None);
            }
            finally
            {
                _mutex.ReleaseMutex();
            }
        }

        private async Task GiveUpAsync()
        {
            using var source = new CancellationTokenSource();
            var step = StepAsync(Workflow.Random.Next(5), source.Token);
            var other = StepAsync(2, source.Token);
            if (Workflow.Random.Next(2) == 0)
            {
                await Workflow.DelayAsync(100);
            }

            source.Cancel();
            await Workflow.WhenAllAsync(step, other);
        }

        private Task NoteAsync()
        {
            if (Workflow.Patched($"p{Workflow.Random.Next(3)}"))
            {
                Workflow.UpsertMemo(MemoUpdate.ValueSet("pokes", _pokes));
            }

            return Task.CompletedTask;
        }
    }
}
