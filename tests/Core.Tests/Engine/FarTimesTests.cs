using Serverless.Activities;
using Serverless.Client;
using Serverless.Common;
using Serverless.Exceptions;
using Serverless.Tests.Maintenance;
using Serverless.Workflows;

namespace Serverless.Tests.Engine;

/// <summary>A wait that would end beyond the calendar ends on its last day: it is no reason to stand still.</summary>
[TestClass]
public sealed class FarTimesTests
{
    [TestMethod]
    [DataRow("timer")]
    [DataRow("start to close")]
    [DataRow("schedule to close")]
    [DataRow("schedule to start")]
    [DataRow("heartbeat")]
    [DataRow("left open")]
    [DataRow("first interval")]
    [DataRow("longest interval")]
    [DataRow("next retry")]
    [DataRow("next retry by a deadline")]
    public async Task Workflow_that_waits_for_ever_is_still_reached(string what)
    {
        await using var host = new EngineHost([typeof(Patient)], new Slow()) { StopAt = new DateTimeOffset(2026, 11, 24, 0, 0, 0, TimeSpan.Zero) };
        var workflow = await host.Client.StartWorkflowAsync((Patient p) => p.RunAsync(what), new("w", "default"));
        await host.UntilAsync(async () => (await workflow.FetchHistoryAsync()).Events.Count > 1, "the wait");

        await host.Engine.Hub.WhyAsync(new WorkflowRef("w"), default);
        await HubRows.ListAsync<HubReport>(host.Engine.Hub.ExamineAsync(false, false, default));
        await workflow.SignalAsync(p => p.StopAsync());

        Assert.AreEqual("stopped", await host.ResultAsync<string>("w"));
        await host.UntilAsync(() => Task.FromResult(host.IsQuiet), "no message that nobody is done with");
        Assert.IsNull(host.HandlerFailure);
    }

    public sealed class Slow
    {
        [Activity]
        public void Fail(TimeSpan? next) => throw new ApplicationFailureException("not now", nextRetryDelay: next);

        [Activity]
        public void LeaveOpen() => throw new CompleteAsyncException();

        [Activity]
        public Task WaitAsync() => Task.Delay(Timeout.Infinite, ActivityExecutionContext.Current.CancellationToken);
    }

    [Workflow]
    public class Patient
    {
        private static readonly TimeSpan Ever = TimeSpan.MaxValue;
        private static readonly TimeSpan Day = TimeSpan.FromDays(1);
        private bool _stop;

        [WorkflowRun]
        public async Task<string> RunAsync(string what)
        {
            var waiting = what switch
            {
                "timer" => Workflow.DelayAsync(Ever),
                "start to close" => Workflow.ExecuteActivityAsync((Slow s) => s.WaitAsync(), new() { StartToCloseTimeout = Ever }),
                "schedule to close" => Workflow.ExecuteActivityAsync((Slow s) => s.WaitAsync(), new() { ScheduleToCloseTimeout = Ever }),
                "schedule to start" => Workflow.ExecuteActivityAsync((Slow s) => s.WaitAsync(), new() { StartToCloseTimeout = Day, ScheduleToStartTimeout = Ever, TaskQueue = "other" }),
                "heartbeat" => Workflow.ExecuteActivityAsync((Slow s) => s.WaitAsync(), new() { StartToCloseTimeout = Day, HeartbeatTimeout = Ever }),
                "left open" => Workflow.ExecuteActivityAsync((Slow s) => s.LeaveOpen(), new() { StartToCloseTimeout = Ever, HeartbeatTimeout = Ever }),
                "first interval" => Retry(null, new() { InitialInterval = Ever }, null),
                "longest interval" => Retry(null, new() { InitialInterval = TimeSpan.FromDays(3_000_000), MaximumInterval = Ever, BackoffCoefficient = 100 }, null),
                "next retry" => Retry(Ever, null, null),
                _ => Retry(Ever, null, Day),
            };
            _ = waiting;
            await Workflow.WaitConditionAsync(() => _stop);
            return "stopped";
        }

        [WorkflowSignal]
        public Task StopAsync()
        {
            _stop = true;
            return Task.CompletedTask;
        }

        private static Task Retry(TimeSpan? next, RetryPolicy? policy, TimeSpan? deadline) => Workflow.ExecuteActivityAsync(
            (Slow s) => s.Fail(next), new() { StartToCloseTimeout = Day, ScheduleToCloseTimeout = deadline, RetryPolicy = policy });
    }
}
