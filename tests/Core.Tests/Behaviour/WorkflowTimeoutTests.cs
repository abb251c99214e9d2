using Serverless.Api.Enums.V1;
using Serverless.Client;
using Serverless.Exceptions;
using Serverless.History;
using Serverless.Workflows;

namespace Serverless.Tests.Behaviour;

/// <summary>Time-outs of workflows: what they count from, and that they end waits before a first task as well.</summary>
[TestClass]
public sealed class WorkflowTimeoutTests
{
    private static readonly TimeSpan TwelveMinutes = TimeSpan.FromMinutes(12);

    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public async Task Cron_workflow_runs_no_more_once_its_execution_time_out_has_passed(bool fails)
    {
        await Behaviour.Run(
            setup => setup.Add("w", () => fails ? throw new ApplicationFailureException("no") : Task.FromResult("done")),
            async run =>
            {
                var begun = run.Now;
                var workflow = await run.StartAsync("w", new("w") { CronSchedule = "*/5 * * * *", ExecutionTimeout = TwelveMinutes });
                await ExpectTimeOutAsync(workflow);
                Assert.AreEqual(begun + TwelveMinutes, (await run.LookAsync("w")).Summary.CloseTime);
                CollectionAssert.AreEqual(new[] { 3, 3, 2 }, (await run.AllAsync()).Select(static r => r.History.Count).ToArray());
            });
    }

    [TestMethod]
    [DataRow("delay")]
    [DataRow("cron")]
    [DataRow("continued")]
    public async Task Execution_time_out_ends_a_wait_for_the_first_task(string what)
    {
        await Behaviour.Run(
            static setup => setup.Add("w", () => Workflow.Info.ContinuedRunId is null
                ? throw Workflow.CreateContinueAsNewException("w", [], new() { BackoffStartInterval = TimeSpan.FromHours(1) })
                : Task.FromResult("done")),
            async run =>
            {
                var begun = run.Now;
                var workflow = await run.StartAsync("w", new("w")
                {
                    ExecutionTimeout = TwelveMinutes,
                    StartDelay = what == "delay" ? TimeSpan.FromMinutes(30) : null,
                    CronSchedule = what == "cron" ? "0 * * * *" : null,
                });
                await ExpectTimeOutAsync(workflow);
                Assert.AreEqual(begun + TwelveMinutes, (await run.LookAsync("w")).Summary.CloseTime);
                CollectionAssert.AreEqual(
                    new[] { "WorkflowStarted", "WorkflowTimedOut" }, (await run.HistoryAsync("w")).Select(static e => e.GetType().Name).ToArray());
            });
    }

    [TestMethod]
    public async Task Execution_time_out_counts_from_the_start_when_a_signal_ends_the_wait()
    {
        await Behaviour.Run(
            static setup => setup.Add("w", static () => Script.HearAsync("end")),
            async run =>
            {
                var begun = run.Now;
                var workflow = await run.StartAsync("w", new("w") { ExecutionTimeout = TwelveMinutes, StartDelay = TimeSpan.FromMinutes(30) });
                await run.PassAsync(TimeSpan.FromMinutes(5));
                await workflow.SignalAsync(s => s.TellAsync("begin"));
                await ExpectTimeOutAsync(workflow);
                Assert.AreEqual(begun + TwelveMinutes, (await run.LookAsync("w")).Summary.CloseTime);
            });
    }

    [TestMethod]
    public async Task Run_time_out_counts_from_when_the_first_task_is_due()
    {
        await Behaviour.Run(
            static setup => setup.Add("w", static () => Script.HearAsync("end")),
            async run =>
            {
                var begun = run.Now;
                var workflow = await run.StartAsync("w", new("w") { RunTimeout = TwelveMinutes, StartDelay = TimeSpan.FromMinutes(30) });
                await ExpectTimeOutAsync(workflow);
                Assert.AreEqual(begun + TimeSpan.FromMinutes(42), (await run.LookAsync("w")).Summary.CloseTime);
            });
    }

    [TestMethod]
    public async Task Time_outs_count_although_the_first_task_is_blocked()
    {
        await Behaviour.Run(
            static setup => setup.Add("w", () => throw new InvalidOperationException("a bug")),
            async run =>
            {
                var begun = run.Now;
                var workflow = await run.StartAsync("w", new("w") { RunTimeout = TwelveMinutes, StartDelay = TimeSpan.FromMinutes(1) });
                await ExpectTimeOutAsync(workflow);
                Assert.AreEqual(begun + TimeSpan.FromMinutes(13), (await run.LookAsync("w")).Summary.CloseTime);
            });
    }

    [TestMethod]
    public async Task Run_that_timed_out_is_retried_and_cron_goes_on_until_the_execution_time_out()
    {
        await Behaviour.Run(
            static setup => setup.Add("w", static () => Script.HearAsync("end")),
            async run =>
            {
                var workflow = await run.StartAsync("w", new("w")
                {
                    CronSchedule = "*/10 * * * *",
                    RunTimeout = TimeSpan.FromMinutes(2),
                    ExecutionTimeout = TimeSpan.FromMinutes(25),
                    RetryPolicy = new() { InitialInterval = TimeSpan.FromMinutes(1), MaximumAttempts = 2 },
                });
                await ExpectTimeOutAsync(workflow);
                var ends = new List<string>();
                await run.PassAsync(TimeSpan.FromSeconds(1));
                foreach (var (_, history) in await run.AllAsync())
                {
                    ends.Add($"{history[^1].Time.Minute} {((WorkflowTimedOut)history[^1]).RetryState}");
                }

                CollectionAssert.AreEqual(
                    new[] { "12 InProgress", "15 MaximumAttemptsReached", "22 InProgress", "25 Timeout" }, ends);
            });
    }

    private static async Task ExpectTimeOutAsync(WorkflowHandle<Script> workflow)
    {
        var failed = await Assert.ThrowsExactlyAsync<WorkflowFailedException>(() => workflow.GetResultAsync());
        Assert.IsInstanceOfType<TimeoutFailureException>(failed.InnerException);
    }
}
