using Serverless.Activities;
using Serverless.Client;
using Serverless.Converters;
using Serverless.Exceptions;
using Serverless.History;
using Serverless.Workflows;

namespace Serverless.Tests.Behaviour;

/// <summary>What an activity can reach while it runs, and how it is told to stop.</summary>
[TestClass]
public sealed class ActivityContextTests
{
    private static readonly ActivityOptions Options = new()
    {
        StartToCloseTimeout = TimeSpan.FromHours(5), HeartbeatTimeout = TimeSpan.FromMinutes(2), CancellationType = ActivityCancellationType.WaitCancellationCompleted,
    };

    [TestMethod]
    public async Task Activity_uses_the_applications_client()
    {
        await RunAsync(
            async () =>
            {
                await Workflow.ExecuteActivityAsync((Busy b) => b.SignalBackAsync(), Options);
                await Script.HearAsync("from activity");
                return "heard";
            },
            async run =>
            {
                Assert.AreEqual("heard", await run.ExecuteAsync<string>("w"));
                Assert.AreEqual(0, run.The<Busy>().Told.Count);
            });
    }

    [TestMethod]
    [DataRow("cancel", ActivityCancelReason.CancelRequested)]
    [DataRow("terminate", ActivityCancelReason.GoneFromServer)]
    [DataRow("time out", ActivityCancelReason.Timeout)]
    [DataRow("stop", ActivityCancelReason.WorkerShutdown)]
    public async Task Details_of_a_cancellation_say_why(string how, ActivityCancelReason reason)
    {
        await RunAsync(
            async () =>
            {
                await Workflow.ExecuteActivityAsync((Busy b) => b.WaitAsync(how == "stop"), Options);
                return "done";
            },
            async run =>
            {
                var workflow = await run.StartAsync("w", new("w"));
                await run.PassAsync(TimeSpan.FromMinutes(3));
                switch (how)
                {
                    case "cancel":
                        await workflow.CancelAsync();
                        break;
                    case "terminate":
                        await workflow.TerminateAsync();
                        break;
                    case "stop":
                        run.StopEngine();
                        break;
                    default:
                        run.The<Busy>().Silent = true;
                        break;
                }

                await run.PassAsync(TimeSpan.FromMinutes(5));
                var busy = run.The<Busy>();
                Assert.AreEqual(reason, busy.Reason);
                var details = busy.Details!;
                Assert.AreEqual(
                    $"{how == "cancel"} {how == "terminate"} {how == "time out"} {how == "stop"} False False False",
                    $"{details.IsCancelRequested} {details.IsGoneFromServer} {details.IsTimedOut} {details.IsWorkerShutdown} {details.IsPaused} {details.IsReset} {details.IsHeartbeatRecordFailure}");
            });
    }

    [TestMethod]
    public async Task Frequent_heartbeats_are_stored_now_and_then_and_the_last_one_when_it_counts()
    {
        await RunAsync(
            async () =>
            {
                await Workflow.ExecuteActivityAsync((Busy b) => b.BeatAsync(600), Options);
                return "done";
            },
            async run =>
            {
                var workflow = await run.StartAsync("w");
                await run.PassAsync(TimeSpan.FromSeconds(59.5));
                Assert.AreEqual("0", await StoredAsync(run));
                await run.PassAsync(TimeSpan.FromSeconds(10));
                Assert.AreEqual("60", await StoredAsync(run));
                await workflow.GetResultAsync();
            });
    }

    [TestMethod]
    public async Task Activity_completed_from_outside_under_a_context_and_another_converter()
    {
        await RunAsync(
            () => Workflow.ExecuteActivityAsync((Busy b) => b.Leave(), Options),
            async run =>
            {
                var workflow = await run.StartAsync("w");
                var handle = run.Client.GetAsyncActivityHandle("w", null!, "1")
                    .WithSerializationContext(new ISerializationContext.Activity("default", "1", "w", "w", "Leave", "default", false)) with
                {
                    DataConverterOverride = DataConverter.Default,
                };
                await handle.CompleteAsync("outside");
                Assert.AreEqual("outside", await workflow.GetResultAsync<string>());
            });
    }

    private static Task RunAsync(Func<Task<string>> code, Func<BehaviourRun, Task> body) =>
        Behaviour.Run(setup => setup.AddActivities(new Busy()).Add("w", code), body);

    private static async Task<string> StoredAsync(BehaviourRun run) => run.Text((await run.LookAsync("w")).Attempts.Single().Value.HeartbeatDetails[0]);

    public sealed class Busy : Timed
    {
        public bool Silent { get; set; }

        public List<string> Told { get; } = [];

        public ActivityCancelReason Reason { get; private set; }

        public ActivityCancellationDetails? Details { get; private set; }

        [Activity]
        public async Task SignalBackAsync()
        {
            var context = ActivityExecutionContext.Current;
            var workflow = context.TemporalClient.GetWorkflowHandle<Script>(context.Info.WorkflowId!);
            await workflow.SignalAsync(s => s.TellAsync("from activity"));

            // The signal and the result reach the workflow one after the other.
            await PassAsync(TimeSpan.FromSeconds(1));
        }

        [Activity]
        public async Task WaitAsync(bool forShutdown)
        {
            var context = ActivityExecutionContext.Current;
            Assert.IsFalse(context.WorkerShutdownToken.IsCancellationRequested);
            try
            {
                while (true)
                {
                    if (!Silent)
                    {
                        context.Heartbeat("alive");
                    }

                    await PassAsync(TimeSpan.FromMinutes(1), forShutdown ? context.WorkerShutdownToken : context.CancellationToken);
                }
            }
            catch (OperationCanceledException)
            {
                Reason = context.CancelReason;
                Details = context.CancellationDetails;
                throw;
            }
        }

        [Activity]
        public async Task BeatAsync(int times)
        {
            for (var i = 0; i < times; i++)
            {
                ActivityExecutionContext.Current.Heartbeat(i);
                await PassAsync(TimeSpan.FromSeconds(1));
            }
        }

        [Activity]
        public string Leave() => throw new CompleteAsyncException();
    }
}
