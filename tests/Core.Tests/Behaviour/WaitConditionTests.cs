using Serverless.History;
using Serverless.Workflows;

namespace Serverless.Tests.Behaviour;

/// <summary>Waiting for conditions.</summary>
[TestClass]
public sealed class WaitConditionTests
{
    [TestMethod]
    public async Task Condition_that_holds_already_is_not_waited_for()
    {
        await Behaviour.Run(
            setup => setup.Add("w", () => Workflow.WaitConditionAsync(() => true, TimeSpan.FromDays(1))),
            async run =>
            {
                Assert.IsTrue(await run.ExecuteAsync<bool>("w"));
                Assert.HasCount(0, await run.EventsAsync<TimerFired>("w"));
            });
    }

    [TestMethod]
    public async Task Condition_is_looked_at_after_every_input()
    {
        await Behaviour.Run(
            setup => setup.Add("w", async () =>
            {
                await Workflow.WaitConditionAsync(() => Script.Me.Words.Count == 3);
                return string.Join(" ", Script.Me.Words);
            }),
            async run =>
            {
                var workflow = await run.StartAsync("w");
                foreach (var word in (string[])["a", "b", "c"])
                {
                    await workflow.SignalAsync(s => s.TellAsync(word));
                    await run.PassAsync(TimeSpan.FromMinutes(1));
                }

                Assert.AreEqual("a b c", await workflow.GetResultAsync<string>());
                Assert.HasCount(4, await run.EventsAsync<WorkflowTaskCompleted>("w"));
            });
    }

    [TestMethod]
    public async Task Time_out_gives_false_and_in_time_true()
    {
        await Behaviour.Run(
            setup => setup.Add("w", async () =>
            {
                var first = await Workflow.WaitConditionAsync(() => Script.Me.Words.Count == 1, TimeSpan.FromMinutes(1));
                var second = await Workflow.WaitConditionAsync(() => Script.Me.Words.Count == 1, 3_600_000);
                var third = await Workflow.WaitConditionAsync(() => Script.Me.Words.Count == 2, 1000);
                return $"{first} {second} {third} at {Workflow.UtcNow:HH:mm:ss}";
            }),
            async run =>
            {
                var workflow = await run.StartAsync("w");
                await run.PassAsync(TimeSpan.FromMinutes(5));
                await workflow.SignalAsync(s => s.TellAsync("go"));
                Assert.AreEqual("False True False at 12:05:01", await workflow.GetResultAsync<string>());
                Assert.HasCount(1, await run.EventsAsync<TimerCanceled>("w"));
                Assert.HasCount(2, await run.EventsAsync<TimerFired>("w"));
            });
    }

    [TestMethod]
    public async Task Time_out_of_nothing_is_over_after_a_millisecond()
    {
        await Behaviour.Run(
            setup => setup.Add("w", () => Workflow.WaitConditionAsync(() => false, TimeSpan.Zero)),
            async run =>
            {
                Assert.IsFalse(await run.ExecuteAsync<bool>("w"));
                Assert.AreEqual(TimeSpan.FromMilliseconds(1), (await run.EventsAsync<TimerStarted>("w")).Single().Delay);
            });
    }

    [TestMethod]
    public async Task Signal_and_time_out_in_one_task_count_as_in_time()
    {
        await Behaviour.Run(
            setup => setup.Add("w", async () =>
            {
                await Workflow.WaitConditionAsync(() => Script.Me.Words.Contains("begin"));
                var inTime = await Workflow.WaitConditionAsync(() => Script.Me.Words.Contains("go"), TimeSpan.FromMinutes(1));
                return $"{inTime} {Script.Me.Words.Count}";
            }),
            async run =>
            {
                var workflow = await run.StartAsync("w");
                await Task.WhenAll(workflow.SignalAsync(s => s.TellAsync("begin")), workflow.SignalAsync(s => s.TellAsync("go")));
                Assert.AreEqual("True 2", await workflow.GetResultAsync<string>());
                Assert.HasCount(0, await run.EventsAsync<TimerFired>("w"));
            });
    }

    [TestMethod]
    public async Task First_condition_that_holds_goes_on_before_the_others_are_looked_at()
    {
        await Behaviour.Run(
            setup => setup.Add("w", async () =>
            {
                var order = new List<string>();
                var tickets = 0;
                async Task TakeAsync(string name)
                {
                    await Workflow.WaitConditionAsync(() => Script.Me.Words.Count > 0 && tickets < 1);
                    tickets++;
                    order.Add(name);
                    await Workflow.DelayAsync(1);
                    tickets--;
                }

                await Workflow.WhenAllAsync(new[] { "first", "second", "third" }.Select(TakeAsync));
                return string.Join(" ", order);
            }),
            async run =>
            {
                var workflow = await run.StartAsync("w");
                await workflow.SignalAsync(s => s.TellAsync("go"));
                Assert.AreEqual("first second third", await workflow.GetResultAsync<string>());
                Assert.HasCount(3, await run.EventsAsync<TimerFired>("w"));
            });
    }

    [TestMethod]
    public async Task Cancelled_wait_throws_and_its_timer_is_cancelled()
    {
        await Behaviour.Run(
            setup => setup.Add("w", async () =>
            {
                using var cancel = new CancellationTokenSource();
                var plain = Workflow.WaitConditionAsync(() => false, cancel.Token);
                var limited = Workflow.WaitConditionAsync(() => false, TimeSpan.FromDays(1), cancel.Token);
                await Workflow.DelayAsync(1);
                cancel.Cancel();
                Assert.IsInstanceOfType<OperationCanceledException>(await Script.FailureOf(plain));
                Assert.IsInstanceOfType<OperationCanceledException>(await Script.FailureOf(limited));
            }),
            async run =>
            {
                Assert.AreEqual("done", await run.ExecuteAsync<string>("w"));
                Assert.HasCount(1, await run.EventsAsync<TimerCanceled>("w"));
            });
    }

    [TestMethod]
    public async Task Wait_with_a_cancelled_token_throws_at_once()
    {
        await Scripts.Gives("cancelled", async () =>
        {
            try
            {
                await Workflow.WaitConditionAsync(() => true, new CancellationToken(canceled: true));
                return "went on";
            }
            catch (OperationCanceledException)
            {
                return "cancelled";
            }
        });
    }

    [TestMethod]
    public async Task Condition_that_throws_blocks_the_workflow()
    {
        await Behaviour.Run(
            setup => setup.Add("w", () => Workflow.WaitConditionAsync(static () => Script.Me.Words is [var only] ? throw new NotSupportedException(only) : false)),
            async run =>
            {
                var workflow = await run.StartAsync("w");
                await workflow.SignalAsync(s => s.TellAsync("oh"));
                Assert.Contains("oh", (await workflow.DescribeAsync()).BlockedReason!);
            });
    }

    [TestMethod]
    public async Task Condition_that_starts_something_blocks_the_workflow()
    {
        await Behaviour.Run(
            setup => setup.Add("w", () => Workflow.WaitConditionAsync(static () => Workflow.DelayAsync(1).IsCompleted)),
            async run =>
            {
                var workflow = await run.StartAsync("w");
                Assert.Contains("only looks", (await workflow.DescribeAsync()).BlockedReason!);
                Assert.HasCount(0, await run.EventsAsync<TimerStarted>("w"));
            });
    }

    [TestMethod]
    public async Task Options_carry_condition_time_out_summary_and_token()
    {
        await Behaviour.Run(
            setup => setup.Add("w", async () =>
            {
                using var cancel = new CancellationTokenSource();
                var full = new WaitConditionOptions(() => false, TimeSpan.FromMinutes(1), "a minute", cancel.Token);
                var later = new WaitConditionOptions { ConditionCheck = () => Script.Me.Words.Count > 0, Timeout = TimeSpan.FromDays(1), TimeoutSummary = "a day" };
                var copy = (WaitConditionOptions)later.Clone();
                copy.CancellationToken = cancel.Token;
                copy.Timeout = null;
                var waits = new[] { full, later, copy }.Select(Workflow.WaitConditionWithOptionsAsync).ToList();
                var first = await waits[0];
                cancel.Cancel();
                Assert.IsInstanceOfType<OperationCanceledException>(await Script.FailureOf(waits[2]));
                return $"{first} {await waits[1]}";
            }),
            async run =>
            {
                var workflow = await run.StartAsync("w");
                await run.PassAsync(TimeSpan.FromHours(1));
                await workflow.SignalAsync(s => s.TellAsync("go"));
                Assert.AreEqual("False True", await workflow.GetResultAsync<string>());
                CollectionAssert.AreEqual(
                    new[] { "a minute", "a day" }, (await run.EventsAsync<TimerStarted>("w")).Select(static t => t.Summary).ToList());
            });
    }
}
