using Serverless.Api.Enums.V1;
using Serverless.Client;
using Serverless.Engine;
using Serverless.History;
using Serverless.Storage;

namespace Serverless.Tests.Engine;

/// <summary>A start that carries a request id may be repeated.</summary>
[TestClass]
public sealed class RequestIdTests
{
    private static readonly Type[] Types = [typeof(Collector), typeof(Hello), typeof(Roller)];

    [TestMethod]
    [DataRow(WorkflowIdConflictPolicy.Fail)]
    [DataRow(WorkflowIdConflictPolicy.UseExisting)]
    [DataRow(WorkflowIdConflictPolicy.TerminateExisting)]
    public async Task A_repeated_start_gets_the_open_run(WorkflowIdConflictPolicy policy)
    {
        await using var host = new EngineHost(Types);
        var first = await StartAsync(host, "Collector", "r1", request => request with { ConflictPolicy = policy });
        var again = await StartAsync(host, "Collector", "r1", request => request with { ConflictPolicy = policy });
        Assert.AreEqual(first, again);
        await host.SignalAsync("w", "Finish");
        await host.CloseAsync("w");
    }

    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public async Task A_repeated_start_gets_the_closed_run(bool eager)
    {
        await using var host = new EngineHost(Types);
        StartRequest Refusing(StartRequest request) => request with { ReusePolicy = WorkflowIdReusePolicy.RejectDuplicate, Eager = eager };
        var first = await StartAsync(host, "Hello", "r1", Refusing, "x");
        await host.CloseAsync("w");
        var again = await StartAsync(host, "Hello", "r1", Refusing, "x");
        Assert.AreEqual(first.RunId, again.RunId);
        Assert.IsTrue(again.Started);
        Assert.AreEqual(WorkflowExecutionStatus.Completed, again.Status);
        var refused = await Assert.ThrowsExactlyAsync<WorkflowServiceException>(() => StartAsync(host, "Hello", "r2", Refusing, "x"));
        Assert.AreEqual(WorkflowServiceError.AlreadyStarted, refused.Code);
    }

    [TestMethod]
    public async Task A_repeated_start_of_a_workflow_that_has_rolled_on_gets_its_first_run()
    {
        await using var host = new EngineHost(Types);
        var first = await StartAsync(host, "Roller", "r1", null, 3);
        await host.CloseAsync("w");
        Assert.AreEqual(first.RunId, (await StartAsync(host, "Roller", "r1", null, 3)).RunId);
    }

    [TestMethod]
    public async Task A_repeated_start_gets_its_run_though_others_followed()
    {
        await using var host = new EngineHost(Types);
        List<string> runs = [];
        foreach (var requestId in (string[])["r1", "r2", "r3"])
        {
            runs.Add((await StartAsync(host, "Hello", requestId, null, "x")).RunId);
            await host.CloseAsync("w");
        }

        var again = await StartAsync(host, "Hello", "r1", null, "x");
        Assert.AreEqual((runs[0], true, WorkflowExecutionStatus.Completed), (again.RunId, again.Started, again.Status));
        var open = await StartAsync(host, "Collector", "r4", null);
        var replacing = await StartAsync(host, "Hello", "r2", static request => request with { ConflictPolicy = WorkflowIdConflictPolicy.TerminateExisting }, "x");
        Assert.AreEqual(runs[1], replacing.RunId);
        Assert.AreEqual(WorkflowExecutionStatus.Running, (await host.Engine.Reader.DescribeAsync(new WorkflowRef("w", open.RunId), default)).Summary.Status);
    }

    [TestMethod]
    public async Task What_the_last_runs_of_an_id_left_to_be_done_stays_noted()
    {
        await using var host = new EngineHost(Types);
        for (var i = 1; i <= 12; i++)
        {
            await StartAsync(host, "Hello", $"r{i}", null, "x");
            await host.CloseAsync("w");
        }

        var row = (await host.Store.Rows.QueryAsync(new RowQuery(RowTable.Workflows, WorkflowKey.Partition("w"), JournalKeys.Head, JournalKeys.Head + "\0", 1), default)).Rows.Single();
        CollectionAssert.AreEqual(Enumerable.Range(4, 9).ToList(), WorkflowHead.Decode(row.Data).Marks.Select(static m => m.RunNumber).ToList());
    }

    [TestMethod]
    public void Only_the_last_starts_of_an_id_are_remembered()
    {
        var head = new WorkflowHead
        {
            RunNumber = 1, RunId = "a0", FirstRunId = "a0", WorkflowType = "T", Status = WorkflowExecutionStatus.Completed, Started = default, CommitId = "c", RequestId = "r0",
        };
        for (var i = 1; i <= 20; i++)
        {
            head = head with { EarlierStarts = head.StartsBefore($"a{i}"), FirstRunId = $"a{i}", RequestId = $"r{i}" };
        }

        var read = WorkflowHead.Decode(head.Encode());
        CollectionAssert.AreEqual(Enumerable.Range(12, 8).Reverse().Select(static i => new EarlierStart($"r{i}", $"a{i}")).ToList(), read.EarlierStarts.ToList());
        Assert.AreEqual("r20", read.RequestId);
    }

    [TestMethod]
    public async Task A_message_for_a_certain_run_or_chain_does_not_reach_the_next()
    {
        await using var host = new EngineHost(Types);
        var first = await StartAsync(host, "Hello", "r1", null, "x");
        await host.CloseAsync("w");
        await StartAsync(host, "Collector", "r2", null);
        foreach (var reference in (WorkflowRef[])[new("w", first.RunId), new("w", FirstRunId: first.RunId)])
        {
            // They were sent when their run was open, and arrive when the next one is.
            var cancel = InboxItem.For(reference, new WorkflowCancelRequested("late", null));
            Assert.AreEqual(PostOutcome.Accepted, await Journal(host).PostAsync("w", reference.RunId is null ? "1" : "2", InboxItem.Decode(cancel.Encode()), null, default));
        }

        await host.SignalAsync("w", "Add", 1);
        await host.SignalAsync("w", "Finish");
        CollectionAssert.AreEqual(new[] { 1 }, await host.ResultAsync<List<int>>("w"));
    }

    private static Journal Journal(EngineHost host)
    {
        var retry = new StorageRetry(host.Time, new IdSource(host.Time, new Random(1)));
        var segments = new Segments(host.Store.Blobs, new IdSource(host.Time, new Random(2)), retry, new EngineLimits());
        return new Journal(host.Store.Rows, new JournalReader(host.Store.Rows, segments, retry, new EngineLimits()), segments, retry);
    }

    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public async Task A_repeated_start_with_a_signal_signals_once(bool joins)
    {
        await using var host = new EngineHost(Types);
        if (joins)
        {
            await StartAsync(host, "Collector", "other", null);
        }

        var first = await StartAsync(host, "Collector", "r1", WithSignal);
        var again = await StartAsync(host, "Collector", "r1", WithSignal);
        Assert.AreEqual(first.RunId, again.RunId);
        await StartAsync(host, "Collector", "r2", WithSignal);
        await host.SignalAsync("w", "Finish");
        CollectionAssert.AreEqual(new[] { 7, 7 }, await host.ResultAsync<List<int>>("w"));
        Assert.AreEqual(first.RunId, (await StartAsync(host, "Collector", "r1", WithSignal)).RunId);
    }

    [TestMethod]
    public async Task A_start_with_a_signal_that_was_answered_by_a_workflow_closed_since_starts_no_other()
    {
        await using var host = new EngineHost(Types);
        var joined = await StartAsync(host, "Collector", "other", null);
        await StartAsync(host, "Collector", "r1", WithSignal);
        await host.SignalAsync("w", "Finish");
        await host.CloseAsync("w");
        Assert.AreEqual(joined.RunId, (await StartAsync(host, "Collector", "r1", WithSignal)).RunId);
        Assert.AreNotEqual(joined.RunId, (await StartAsync(host, "Collector", "r2", WithSignal)).RunId);
    }

    [TestMethod]
    [DataRow(WorkflowIdReusePolicy.RejectDuplicate, WorkflowIdConflictPolicy.UseExisting, false)]
    [DataRow(WorkflowIdReusePolicy.AllowDuplicate, WorkflowIdConflictPolicy.Fail, true)]
    [DataRow(WorkflowIdReusePolicy.AllowDuplicate, WorkflowIdConflictPolicy.TerminateExisting, true)]
    public async Task A_signal_that_arrived_is_neither_refused_nor_ends_what_came_later(
        WorkflowIdReusePolicy reuse, WorkflowIdConflictPolicy conflict, bool followed)
    {
        await using var host = new EngineHost(Types);
        StartRequest Late(StartRequest request) => WithSignal(request) with { ReusePolicy = reuse, ConflictPolicy = conflict };
        var newest = await StartAsync(host, "Collector", "first", null);
        await StartAsync(host, "Collector", "r1", WithSignal);
        await host.SignalAsync("w", "Finish");
        await host.CloseAsync("w");
        newest = followed ? await StartAsync(host, "Collector", "second", null) : newest;
        Assert.AreEqual(newest.RunId, (await StartAsync(host, "Collector", "r1", Late)).RunId);
        Assert.AreEqual(
            followed ? WorkflowExecutionStatus.Running : WorkflowExecutionStatus.Completed,
            (await host.Engine.Reader.DescribeAsync(new WorkflowRef("w"), default)).Summary.Status);
    }

    [TestMethod]
    public async Task A_start_that_was_stored_and_never_woken_is_woken_by_its_repetition()
    {
        await using var host = new EngineHost(Types);
        var time = host.Time;
        var silent = new FaultyHubStore(host.Store, static (_, what) => what.StartsWith("Send", StringComparison.Ordinal) ? Fault.CrashBefore : Fault.None);
        await using var dying = new EngineHost([], options: EngineHost.Options with { Identity = "dying", RunsWorkflows = false, ActivityQueues = [] }, store: silent, time: time);
        await Assert.ThrowsExactlyAsync<OperationCanceledException>(() => StartAsync(dying, "Hello", "r1", null, "x"));
        await StartAsync(host, "Hello", "r1", null, "x");
        Assert.AreEqual("Hello x", await host.ResultAsync<string>("w"));
    }

    private static StartRequest WithSignal(StartRequest request) => request with
    {
        ConflictPolicy = WorkflowIdConflictPolicy.UseExisting,
        Signal = new WorkflowSignaled("Add", [EngineHost.Value(7)]) { RequestId = request.Started.RequestId },
    };

    private static Task<StartResult> StartAsync(
        EngineHost host, string type, string requestId, Func<StartRequest, StartRequest>? change, params object?[] args)
    {
        var request = new StartRequest("w", new WorkflowStarted(type, "default", [.. args.Select(EngineHost.Value)]) { RequestId = requestId });
        return host.Engine.Service.StartAsync(change?.Invoke(request) ?? request, default);
    }
}
