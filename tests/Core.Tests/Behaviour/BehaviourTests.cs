using Serverless.Workflows;

namespace Serverless.Tests.Behaviour;

/// <summary>The rig itself: it replays what it says it replays, and it notices a difference.</summary>
[TestClass]
public sealed class BehaviourTests
{
    [TestMethod]
    public async Task Cold_runs_replay_every_task_and_warm_ones_none()
    {
        var replays = new List<(Way Way, int Tasks, int Replays)>();
        await Behaviour.Run<Sleeps>(async run =>
        {
            Assert.AreEqual(3, await run.ExecuteAsync((Sleeps s) => s.RunAsync(3)));
            replays.Add((run.Way, run.Executors.Tasks, run.Executors.Replays));
        });
        CollectionAssert.AreEqual(new[] { (Way.Warm, 4, 0), (Way.Cold, 4, 3) }, replays);
    }

    [TestMethod]
    public async Task Time_stands_still_until_all_wait()
    {
        await Behaviour.Run<Sleeps>(async run =>
        {
            var begun = run.Now;
            var workflow = await run.StartAsync((Sleeps s) => s.RunAsync(2));
            Assert.AreEqual(begun, run.Now);
            Assert.AreEqual(1, (await run.LookAsync("w")).State.Timers.Count);
            await workflow.GetResultAsync();
            Assert.AreEqual(begun + TimeSpan.FromHours(2), run.Now);
        });
    }

    [TestMethod]
    public async Task Different_payloads_are_noticed()
    {
        var failed = await Assert.ThrowsExactlyAsync<AssertFailedException>(() => Behaviour.Run<Nondeterministic>(async run =>
            await run.ExecuteAsync((Nondeterministic n) => n.RunAsync("result"))));
        Assert.Contains("Warm and cold differ in event 3 of w/", failed.Message);
    }

    [TestMethod]
    public async Task Different_commands_are_noticed()
    {
        var failed = await Assert.ThrowsExactlyAsync<AssertFailedException>(() => Behaviour.Run<Nondeterministic>(async run =>
        {
            await run.StartAsync((Nondeterministic n) => n.RunAsync("command"));
            await run.PassAsync(TimeSpan.FromHours(1));
            Assert.IsNull((await run.LookAsync("w")).Blocked);
        }));
        Assert.StartsWith("Cold: ", failed.Message);
        Assert.Contains("Nondeterminism", failed.Message);
    }

    [TestMethod]
    public async Task Test_that_waits_for_nothing_says_so()
    {
        var failed = await Assert.ThrowsExactlyAsync<AssertFailedException>(() => Behaviour.Run<Sleeps>(async run => await new TaskCompletionSource().Task));
        Assert.Contains("Everything waits, and nothing is due", failed.Message);
    }

    [Workflow]
    public class Sleeps
    {
        [WorkflowRun]
        public async Task<int> RunAsync(int hours)
        {
            for (var i = 0; i < hours; i++)
            {
                await Workflow.DelayAsync(TimeSpan.FromHours(1));
            }

            return hours;
        }
    }

    /// <summary>What no workflow may be: it does something else each time it is made.</summary>
    [Workflow]
    public class Nondeterministic
    {
        private static int s_made;
        private readonly int _made = Interlocked.Increment(ref s_made);

        [WorkflowRun]
        public async Task<int> RunAsync(string what)
        {
            if (what == "command")
            {
                await Workflow.WhenAllAsync(Enumerable.Range(0, _made).Select(_ => Workflow.DelayAsync(TimeSpan.FromMinutes(1))));
                await Workflow.DelayAsync(TimeSpan.FromHours(3));
            }

            return _made;
        }
    }
}
