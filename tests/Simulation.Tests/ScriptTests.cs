using Serverless.Client;
using Serverless.Engine;
using Serverless.Exceptions;
using Serverless.Simulation.Hosts;
using Serverless.Simulation.Scripts;
using Serverless.Simulation.Storage;
using Serverless.Simulation.Workloads;
using Serverless.Storage;
using Serverless.Storage.Memory;

namespace Serverless.Simulation.Tests;

/// <summary>Histories that are known to be dangerous, step by step.</summary>
[TestClass]
public sealed class ScriptTests
{
    private static readonly TimeSpan Long = TimeSpan.FromMinutes(5);

    [TestMethod]
    public void A_process_stands_still_after_its_commit_and_another_takes_over() => Runs.MustPass(Script.Run(
        async s =>
        {
            var commit = s.On(null, StorageOperation.CommitRows, Calls.CommitOf("t")).Meets(FateKind.PauseAfter, Long);
            await StartTransferAsync(s, "t");
            var other = Other(await commit.Met);
            s.Must(await s.AskAsync(other, c => c.GetWorkflowHandle("t").GetResultAsync<long>()) == 5, "the transfer moved something else");
            s.Must(s.Stage.Kernel.Elapsed < Long, "the other process did not take over");
        },
        OpenBank));

    [TestMethod]
    public void A_commit_that_was_on_its_way_arrives_after_another_process_has_closed_the_run() => Runs.MustPass(Script.Run(
        async s =>
        {
            var commit = s.On(null, StorageOperation.CommitRows, Calls.CommitOf("t")).Meets(FateKind.PauseBefore, Long);
            await StartTransferAsync(s, "t");
            var other = Other(await commit.Met);
            await s.AskAsync(other, c => c.GetWorkflowHandle("t").GetResultAsync<long>());
            await s.Client.SleepAsync(Long);
        },
        OpenBank));

    [TestMethod]
    public void A_commit_under_an_old_tag_arrives_after_a_reset() => Runs.MustPass(Script.Run(async s =>
    {
        await StartBoxAsync(s, "b");
        await s.AskAsync("p1", c => Done(c.GetWorkflowHandle<Box>("b").SignalAsync(b => b.AddAsync("one"))));
        await s.Client.SleepAsync(TimeSpan.FromSeconds(10));
        var commit = s.On(null, StorageOperation.CommitRows, Calls.CommitOf("b")).Meets(FateKind.PauseBefore, Long);
        await s.AskAsync("p1", c => Done(c.GetWorkflowHandle<Box>("b").SignalAsync(b => b.AddAsync("two"))));
        var other = Other(await commit.Met);
        var reset = s.AskAsync(other, c => c.GetWorkflowHandle("b").ResetAsync(new WorkflowResetOptions(WorkflowResetPoint.FirstWorkflowTask)));
        await reset;
        await s.Client.SleepAsync(Long * 2);
        await FinishBoxAsync(s, "b", "one", "two");
    }));

    [TestMethod]
    public void A_start_succeeds_late_after_its_caller_has_started_the_same_id_elsewhere() => Runs.MustPass(Script.Run(
        async s =>
        {
            s.On("p1", StorageOperation.CommitRows, Calls.StartOf("t"), nth: 0).Meets(FateKind.LateSuccess, TimeSpan.FromSeconds(20));
            try
            {
                await s.AskAsync("p1", c => StartTransferAsync(c, "t"));
            }
            catch (Exception e) when (e is Serverless.Storage.StorageException or RpcException)
            {
                // As expected: nobody knows whether it was done.
            }

            await s.AskAsync("p2", c => StartTransferAsync(c, "t"));
            s.Must(await s.Client.ResultAsync<long>("t") == 5, "the transfer moved something else");
            await s.Client.SleepAsync(Long);
        },
        OpenBank));

    [TestMethod]
    public void A_signal_is_accepted_while_the_close_is_on_its_way() => Runs.MustPass(Script.Run(async s =>
    {
        await StartBoxAsync(s, "b");
        var close = s.On(null, StorageOperation.CommitRows, Calls.CloseOf("b")).TakesLong(TimeSpan.FromSeconds(5));
        await s.AskAsync("p1", c => Done(c.GetWorkflowHandle<Box>("b").SignalAsync(b => b.FinishAsync())));
        await s.AskAsync(Other(await close.Met), c => Done(c.GetWorkflowHandle<Box>("b").SignalAsync(b => b.AddAsync("late"))));
        var seen = await s.Client.ResultAsync<List<string>>("b");
        s.Must(seen is ["late"], $"the box has {string.Join(" ", seen)}");
    }));

    [TestMethod]
    public void A_process_commits_after_another_has_deleted_its_message_and_dies_before_the_list_is_right() => Runs.MustPass(Script.Run(async s =>
    {
        var look = s.On(null, StorageOperation.QueryRows, Calls.AnyOf("b")).Meets(FateKind.PauseBefore, Long);
        await StartBoxAsync(s, "b");
        var slow = await look.Met;
        await s.Client.SleepAsync(Long - TimeSpan.FromSeconds(1));
        s.On(Other(slow), StorageOperation.SendMessage, static call => call.Target == QueueNames.Workflows).TakesLong(TimeSpan.FromSeconds(10));
        var close = s.On(slow, StorageOperation.CommitRows, Calls.CloseOf("b"));
        s.On(slow, StorageOperation.CommitRows, static call => call.Table == RowTable.Visibility).Meets(FateKind.CrashBefore);
        await s.AskAsync(Other(slow), c => Done(c.GetWorkflowHandle<Box>("b").SignalAsync(b => b.FinishAsync())));
        s.Must(close.Met.IsCompleted, "the slow process did not close the box");
        await s.Client.ResultAsync<List<string>>("b");
        await s.Client.SleepAsync(Long);
    }));

    [TestMethod]
    public void The_opener_of_a_bucket_dies_between_its_timers_and_the_marker() => Runs.MustPass(Script.Run(
        async s =>
        {
            var taken = s.On(null, StorageOperation.CommitRows, Calls.TakesTimers).Meets(FateKind.CrashAfter);
            await SleepAsync(s, TimeSpan.FromMinutes(11));
            s.Must(taken.Met.IsCompleted, "no bucket was opened");
        },
        static world => new Clockwork(world)));

    [TestMethod]
    public void Two_processes_open_one_bucket() => Runs.MustPass(Script.Run(
        async s =>
        {
            var taken = s.On(null, StorageOperation.CommitRows, Calls.TakesTimers).Meets(FateKind.PauseBefore, TimeSpan.FromMinutes(2));
            var again = s.On(null, StorageOperation.CommitRows, Calls.TakesTimers);
            await SleepAsync(s, TimeSpan.FromMinutes(11));
            s.Must(await taken.Met != await again.Met, "only one process opened the bucket");
        },
        static world => new Clockwork(world)));

    [TestMethod]
    public void A_timer_is_parked_after_the_opener_of_its_bucket_has_come() => Runs.MustPass(Script.Run(
        async s =>
        {
            var parked = s.On(null, StorageOperation.CommitRows, Calls.MarksBucket).TakesLong(TimeSpan.FromMinutes(12));
            await SleepAsync(s, TimeSpan.FromMinutes(11));
            s.Must(parked.Met.IsCompleted, "no timer was parked");
        },
        static world => new Clockwork(world)));

    [TestMethod]
    public void Clocks_are_set_back_while_a_bucket_is_opened() => Runs.MustPass(Script.Run(
        async s =>
        {
            var opened = s.On(null, StorageOperation.QueryRows, static call => call.Table == RowTable.Timers);
            var slept = SleepAsync(s, TimeSpan.FromMinutes(11));
            await opened.Met;
            Array.ForEach(["p1", "p2"], p => s.Process(p).Lane!.Time.Skew = TimeSpan.FromMinutes(-2));
            await slept;
        },
        static world => new Clockwork(world)));

    [TestMethod]
    public void A_message_in_the_poison_queue_is_brought_back_by_a_process_that_begins() => Runs.MustPass(Script.Run(
        async s =>
        {
            var commits = s.On(null, StorageOperation.CommitRows, Calls.CommitOf("t"), nth: 0).Meets(FateKind.Refused);
            var sends = s.On(null, StorageOperation.SendMessage, static call => call.Target == QueueNames.Timers, nth: 0).Meets(FateKind.Refused);
            var poisoned = s.On(null, StorageOperation.SendMessage, static call => call.Target == PoisonSweep.PoisonOf(QueueNames.Workflows));
            await StartTransferAsync(s, "t");
            await poisoned.Met;
            (commits.Holds, sends.Holds) = (false, false);
            await s.Client.SleepAsync(TimeSpan.FromSeconds(30));
            s.Process("p2").Crash();
            s.Must(await s.Client.ResultAsync<long>("t") == 5, "the transfer moved something else");
        },
        OpenBank,
        new Knobs { MaxDequeueCount = 2 }));

    [TestMethod]
    public void A_clock_that_is_a_minute_ahead_fires_timers_for_one_that_is_right() => Runs.MustPass(Script.Run(
        async s =>
        {
            s.Process("p1").Lane!.Time.Skew = TimeSpan.FromSeconds(60);
            await SleepAsync(s, TimeSpan.FromMinutes(2));
            await SleepAsync(s, TimeSpan.FromMinutes(70));
        },
        static world => new Clockwork(world)));

    private static string Other(string process) => process == "p1" ? "p2" : "p1";

    private static Bank OpenBank(SimWorld world)
    {
        var bank = new Bank(world, new Random(1));
        bank.Open("from", 100);
        bank.Open("to", 100);
        return bank;
    }

    private static async Task<bool> Done(Task task)
    {
        await task;
        return true;
    }

    private static WorkflowOptions Of(string id) => new(id, "default") { RequestId = $"{id}-start" };

    private static Task<bool> StartTransferAsync(WorkflowClient client, string id) => Done(client.StartWorkflowAsync((Transfer t) => t.RunAsync("from", "to", 5), Of(id)));

    private static Task<bool> StartTransferAsync(Script s, string id) => s.Client.AskAsync(c => StartTransferAsync(c, id));

    private static Task<bool> StartBoxAsync(Script s, string id) =>
        s.Client.AskAsync(c => Done(c.StartWorkflowAsync((Box b) => b.RunAsync(new List<string>(), int.MaxValue), Of(id))));

    private static async Task FinishBoxAsync(Script s, string id, params string[] expected)
    {
        await s.Client.AskAsync(c => c.GetWorkflowHandle<Box>(id).SignalAsync(b => b.FinishAsync(), new WorkflowSignalOptions { RequestId = "finish" }));
        var seen = await s.Client.ResultAsync<List<string>>(id);
        s.Must(seen.Order(StringComparer.Ordinal).SequenceEqual(expected.Order(StringComparer.Ordinal)), $"the box has {string.Join(" ", seen)}");
    }

    private static async Task SleepAsync(Script s, TimeSpan delay)
    {
        var id = $"sleeper-{delay.TotalSeconds:0}";
        await s.Client.AskAsync(c => Done(c.StartWorkflowAsync((Sleeper w) => w.RunAsync(new List<TimeSpan> { delay }, TimeSpan.FromSeconds(1)), Of(id))));
        await s.Client.SleepAsync(delay);
        s.Must(!await s.Client.ResultAsync<bool>(id), "nobody woke it");
    }
}
