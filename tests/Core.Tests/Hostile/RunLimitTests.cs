using Microsoft.Extensions.Time.Testing;
using Serverless.Activities;
using Serverless.Client;
using Serverless.Engine;
using Serverless.Replay;
using Serverless.Storage.Memory;
using Serverless.Tests.Engine;
using Serverless.Workflows;

namespace Core.Tests.Hostile;

/// <summary>What a workflow's own code asks for, at the edge of each limit: as much is done, one more blocks the run, which tells the number, loses nothing, and goes on once it may.</summary>
[TestClass]
public sealed class RunLimitTests
{
    private const int Few = 5;
    private static readonly DateTimeOffset Begin = new(2026, 11, 23, 12, 0, 0, TimeSpan.Zero);

    [TestMethod]
    [DataRow("activities", "The run would have 6 pending activities; the limit is 5.")]
    [DataRow("children", "The run would have 6 pending child workflows; the limit is 5.")]
    [DataRow("signals", "The run would have 6 pending signals and cancellations to other workflows; the limit is 5.")]
    [DataRow("timers", "The run would have 6 pending timers; the limit is 5.")]
    public async Task Pending_commands_have_a_limit(string what, string message)
    {
        var few = new EngineLimits { MaxPending = Few, MaxPendingTimers = Few };
        await IsDoneAsync(few, what, Few);
        await BlocksAndGoesOnAsync(few, what, Few + 1, message);
    }

    [TestMethod]
    public async Task What_ends_in_a_task_makes_room_for_what_begins_in_it()
    {
        await IsDoneAsync(new EngineLimits { MaxPending = 1 }, "one by one", 4);
    }

    [TestMethod]
    public async Task Events_of_a_run_have_a_limit()
    {
        // The last task adds the result of the last activity, itself and the end; a run is blocked that has more than the limit before a task.
        var found = (int)(await IsDoneAsync(new EngineLimits(), "one by one", 4)).State.LastEventId - 3;
        await IsDoneAsync(new EngineLimits { MaxHistoryEvents = found }, "one by one", 4);
        await BlocksAndGoesOnAsync(new EngineLimits { MaxHistoryEvents = found - 1 }, "one by one", 4, $"The history has {found} events");
    }

    [TestMethod]
    public async Task Bytes_of_a_history_have_a_limit()
    {
        await BlocksAndGoesOnAsync(new EngineLimits { MaxHistoryBytes = 400 }, "one by one", 9, "bytes; the limits are 51200 and 400.");
    }

    [TestMethod]
    public async Task What_a_task_asks_for_has_a_limit_in_bytes()
    {
        // Five arguments, as they are stored: in quotes.
        var few = new EngineLimits { MaxTaskBytes = Few * 1_002 };
        await IsDoneAsync(few, "large", Few);
        await BlocksAndGoesOnAsync(few, "large", Few + 1, "has 6012 bytes of values; the limit is 5010.");
    }

    /// <summary>The largest of all that fits: what the default limit admits is a record that can be written.</summary>
    [TestMethod]
    public async Task The_largest_task_is_recorded()
    {
        await using var host = new EngineHost([typeof(Asker)], new Steps());
        await host.StartAsync("Asker", "w", false, "largest", 530);
        Assert.AreEqual(530, await host.ResultAsync<int>("w"));
        await BlocksAsync(host, "largest", 600, "the limit is 16777216.");
    }

    [TestMethod]
    [DataRow("values", "Activity 'Greet' holds 1001 values; the limit is 1000.")]
    [DataRow("names", "The name of an activity type has 1 to 1,000 characters; this one has 1001.")]
    [DataRow("summaries", "A summary has at most 20,000 characters; this one has 20001.")]
    public async Task Values_and_names_of_commands_have_a_limit(string what, string message)
    {
        await using var host = new EngineHost([typeof(Asker)], new Steps());
        await BlocksAsync(host, what, 1, message);
    }

    private static EngineHost Create(EngineLimits limits, MemoryHubStore store, FakeTimeProvider time, string identity = "test") =>
        new([typeof(Asker), typeof(Hello)], new Steps(), EngineHost.Options with { Limits = limits, Identity = identity }, store, time);

    private static async Task<WorkflowDescription> IsDoneAsync(EngineLimits limits, string what, int count)
    {
        var time = new FakeTimeProvider(Begin);
        await using var host = Create(limits, new MemoryHubStore(time), time);
        await host.StartAsync("Asker", "w", false, what, count);
        Assert.AreEqual(count, await host.ResultAsync<int>("w"));
        return await host.Engine.Reader.DescribeAsync(new WorkflowRef("w"), default);
    }

    private static async Task BlocksAndGoesOnAsync(EngineLimits limits, string what, int count, string message)
    {
        var time = new FakeTimeProvider(Begin);
        var store = new MemoryHubStore(time);
        await using (var host = Create(limits, store, time))
        {
            await BlocksAsync(host, what, count, message);
        }

        await using var wide = Create(new EngineLimits(), store, time, "wide");
        Assert.AreEqual(count, await wide.ResultAsync<int>("blocked"));
    }

    private static async Task BlocksAsync(EngineHost host, string what, int count, string message)
    {
        await host.StartAsync("Asker", "blocked", false, what, count);
        WorkflowDescription? description = null;
        await host.UntilAsync(
            async () => (description = await host.Engine.Reader.DescribeAsync(new WorkflowRef("blocked"), default)).Blocked is not null, $"{count} {what} to block");
        Assert.AreEqual(nameof(WorkflowTaskFailedCause.LimitExceeded), description!.Blocked!.Cause);
        Assert.Contains(message, description.Blocked.Message);
    }

    [Workflow]
    public class Asker
    {
        private static readonly ActivityOptions Options = new() { StartToCloseTimeout = TimeSpan.FromMinutes(1) };
        private int _told;

        [WorkflowRun]
        public async Task<int> RunAsync(string what, int count)
        {
            switch (what)
            {
                case "one by one":
                    for (var i = 0; i < count; i++)
                    {
                        await GreetAsync("x");
                    }

                    break;
                case "activities":
                    await AllAsync(count, static _ => GreetAsync("x"));
                    break;
                case "large":
                    await AllAsync(count, static _ => GreetAsync(new string('x', 1_000)));
                    break;
                case "largest":
                    await AllAsync(count, static i => GreetAsync(new Random(i).GetString("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789", 31_000)));
                    break;
                case "children":
                    await AllAsync(count, static i => Workflow.ExecuteChildWorkflowAsync("Hello", ["x"], new() { Id = $"{Workflow.Info.WorkflowId}-{i}" }));
                    break;
                case "timers":
                    await AllAsync(count, static _ => Workflow.DelayAsync(TimeSpan.FromSeconds(1)));
                    break;
                case "signals":
                    await AllAsync(count, static _ => Workflow.GetExternalWorkflowHandle(Workflow.Info.WorkflowId).SignalAsync("Tell", []));
                    await Workflow.WaitConditionAsync(() => _told == count);
                    break;
                case "values":
                    await Workflow.ExecuteActivityAsync("Greet", [.. Enumerable.Repeat((object?)1, 1_001)], Options);
                    break;
                case "names":
                    await Workflow.ExecuteActivityAsync(new string('n', 1_001), [], Options);
                    break;
                case "summaries":
                    await Workflow.ExecuteActivityAsync("Greet", ["x"], new() { StartToCloseTimeout = TimeSpan.FromMinutes(1), Summary = new string('s', 20_001) });
                    break;
            }

            return count;
        }

        [WorkflowSignal]
        public Task TellAsync()
        {
            _told++;
            return Task.CompletedTask;
        }

        private static Task<string> GreetAsync(string name) => Workflow.ExecuteActivityAsync((Steps s) => s.Greet(name), Options);

        private static Task AllAsync(int count, Func<int, Task> begin) => Workflow.WhenAllAsync(Enumerable.Range(0, count).Select(begin));
    }
}
