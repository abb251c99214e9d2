using Serverless.Simulation.Hosts;
using Serverless.Simulation.Kernel;
using Serverless.Simulation.Workloads;

namespace Serverless.Simulation.Tests;

/// <summary>Each verdict is reached: by a workload that sees what must not be, one that never ends, one that depends on something outside, one that breaks the machine.</summary>
[TestClass]
public sealed class VerdictTests
{
    private static readonly SimOptions Options = new() { Seed = 1, Workloads = ["planted"] };

    [TestMethod]
    public void A_workload_without_a_fault_passes() => Runs.MustPass(Run(static (_, _) => Task.CompletedTask));

    [TestMethod]
    public void What_must_not_be_seen_is_a_safety_violation()
    {
        var result = Run(static (world, _) =>
        {
            world.Violation("two and two are five");
            return Task.CompletedTask;
        });
        Assert.AreEqual(Verdict.SafetyViolation, result.Verdict);
        Assert.AreEqual("two and two are five", result.Reason);
    }

    [TestMethod]
    public void An_answer_that_no_client_may_get_is_a_safety_violation()
    {
        var result = Run(static (_, client) => client.AskAsync(static c => c.GetWorkflowHandle("nobody").SignalAsync("hello", [])));
        Assert.AreEqual(Verdict.SafetyViolation, result.Verdict);
        Assert.Contains("nobody", result.Reason);
    }

    [TestMethod]
    public void What_never_ends_is_not_live() => Assert.AreEqual(Verdict.NotLive, Run(static (_, _) => new TaskCompletionSource().Task).Verdict);

    [TestMethod]
    public void What_differs_the_second_time_is_not_deterministic()
    {
        var runs = 0;
        var result = Simulation.RunTwice(Options, (_, world) => new Planted(world, async (w, client) =>
        {
            w.Note("client", $"run {++runs}");
            await Task.Delay(TimeSpan.FromSeconds(1), client.Time);
        }));
        Assert.AreEqual(Verdict.NotDeterministic, result.Verdict);
    }

    [TestMethod]
    public void A_thread_of_the_outside_is_not_deterministic()
    {
        var result = Run(static async (world, _) =>
        {
            var lane = Lane.Current;
            var outside = new Thread(() => lane.Post(static () => { }));
            outside.Start();
            outside.Join();
            await new TaskCompletionSource().Task;
        });
        Assert.AreEqual(Verdict.NotDeterministic, result.Verdict);
    }

    [TestMethod]
    public void What_nobody_catches_is_a_crash()
    {
        var result = Run(static (world, _) =>
        {
            world.Kernel.After(TimeSpan.FromSeconds(1), static () => throw new InvalidOperationException("broken"));
            return new TaskCompletionSource().Task;
        });
        Assert.AreEqual(Verdict.Crashed, result.Verdict);
    }

    private static SimResult Run(Func<SimWorld, SimClient, Task> act) => Simulation.Run(Options, create: (_, world) => new Planted(world, act));

    private sealed class Planted(SimWorld world, Func<SimWorld, SimClient, Task> act) : Workload(world)
    {
        public override Task RunAsync(SimClient client) => act(World, client);
    }
}
