using Serverless.History;
using Serverless.Workflows;

namespace Serverless.Tests.Behaviour;

/// <summary>Timers and delays.</summary>
[TestClass]
public sealed class TimerTests
{
    [TestMethod]
    [DataRow(1)]
    [DataRow(59_000)]
    [DataRow(61_000)]
    [DataRow(7_200_000)]
    [DataRow(1_000_000_000)]
    public async Task Delay_ends_at_its_time(int milliseconds)
    {
        await Behaviour.Run(
            setup => setup.Add("w", async () =>
            {
                var begun = Workflow.UtcNow;
                await Workflow.DelayAsync(milliseconds);
                return (Workflow.UtcNow - begun).TotalMilliseconds;
            }),
            async run =>
            {
                Assert.AreEqual(milliseconds, await run.ExecuteAsync<double>("w"));
                var timer = (await run.EventsAsync<TimerStarted>("w")).Single();
                Assert.AreEqual(TimeSpan.FromMilliseconds(milliseconds), timer.Delay);
                Assert.AreEqual("1", timer.TimerId);
            });
    }

    [TestMethod]
    public async Task Delay_of_years_ends_at_its_time()
    {
        await Scripts.Gives(TimeSpan.FromDays(3653), async () =>
        {
            var begun = Workflow.UtcNow;
            await Workflow.DelayAsync(TimeSpan.FromDays(3653));
            return Workflow.UtcNow - begun;
        });
    }

    [TestMethod]
    public async Task Delay_of_nothing_is_a_timer_of_a_millisecond()
    {
        await Behaviour.Run(
            setup => setup.Add("w", () => Workflow.DelayAsync(TimeSpan.Zero)),
            async run =>
            {
                Assert.AreEqual("done", await run.ExecuteAsync<string>("w"));
                Assert.AreEqual(TimeSpan.FromMilliseconds(1), (await run.EventsAsync<TimerStarted>("w")).Single().Delay);
            });
    }

    [TestMethod]
    public async Task Negative_delay_is_an_error_of_the_code()
    {
        await Scripts.Gives("refused", async () =>
        {
            try
            {
                await Workflow.DelayAsync(TimeSpan.FromMilliseconds(-2));
                return "slept";
            }
            catch (ArgumentException)
            {
                return "refused";
            }
        });
    }

    [TestMethod]
    public async Task Infinite_delay_is_no_timer_and_ends_by_cancellation()
    {
        await Behaviour.Run(
            setup => setup.Add("w", async () =>
            {
                using var cancel = new CancellationTokenSource();
                var endless = Workflow.DelayAsync(Timeout.InfiniteTimeSpan, cancel.Token);
                await Workflow.WhenAnyAsync(endless, Workflow.DelayAsync(TimeSpan.FromDays(1)));
                var before = endless.IsCompleted;
                cancel.Cancel();
                Assert.IsInstanceOfType<OperationCanceledException>(await Script.FailureOf(endless));
                return before;
            }),
            async run =>
            {
                Assert.IsFalse(await run.ExecuteAsync<bool>("w"));
                Assert.HasCount(1, await run.EventsAsync<TimerStarted>("w"));
                Assert.HasCount(0, await run.EventsAsync<TimerCanceled>("w"));
            });
    }

    [TestMethod]
    public async Task Cancelled_delay_leaves_a_cancelled_timer()
    {
        await Behaviour.Run(
            setup => setup.Add("w", async () =>
            {
                using var cancel = new CancellationTokenSource();
                var delay = Workflow.DelayAsync(TimeSpan.FromDays(100), cancel.Token);
                await Workflow.DelayAsync(TimeSpan.FromSeconds(1));
                cancel.Cancel();
                Assert.IsInstanceOfType<OperationCanceledException>(await Script.FailureOf(delay));
                await Workflow.DelayAsync(TimeSpan.FromDays(200));
            }),
            async run =>
            {
                Assert.AreEqual("done", await run.ExecuteAsync<string>("w"));
                var history = await run.HistoryAsync("w");
                Assert.AreEqual(history.OfType<TimerStarted>().First().Id, history.OfType<TimerCanceled>().Single().StartedEventId);
                Assert.HasCount(2, history.OfType<TimerFired>());
            });
    }

    [TestMethod]
    public async Task Delay_with_a_cancelled_token_starts_no_timer()
    {
        await Behaviour.Run(
            setup => setup.Add("w", async () =>
            {
                using var cancel = new CancellationTokenSource();
                cancel.Cancel();
                Assert.IsInstanceOfType<OperationCanceledException>(await Script.FailureOf(Workflow.DelayAsync(1000, cancel.Token)));
            }),
            async run =>
            {
                Assert.AreEqual("done", await run.ExecuteAsync<string>("w"));
                Assert.HasCount(0, await run.EventsAsync<TimerStarted>("w"));
            });
    }

    [TestMethod]
    public async Task Timer_that_is_cancelled_in_the_task_that_starts_it_leaves_no_event()
    {
        await Behaviour.Run(
            setup => setup.Add("w", async () =>
            {
                using var cancel = new CancellationTokenSource();
                var delay = Workflow.DelayAsync(1000, cancel.Token);
                cancel.Cancel();
                Assert.IsInstanceOfType<OperationCanceledException>(await Script.FailureOf(delay));
            }),
            async run =>
            {
                Assert.AreEqual("done", await run.ExecuteAsync<string>("w"));
                Assert.HasCount(0, await run.EventsAsync<TimerStarted>("w"));
            });
    }

    [TestMethod]
    public async Task Cancelling_after_the_timer_fired_changes_nothing()
    {
        await Behaviour.Run(
            setup => setup.Add("w", async () =>
            {
                using var cancel = new CancellationTokenSource();
                await Workflow.DelayAsync(1000, cancel.Token);
                cancel.Cancel();
                await Workflow.DelayAsync(1000);
            }),
            async run =>
            {
                Assert.AreEqual("done", await run.ExecuteAsync<string>("w"));
                Assert.HasCount(0, await run.EventsAsync<TimerCanceled>("w"));
            });
    }

    [TestMethod]
    public async Task Timers_of_one_moment_fire_in_the_order_of_their_start()
    {
        await Scripts.Gives("1 2 3 4 5", async () =>
        {
            var order = new List<int>();
            async Task SleepAsync(int number)
            {
                await Workflow.DelayAsync(TimeSpan.FromMinutes(1));
                order.Add(number);
            }

            await Workflow.WhenAllAsync(Enumerable.Range(1, 5).Select(SleepAsync));
            return string.Join(" ", order);
        });
    }

    [TestMethod]
    public async Task Timers_fire_in_the_order_of_their_times()
    {
        await Scripts.Gives("1 2 30 400 100000", async () =>
        {
            var order = new List<int>();
            async Task SleepAsync(int seconds)
            {
                await Workflow.DelayAsync(TimeSpan.FromSeconds(seconds));
                order.Add(seconds);
            }

            await Workflow.WhenAllAsync(new[] { 400, 1, 100_000, 30, 2 }.Select(SleepAsync));
            return string.Join(" ", order);
        });
    }

    [TestMethod]
    public async Task Delays_in_a_loop_add_up()
    {
        await Behaviour.Run(
            setup => setup.Add("w", async () =>
            {
                var begun = Workflow.UtcNow;
                for (var i = 1; i <= 70; i++)
                {
                    await Workflow.DelayAsync(TimeSpan.FromSeconds(i));
                }

                return Workflow.UtcNow - begun;
            }),
            async run =>
            {
                Assert.AreEqual(TimeSpan.FromSeconds(70 * 71 / 2), await run.ExecuteAsync<TimeSpan>("w"));
                CollectionAssert.AreEqual(
                    Enumerable.Range(1, 70).Select(static i => $"{i}").ToList(), (await run.EventsAsync<TimerStarted>("w")).Select(static t => t.TimerId).ToList());
            });
    }

    [TestMethod]
    public async Task Options_carry_summary_and_token()
    {
        await Behaviour.Run(
            setup => setup.Add("w", async () =>
            {
                using var cancel = new CancellationTokenSource();
                var first = new DelayOptions { Delay = TimeSpan.FromDays(1), Summary = "until tomorrow", CancellationToken = cancel.Token };
                var second = new DelayOptions(TimeSpan.FromDays(2), "until the day after");
                var third = (DelayOptions)new DelayOptions(5, "a moment").Clone();
                var delays = new[] { first, second, third }.Select(Workflow.DelayWithOptionsAsync).ToList();
                await delays[2];
                cancel.Cancel();
                Assert.IsInstanceOfType<OperationCanceledException>(await Script.FailureOf(delays[0]));
                await delays[1];
            }),
            async run =>
            {
                Assert.AreEqual("done", await run.ExecuteAsync<string>("w"));
                CollectionAssert.AreEqual(
                    new[] { "until tomorrow", "until the day after", "a moment" }, (await run.EventsAsync<TimerStarted>("w")).Select(static t => t.Summary).ToList());
            });
    }

    [TestMethod]
    public async Task Time_stands_still_within_a_task()
    {
        await Scripts.Gives(true, async () =>
        {
            var times = new HashSet<DateTime> { Workflow.UtcNow };
            await Workflow.RunTaskAsync(() => Task.FromResult(times.Add(Workflow.UtcNow)));
            await Task.Yield();
            times.Add(Workflow.UtcNow);
            return times.Count == 1 && Workflow.UtcNow.Kind == DateTimeKind.Utc;
        });
    }
}
