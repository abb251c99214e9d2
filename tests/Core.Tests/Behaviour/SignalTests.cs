using Microsoft.Extensions.Logging;
using Serverless.Activities;
using Serverless.Client;
using Serverless.Converters;
using Serverless.Exceptions;
using Serverless.History;
using Serverless.Workflows;

namespace Serverless.Tests.Behaviour;

/// <summary>Signals: when they run, in which order, and what becomes of those that nobody takes.</summary>
[TestClass]
public sealed class SignalTests
{
    [TestMethod]
    public async Task Signal_that_comes_before_the_first_task_runs_before_the_first_line()
    {
        await Behaviour.Run<Ordered>(async run =>
        {
            var workflow = run.Client.GetWorkflowHandle<Ordered>("w");
            await Task.WhenAll(run.StartAsync((Ordered o) => o.RunAsync()), workflow.SignalAsync(o => o.AddAsync("early")));
            await workflow.SignalAsync(o => o.AddAsync("end"));
            Assert.AreEqual("created, early, main, end", await workflow.GetResultAsync<string>());
        });
    }

    [TestMethod]
    public async Task Signals_of_every_form_are_handled_in_their_order()
    {
        await Behaviour.Run<Ordered>(async run =>
        {
            var workflow = await run.StartAsync((Ordered o) => o.RunAsync());
            await workflow.SignalAsync(o => o.AddAsync("1"));
            await workflow.SignalAsync<Ordered>(o => o.AddAsync("2"));
            await workflow.SignalAsync("Add", ["3"]);
            await workflow.SignalAsync("named", ["4"], new WorkflowSignalOptions());
            await Task.WhenAll(Enumerable.Range(5, 30).Select(i => workflow.SignalAsync(o => o.AddAsync($"{i}"))));
            await workflow.SignalAsync(o => o.AddAsync("end"));
            Assert.AreEqual($"created, main, {string.Join(", ", Enumerable.Range(1, 34))}, end", await workflow.GetResultAsync());
        });
    }

    [TestMethod]
    public async Task Handlers_begin_in_order_and_may_interleave_where_they_wait()
    {
        await Behaviour.Run<Ordered>(async run =>
        {
            var workflow = await run.StartAsync((Ordered o) => o.RunAsync());
            await Task.WhenAll(workflow.SignalAsync(o => o.SlowlyAsync("a", 2)), workflow.SignalAsync(o => o.SlowlyAsync("b", 1)));
            await run.PassAsync(TimeSpan.FromMinutes(5));
            await workflow.SignalAsync(o => o.AddAsync("end"));
            Assert.AreEqual("created, main, a+, b+, b-, a-, end", await workflow.GetResultAsync());
        });
    }

    [TestMethod]
    public async Task Signal_without_a_handler_waits_for_one()
    {
        await Behaviour.Run(
            setup => setup.Add("w", async () =>
            {
                var seen = new List<string>();
                await Script.HearAsync("register");
                Workflow.Signals["later"] = WorkflowSignalDefinition.CreateWithoutAttribute("later", async (string word) =>
                {
                    seen.Add(word);
                    await Task.CompletedTask;
                });
                await Workflow.WaitConditionAsync(() => seen.Count == 3);
                Workflow.Signals.Remove("later");
                await Script.HearAsync("end");
                return string.Join(" ", seen);
            }),
            async run =>
            {
                var workflow = await run.StartAsync("w");
                await workflow.SignalAsync("later", ["one"]);
                await workflow.SignalAsync("later", ["two"]);
                await workflow.SignalAsync(s => s.TellAsync("register"));
                await workflow.SignalAsync("later", ["three"]);
                await workflow.SignalAsync("later", ["four"]);
                await workflow.SignalAsync(s => s.TellAsync("end"));
                Assert.AreEqual("one two three", await workflow.GetResultAsync<string>());
                Assert.HasCount(6, await run.EventsAsync<WorkflowSignaled>("w"));
            });
    }

    [TestMethod]
    public async Task Dynamic_handler_takes_what_no_other_does_also_what_waited()
    {
        await Behaviour.Run(
            setup => setup.Add("w", async () =>
            {
                var seen = new List<string>();
                await Script.HearAsync("register");
                Workflow.DynamicSignal = WorkflowSignalDefinition.CreateWithoutAttribute(null, async (string name, IRawValue[] args) =>
                {
                    seen.Add($"{name}:{string.Join("+", args.Select(static a => Workflow.PayloadConverter.ToValue<object>(a)))}");
                    await Task.CompletedTask;
                });
                await Script.HearAsync("end");
                Workflow.DynamicSignal = null;
                await Script.HearAsync("finish");
                return string.Join(" ", seen);
            }),
            async run =>
            {
                var workflow = await run.StartAsync("w");
                await workflow.SignalAsync("a", []);
                await workflow.SignalAsync(s => s.TellAsync("register"));
                await workflow.SignalAsync("b", [1, "two"]);
                await workflow.SignalAsync("__temporal_mine", [1]);
                await workflow.SignalAsync(s => s.TellAsync("end"));
                await workflow.SignalAsync("c", []);
                await workflow.SignalAsync(s => s.TellAsync("finish"));
                Assert.AreEqual("a: b:1+two", await workflow.GetResultAsync<string>());
            });
    }

    [TestMethod]
    public async Task Dynamic_handler_of_the_class_takes_what_no_other_does()
    {
        await Behaviour.Run<Ordered>(async run =>
        {
            var workflow = await run.StartAsync((Ordered o) => o.RunAsync());
            await workflow.SignalAsync("whatever", [7]);
            await workflow.SignalAsync(o => o.AddAsync("end"));
            Assert.AreEqual("created, main, whatever(7), end", await workflow.GetResultAsync());
        });
    }

    [TestMethod]
    public async Task Arguments_that_can_not_be_read_are_logged_and_dropped()
    {
        await Behaviour.Run<Ordered>(async run =>
        {
            var workflow = await run.StartAsync((Ordered o) => o.RunAsync());
            await workflow.SignalAsync("Slowly", ["x", "no number"]);
            await workflow.SignalAsync("Slowly", []);
            await workflow.SignalAsync("Add", ["end", "surplus"]);
            Assert.AreEqual("created, main, end", await workflow.GetResultAsync());
            Assert.HasCount(3, await run.EventsAsync<WorkflowSignaled>("w"));
            Assert.AreEqual(2, run.Log.Count(LogLevel.Error, "Signal 'Slowly' was dropped"));
        });
    }

    [TestMethod]
    public async Task Workflow_sees_all_signals_before_it_closes()
    {
        await Behaviour.Run<Ordered>(async run =>
        {
            var workflow = await run.StartAsync((Ordered o) => o.RunAsync());
            await Task.WhenAll(new[] { "end", "late", "later" }.Select(word => workflow.SignalAsync(o => o.AddAsync(word))));
            Assert.AreEqual("created, main, end, late, later", await workflow.GetResultAsync());
        });
    }

    [TestMethod]
    public async Task More_signals_than_one_commit_takes_are_all_seen_before_the_end()
    {
        await Behaviour.Run<Ordered>(async run =>
        {
            var workflow = await run.StartAsync((Ordered o) => o.RunAsync());
            await Task.WhenAll(Enumerable.Range(0, 200).Select(i => workflow.SignalAsync(o => o.AddAsync(i == 0 ? "end" : $"{i}"))));
            Assert.AreEqual(202, (await workflow.GetResultAsync()).Split(", ").Length);
        });
    }

    [TestMethod]
    public async Task Result_that_comes_with_more_signals_than_one_commit_takes_is_not_lost()
    {
        await Behaviour.Run(
            setup => setup.AddActivities(new Flood()).Add("w", async () =>
            {
                var sent = await Workflow.ExecuteActivityAsync((Flood f) => f.SendAsync(200), new() { StartToCloseTimeout = TimeSpan.FromMinutes(1) });
                return $"{sent} sent, {Script.Me.Words.Count} seen";
            }),
            async run => Assert.AreEqual("200 sent, 200 seen", await run.ExecuteAsync<string>("w")));
    }

    [TestMethod]
    public async Task Repeated_request_is_one_signal()
    {
        await Behaviour.Run<Ordered>(async run =>
        {
            var workflow = await run.StartAsync((Ordered o) => o.RunAsync());
            for (var i = 0; i < 3; i++)
            {
                await workflow.SignalAsync(o => o.AddAsync("x"), new() { RequestId = "the same" });
            }

            await workflow.SignalAsync(o => o.AddAsync("end"));
            Assert.AreEqual("created, main, x, end", await workflow.GetResultAsync());
            Assert.AreEqual("client", (await run.EventsAsync<WorkflowSignaled>("w"))[0].Identity);
        });
    }

    [TestMethod]
    public async Task Signal_to_a_closed_or_unknown_workflow_is_refused()
    {
        await Behaviour.Run<Ordered>(async run =>
        {
            var workflow = await run.StartAsync((Ordered o) => o.RunAsync());
            await workflow.SignalAsync(o => o.AddAsync("end"));
            await workflow.GetResultAsync();
            var refused = await Assert.ThrowsExactlyAsync<RpcException>(() => workflow.SignalAsync(o => o.AddAsync("late")));
            Assert.AreEqual(RpcException.StatusCode.NotFound, refused.Code);
            refused = await Assert.ThrowsExactlyAsync<RpcException>(() => run.Client.GetWorkflowHandle("nobody").SignalAsync("Add", ["x"]));
            Assert.AreEqual(RpcException.StatusCode.NotFound, refused.Code);
        });
    }

    [TestMethod]
    public async Task Handlers_that_still_run_at_the_end_are_warned_of_unless_they_may()
    {
        await Behaviour.Run<Ordered>(async run =>
        {
            var workflow = await run.StartAsync((Ordered o) => o.RunAsync());
            await workflow.SignalAsync(o => o.SlowlyAsync("a", 60));
            await workflow.SignalAsync(o => o.QuietlyAsync());
            await workflow.SignalAsync(o => o.AddAsync("end"));
            await workflow.GetResultAsync();
            Assert.AreEqual(1, run.Log.Count(LogLevel.Warning, "1 signal handlers were still running"));
        });
    }

    [TestMethod]
    public async Task Workflow_can_wait_until_its_handlers_are_finished()
    {
        await Behaviour.Run<Ordered>(async run =>
        {
            var workflow = await run.StartAsync((Ordered o) => o.RunAsync());
            await workflow.SignalAsync(o => o.SlowlyAsync("a", 60));
            await workflow.SignalAsync(o => o.AddAsync("all"));
            Assert.AreEqual("created, main, a+, all, a-", await workflow.GetResultAsync());
            Assert.AreEqual(0, run.Log.Count(LogLevel.Warning, "still running"));
        });
    }

    [TestMethod]
    public void Definitions_say_what_they_are()
    {
        var named = WorkflowDefinition.Create<Ordered>().Signals["named"];
        Assert.AreEqual("named", named.Name);
        Assert.AreEqual("adds a word", named.Description);
        Assert.IsFalse(named.Dynamic);
        Assert.AreEqual(HandlerUnfinishedPolicy.Abandon, WorkflowDefinition.Create<Ordered>().Signals["Quietly"].UnfinishedPolicy);
        Assert.AreEqual("Add", WorkflowSignalDefinition.FromMethod(typeof(Ordered).GetMethod(nameof(Ordered.AddAsync))!).Name);
        var made = WorkflowSignalDefinition.CreateWithoutAttribute(null, static (string _, IRawValue[] _) => Task.CompletedTask, HandlerUnfinishedPolicy.Abandon, "any");
        Assert.IsTrue(made.Dynamic);
        Assert.AreEqual($"{HandlerUnfinishedPolicy.Abandon} any", $"{made.UnfinishedPolicy} {made.Description}");
    }

    public sealed class Flood
    {
        [Activity]
        public async Task<int> SendAsync(int count)
        {
            var context = ActivityExecutionContext.Current;
            var workflow = context.TemporalClient.GetWorkflowHandle<Script>(context.Info.WorkflowId!);
            await Task.WhenAll(Enumerable.Range(0, count).Select(i => workflow.SignalAsync(s => s.TellAsync($"{i}"))));
            return count;
        }
    }

    [Workflow]
    public class Ordered
    {
        private readonly List<string> _seen = ["created"];

        [WorkflowRun]
        public async Task<string> RunAsync()
        {
            _seen.Add("main");
            await Workflow.WaitConditionAsync(() => _seen.Contains("end") || (_seen.Contains("all") && Workflow.AllHandlersFinished));
            return string.Join(", ", _seen);
        }

        [WorkflowSignal]
        public Task AddAsync(string word)
        {
            _seen.Add(word);
            return Task.CompletedTask;
        }

        [WorkflowSignal("named", Description = "adds a word")]
        public Task AddUnderAnotherNameAsync(string word) => AddAsync(word);

        [WorkflowSignal(UnfinishedPolicy = HandlerUnfinishedPolicy.WarnAndAbandon)]
        public async Task SlowlyAsync(string word, int minutes)
        {
            _seen.Add(word + "+");
            await Workflow.DelayAsync(TimeSpan.FromMinutes(minutes));
            _seen.Add(word + "-");
        }

        [WorkflowSignal(UnfinishedPolicy = HandlerUnfinishedPolicy.Abandon)]
        public Task QuietlyAsync() => Workflow.DelayAsync(TimeSpan.FromDays(1));

        [WorkflowSignal(Dynamic = true)]
        public Task AnyAsync(string name, IRawValue[] args)
        {
            _seen.Add($"{name}({string.Join("+", args.Select(static a => Workflow.PayloadConverter.ToValue<int>(a)))})");
            return Task.CompletedTask;
        }
    }
}
