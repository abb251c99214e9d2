using System.Threading.Channels;
using Serverless.History;
using Serverless.Workflows;
using Mutex = Serverless.Workflows.Mutex;
using Semaphore = Serverless.Workflows.Semaphore;

namespace Serverless.Tests.Behaviour;

/// <summary>Many things at once in one workflow: tasks, mutexes, semaphores, streams, random numbers.</summary>
[TestClass]
public sealed class ConcurrencyTests
{
    [TestMethod]
    public async Task WhenAny_gives_the_first_and_WhenAll_all_in_every_form()
    {
        await Scripts.Gives("1 | 1 2 | 2 | 3 4 | ok", async () =>
        {
            async Task<int> AfterAsync(int seconds)
            {
                await Workflow.DelayAsync(TimeSpan.FromSeconds(seconds));
                return seconds;
            }

            var first = await await Workflow.WhenAnyAsync(AfterAsync(2), AfterAsync(1));
            var both = await Workflow.WhenAllAsync(AfterAsync(1), AfterAsync(2));
            var firstOfList = await await Workflow.WhenAnyAsync(new List<int> { 3, 2 }.Select(AfterAsync));
            var allOfList = await Workflow.WhenAllAsync(new List<int> { 3, 4 }.Select(AfterAsync));
            Task slow = AfterAsync(9);
            var plain = await Workflow.WhenAnyAsync(slow, Workflow.DelayAsync(1));
            var plainOfList = await Workflow.WhenAnyAsync(new List<Task> { slow, Workflow.DelayAsync(1) });
            await Workflow.WhenAllAsync(slow, Workflow.DelayAsync(1));
            await Workflow.WhenAllAsync(new List<Task> { slow, Workflow.DelayAsync(1) });
            return $"{first} | {string.Join(" ", both)} | {firstOfList} | {string.Join(" ", allOfList)} | {(plain != slow && plainOfList != slow ? "ok" : "wrong")}";
        });
    }

    [TestMethod]
    public async Task WhenAll_throws_what_one_of_them_threw()
    {
        await Scripts.Gives("two", async () =>
        {
            async Task FailAsync(string name, int seconds)
            {
                await Workflow.DelayAsync(TimeSpan.FromSeconds(seconds));
                throw new InvalidOperationException(name);
            }

            try
            {
                await Workflow.WhenAllAsync(Workflow.DelayAsync(10), FailAsync("two", 1));
                return "none";
            }
            catch (InvalidOperationException e)
            {
                return e.Message;
            }
        });
    }

    [TestMethod]
    public async Task Tasks_started_in_every_way_stay_in_the_workflow()
    {
        await Scripts.Gives("run:1 run start:True continued", async () =>
        {
            var order = new List<string>();
            order.Add("run:" + await Workflow.RunTaskAsync(async () =>
            {
                await Workflow.DelayAsync(1);
                return 1;
            }));
            await Workflow.RunTaskAsync(async () =>
            {
                await Workflow.DelayAsync(1);
                order.Add("run");
            });
            order.Add("start:" + await await Task.Factory.StartNew(async () =>
            {
                await Workflow.DelayAsync(1);
                return Workflow.InWorkflow;
            }));
            await Workflow.DelayAsync(1).ContinueWith(_ => order.Add("continued"), TaskScheduler.Current);
            return string.Join(" ", order);
        });
    }

    [TestMethod]
    public async Task Task_with_a_cancelled_token_does_not_start()
    {
        await Scripts.Gives("0 0", async () =>
        {
            var (started, ended) = (0, 0);
            var cancelled = new CancellationToken(canceled: true);
            Assert.IsInstanceOfType<OperationCanceledException>(await Script.FailureOf(Workflow.RunTaskAsync(() => Task.FromResult(++started), cancelled)));
            Func<Task> plain = () => Task.FromResult(++ended);
            Assert.IsInstanceOfType<OperationCanceledException>(await Script.FailureOf(Workflow.RunTaskAsync(plain, cancelled)));
            return $"{started} {ended}";
        });
    }

    [TestMethod]
    public async Task Mutex_lets_one_in_at_a_time_in_their_order()
    {
        await Scripts.Gives("a+ a- b+ b- c+ c- timed out", async () =>
        {
            var (mutex, order) = (new Mutex(), new List<string>());
            async Task EnterAsync(string name)
            {
                await mutex.WaitOneAsync();
                order.Add(name + "+");
                await Workflow.DelayAsync(TimeSpan.FromMinutes(1));
                order.Add(name + "-");
                mutex.ReleaseMutex();
            }

            var all = new[] { "a", "b", "c" }.Select(EnterAsync).ToList();
            var late = await mutex.WaitOneAsync(TimeSpan.FromSeconds(30));
            var later = await mutex.WaitOneAsync(30_000);
            await Workflow.WhenAllAsync(all);
            order.Add(late || later ? "got in" : "timed out");
            return string.Join(" ", order);
        });
    }

    [TestMethod]
    public async Task Mutex_wait_can_be_cancelled_and_the_next_gets_it()
    {
        await Scripts.Gives("cancelled, next", async () =>
        {
            var mutex = new Mutex();
            await mutex.WaitOneAsync();
            using var cancel = new CancellationTokenSource();
            var given = mutex.WaitOneAsync(cancel.Token);
            var next = mutex.WaitOneAsync(TimeSpan.FromDays(1));
            await Workflow.DelayAsync(1);
            cancel.Cancel();
            var cancelled = await Script.FailureOf(given) is OperationCanceledException;
            mutex.ReleaseMutex();
            return $"{(cancelled ? "cancelled" : "waited")}, {(await next ? "next" : "nobody")}";
        });
    }

    [TestMethod]
    public async Task Semaphore_counts_its_places()
    {
        await Scripts.Gives("max 2, most 2, free 2, late False False", async () =>
        {
            var semaphore = new Semaphore(2);
            var (inside, most) = (0, 0);
            async Task EnterAsync(int _)
            {
                await semaphore.WaitAsync();
                most = Math.Max(most, ++inside);
                await Workflow.DelayAsync(TimeSpan.FromMinutes(1));
                inside--;
                semaphore.Release();
            }

            var all = Enumerable.Range(0, 5).Select(EnterAsync).ToList();
            var late = await semaphore.WaitAsync(TimeSpan.FromSeconds(10));
            var later = await semaphore.WaitAsync(10_000);
            await Workflow.WhenAllAsync(all);
            return $"max {semaphore.Max}, most {most}, free {semaphore.CurrentCount}, late {late} {later}";
        });
    }

    [TestMethod]
    public async Task Stream_over_a_channel_brings_what_signals_write()
    {
        await Behaviour.Run(
            setup => setup.Add("w", async () =>
            {
                var channel = Channel.CreateUnbounded<string>();
                var writer = Workflow.RunTaskAsync(async () =>
                {
                    for (var i = 0; i < 3; i++)
                    {
                        await Workflow.WaitConditionAsync(() => Script.Me.Words.Count > i);
                        await channel.Writer.WriteAsync(Script.Me.Words[i]);
                    }

                    channel.Writer.Complete();
                });
                var read = new List<string>();
                await foreach (var word in ReadAsync(channel.Reader))
                {
                    read.Add(word);
                }

                await writer;
                return string.Join(" ", read);
            }),
            async run =>
            {
                var workflow = await run.StartAsync("w");
                foreach (var word in (string[])["x", "y", "z"])
                {
                    await workflow.SignalAsync(s => s.TellAsync(word));
                }

                Assert.AreEqual("x y z", await workflow.GetResultAsync<string>());
            });

        static async IAsyncEnumerable<string> ReadAsync(ChannelReader<string> reader)
        {
            while (await reader.WaitToReadAsync())
            {
                while (reader.TryRead(out var word))
                {
                    yield return word;
                }
            }
        }
    }

    [TestMethod]
    public async Task Random_numbers_and_ids_are_the_same_in_replay_and_differ_from_each_other()
    {
        await Behaviour.Run(
            setup => setup.Add("w", async () =>
            {
                var seen = new List<string>();
                for (var i = 0; i < 4; i++)
                {
                    seen.Add(Workflow.NewGuid().ToString());
                    seen.Add($"{Workflow.Random.Next(1_000_000_000)}");
                    await Workflow.DelayAsync(1);
                }

                Assert.HasCount(8, seen.Distinct());
                return string.Join(" ", seen);
            }),
            async run =>
            {
                var first = await run.ExecuteAsync<string>("w");
                var second = await run.ExecuteAsync<string>("w", new("other"));
                Assert.AreNotEqual(first, second);
            });
    }

    [TestMethod]
    public async Task Fan_out_of_timers_and_tasks_is_recorded_the_same()
    {
        await Behaviour.Run(
            setup => setup.Add("w", async () =>
            {
                var sum = 0;
                await Workflow.WhenAllAsync(Enumerable.Range(1, 100).Select(async i =>
                {
                    await Workflow.DelayAsync(TimeSpan.FromSeconds(i % 7));
                    sum += i;
                }));
                return sum;
            }),
            async run =>
            {
                Assert.AreEqual(5050, await run.ExecuteAsync<int>("w"));
                Assert.HasCount(100, await run.EventsAsync<TimerFired>("w"));
            });
    }
}
