using Serverless.Api.Enums.V1;
using Serverless.Client;
using Serverless.Engine;
using Serverless.History;

namespace Serverless.Tests.Engine;

[TestClass]
public sealed class EngineTests
{
    private static readonly Type[] Types =
        [typeof(Hello), typeof(Chain), typeof(FanOut), typeof(Sleeper), typeof(Collector), typeof(Parent), typeof(Roller), typeof(Failing), typeof(Cancellable)];

    [TestMethod]
    [DataRow(true)]
    [DataRow(false)]
    public async Task Hello_ends_with_its_result(bool eager)
    {
        await using var host = new EngineHost(Types);
        await host.StartAsync("Hello", "h", eager, "you");
        Assert.AreEqual("Hello you", await host.ResultAsync<string>("h"));
    }

    [TestMethod]
    [DataRow(true, 1000)]
    [DataRow(false, 1000)]
    [DataRow(false, 0)]
    public async Task Chain_runs_every_step_once(bool eager, int cached)
    {
        var steps = new Steps();
        await using var host = new EngineHost(Types, steps, EngineHost.Options with { CachedRuns = cached });
        await host.StartAsync("Chain", "c", eager, 10);
        Assert.AreEqual(10, await host.ResultAsync<int>("c"));
        Assert.HasCount(10, steps.Calls);
        var history = await host.Engine.Reader.ReadHistoryAsync(new WorkflowRef("c"), 0, TimeSpan.Zero, default);
        CollectionAssert.AreEqual(Enumerable.Range(1, history.Count).ToList(), history.Select(e => (int)e.Id).ToList());
    }

    [TestMethod]
    public async Task Fan_out_collects_all_results()
    {
        var steps = new Steps();
        await using var host = new EngineHost(Types, steps);
        await host.StartAsync("FanOut", "f", false, 300);
        Assert.AreEqual(300, await host.ResultAsync<int>("f"));
        Assert.HasCount(300, steps.Calls);
    }

    [TestMethod]
    [DataRow(5.0)]
    [DataRow(90.0)]
    [DataRow(7200.0)]
    [DataRow(40.0 * 86400)]
    public async Task Timer_fires_in_time_and_not_before(double seconds)
    {
        await using var host = new EngineHost(Types);
        var started = host.Time.GetUtcNow().UtcDateTime;
        await host.StartAsync("Sleeper", "s", false, seconds);
        var woke = await host.ResultAsync<DateTime>("s");
        Assert.IsGreaterThanOrEqualTo(seconds, (woke - started).TotalSeconds);
        Assert.IsLessThan(seconds + 30, (woke - started).TotalSeconds);
    }

    [TestMethod]
    public async Task Signals_are_applied_in_order_and_queries_see_them()
    {
        await using var host = new EngineHost(Types);
        await host.StartAsync("Collector", "k", false);
        for (var i = 0; i < 150; i++)
        {
            await host.SignalAsync("k", "Add", i);
        }

        Assert.AreEqual(150, await host.QueryAsync<int>("k", "Count"));
        await host.SignalAsync("k", "Finish");
        CollectionAssert.AreEqual(Enumerable.Range(0, 150).ToList(), await host.ResultAsync<List<int>>("k"));
        Assert.AreEqual(150, await host.QueryAsync<int>("k", "Count"));
    }

    [TestMethod]
    public async Task Signal_to_a_closed_workflow_is_refused()
    {
        await using var host = new EngineHost(Types);
        await host.StartAsync("Hello", "h", true, "you");
        await host.CloseAsync("h");
        var e = await Assert.ThrowsExactlyAsync<WorkflowServiceException>(() => host.SignalAsync("h", "Add", 1));
        Assert.AreEqual(WorkflowServiceError.Closed, e.Code);
        e = await Assert.ThrowsExactlyAsync<WorkflowServiceException>(() => host.SignalAsync("nobody", "Add", 1));
        Assert.AreEqual(WorkflowServiceError.NotFound, e.Code);
    }

    [TestMethod]
    public async Task Update_returns_its_result_and_a_rejected_one_leaves_no_event()
    {
        await using var host = new EngineHost(Types);
        await host.StartAsync("Collector", "k", false);
        Task<UpdateOutcome?> UpdateAsync(string id, int value) => host.Engine.Service.UpdateAsync(
            new WorkflowRef("k"), new WorkflowUpdateAccepted(id, "AddNow", [EngineHost.Value(value)]), true, TimeSpan.FromHours(1), default);
        var outcome = await UpdateAsync("u1", 5);
        Assert.AreEqual(1, EngineHost.Of<int>(outcome!.Result));
        Assert.AreEqual(1, EngineHost.Of<int>((await UpdateAsync("u1", 5))!.Result));
        var rejected = await UpdateAsync("u2", -1);
        Assert.IsFalse(rejected!.Accepted);
        Assert.AreEqual("negative", rejected.Failure!.Message);
        var history = await host.Engine.Reader.ReadHistoryAsync(new WorkflowRef("k"), 0, TimeSpan.Zero, default);
        Assert.AreEqual(1, history.Count(e => e is WorkflowUpdateAccepted));
    }

    [TestMethod]
    public async Task Child_reports_to_its_parent()
    {
        await using var host = new EngineHost(Types);
        await host.StartAsync("Parent", "p", false, "kid");
        Assert.AreEqual("Hello kid", await host.ResultAsync<string>("p"));
    }

    [TestMethod]
    public async Task Continue_as_new_rolls_to_the_last_run()
    {
        await using var host = new EngineHost(Types);
        await host.StartAsync("Roller", "r", false, 5);
        Assert.AreEqual(0, await host.ResultAsync<int>("r"));
        await host.UntilAsync(async () => (await host.Engine.Reader.ListAsync(null, 100, null, default)).Workflows.Count == 6, "all six runs in the list");
    }

    [TestMethod]
    public async Task Failed_attempts_are_retried_and_counted()
    {
        var steps = new Steps { FailFirst = 2 };
        await using var host = new EngineHost(Types, steps);
        await host.StartAsync("Failing", "f", false, 3);
        Assert.AreEqual("Hello x", await host.ResultAsync<string>("f"));
        var history = await host.Engine.Reader.ReadHistoryAsync(new WorkflowRef("f"), 0, TimeSpan.Zero, default);
        Assert.AreEqual(3, history.OfType<ActivityCompleted>().Single().Attempt);
    }

    [TestMethod]
    public async Task Attempts_run_out()
    {
        await using var host = new EngineHost(Types, new Steps { FailFirst = 5 });
        await host.StartAsync("Failing", "f", false, 2);
        var close = await host.CloseAsync("f");
        Assert.AreEqual(WorkflowExecutionStatus.Failed, close.Status);
        var failure = ((WorkflowFailed)close.Closed).Failure;
        Assert.AreEqual(RetryState.MaximumAttemptsReached, ((ActivityFailureInfo)failure.Info).RetryState);
        Assert.AreEqual("failure 2", failure.Cause!.Message);
    }

    [TestMethod]
    public async Task Cancel_reaches_the_code()
    {
        await using var host = new EngineHost(Types);
        await host.StartAsync("Cancellable", "c", false);
        await host.UntilAsync(async () => (await host.Engine.Reader.DescribeAsync(new WorkflowRef("c"), default)).State.Timers.Count == 1, "timer");
        await host.Engine.Service.CancelAsync(new WorkflowRef("c"), "enough", default);
        Assert.AreEqual("cancelled", await host.ResultAsync<string>("c"));
    }

    [TestMethod]
    public async Task Terminate_closes_at_once()
    {
        await using var host = new EngineHost(Types);
        await host.StartAsync("Cancellable", "c", false);
        await host.Engine.Service.TerminateAsync(new WorkflowRef("c"), "enough", [], default);
        Assert.AreEqual(WorkflowExecutionStatus.Terminated, (await host.CloseAsync("c")).Status);
    }

    [TestMethod]
    public async Task Unknown_type_blocks_visibly_and_can_be_terminated()
    {
        await using var host = new EngineHost(Types);
        await host.StartAsync("Gone", "g", false);
        await host.UntilAsync(async () => (await host.Engine.Reader.DescribeAsync(new WorkflowRef("g"), default)).Blocked is { Cause: "UnknownWorkflowType" }, "block");
        await host.Engine.Service.TerminateAsync(new WorkflowRef("g"), null, [], default);
        Assert.AreEqual(WorkflowExecutionStatus.Terminated, (await host.CloseAsync("g")).Status);
    }

    [TestMethod]
    public async Task Delete_leaves_nothing()
    {
        await using var host = new EngineHost(Types, new Steps());
        await host.StartAsync("Chain", "c", false, 3);
        await host.StartAsync("Roller", "r", false, 3);
        await host.CloseAsync("c");
        await host.CloseAsync("r");
        await host.UntilAsync(async () => (await host.Engine.Reader.ListAsync(null, 100, null, default)).Workflows.Count(w => w.CloseTime is not null) == 5, "list");
        await host.Engine.Service.DeleteAsync("c", default);
        await host.Engine.Service.DeleteAsync("r", default);
        foreach (var table in Enum.GetValues<Serverless.Storage.RowTable>())
        {
            await host.UntilAsync(async () => await host.Store.Rows.ScanAsync(table, null, null, default) is { Rows.Count: 0, Continuation: null }, $"nothing is left in {table}");
        }
    }

    [TestMethod]
    public async Task Second_start_with_the_same_id_is_refused()
    {
        await using var host = new EngineHost(Types);
        await host.StartAsync("Collector", "k", false);
        var e = await Assert.ThrowsExactlyAsync<WorkflowServiceException>(() => host.StartAsync("Collector", "k", true));
        Assert.AreEqual(WorkflowServiceError.AlreadyStarted, e.Code);
    }
}
