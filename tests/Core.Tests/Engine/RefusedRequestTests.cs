using Serverless.Api.Enums.V1;
using Serverless.Client;
using Serverless.Converters;
using Serverless.Engine;
using Serverless.Exceptions;
using Serverless.History;
using Serverless.Workflows;

namespace Serverless.Tests.Engine;

/// <summary>What can't be done is refused with the reason, and a request that was accepted once is never refused when it is repeated.</summary>
[TestClass]
public sealed class RefusedRequestTests
{
    private static readonly Type[] Types = [typeof(Collector), typeof(Hello), typeof(Namesake), typeof(Canceler)];
    private static readonly WorkflowPropertiesModified Change = new(new Dictionary<string, Payload?> { ["note"] = EngineHost.Value("x") }, new Dictionary<string, Payload?>());

    private static readonly Dictionary<string, Func<WorkflowEngine, WorkflowRef, Task>> Requests = new()
    {
        ["signal"] = static (e, w) => e.Service.SignalAsync(w, new WorkflowSignaled("Add", [EngineHost.Value(1)]), "again", default),
        ["cancel"] = static (e, w) => e.Service.CancelAsync(w, null, "again", default),
        ["modify"] = static (e, w) => e.Steering.ModifyAsync(w, Change, "again", default),
        ["terminate"] = static (e, w) => e.Service.TerminateAsync(w, null, [], default),
        ["query"] = static (e, w) => e.Service.QueryAsync(w, "Count", [], WorkflowStarted.Empty, default),
        ["update"] = static (e, w) => e.Service.UpdateAsync(w, new WorkflowUpdateAccepted("u", "AddNow", [EngineHost.Value(1)]), true, TimeSpan.Zero, default),
        ["outcome"] = static (e, w) => e.Updates.WaitForUpdateAsync(w, "u", TimeSpan.Zero, default),
        ["wait"] = static (e, w) => e.Service.WaitForCloseAsync(w, true, TimeSpan.Zero, default),
        ["describe"] = static (e, w) => e.Reader.DescribeAsync(w, default),
        ["history"] = static (e, w) => e.Reader.ReadHistoryAsync(w, 0, TimeSpan.Zero, default),
        ["resume"] = static (e, w) => e.Steering.ResumeAsync(w, default),
        ["reset"] = static (e, w) => e.Resets.ResetAsync(w, new(WorkflowResetPoint.FirstWorkflowTask), default),
        ["fork"] = static (e, w) => e.Resets.ForkAsync(w, "f", new(WorkflowResetPoint.FirstWorkflowTask), default),
        ["delete"] = static (e, w) => e.Service.DeleteAsync(w.WorkflowId, default),
    };

    public static IEnumerable<object[]> Names => Requests.Keys.Select(static name => new object[] { name });

    [TestMethod]
    [DynamicData(nameof(Names))]
    public async Task Any_request_for_what_can_be_no_id_or_is_none_says_which_it_is(string name)
    {
        await using var host = new EngineHost(Types);
        var bad = await Assert.ThrowsExactlyAsync<WorkflowServiceException>(() => Requests[name](host.Engine, new WorkflowRef("a\u0001b")));
        Assert.AreEqual(WorkflowServiceError.InvalidArgument, bad.Code);
        var none = await Assert.ThrowsExactlyAsync<WorkflowServiceException>(() => Requests[name](host.Engine, new WorkflowRef("nobody")));
        Assert.AreEqual(WorkflowServiceError.NotFound, none.Code);
    }

    [TestMethod]
    [DataRow("signal")]
    [DataRow("cancel")]
    [DataRow("modify")]
    public async Task Request_that_reached_a_run_is_accepted_again_when_the_run_has_closed(string name)
    {
        await using var host = new EngineHost(Types);
        var run = new WorkflowRef("w", (await host.StartAsync("Collector", "w", false)).RunId);
        await Requests[name](host.Engine, run);
        await host.UntilAsync(async () => (await host.Engine.Reader.DescribeAsync(run, default)).InboxCount == 0, "it is taken");
        if (name != "cancel")
        {
            await host.SignalAsync("w", "Finish");
        }

        await host.CloseAsync("w");
        await host.StartAsync("Collector", "w", false);

        await Requests[name](host.Engine, run);

        Assert.AreEqual(0, (await host.Engine.Reader.DescribeAsync(new WorkflowRef("w"), default)).State.Memo.Count);
        var other = await Assert.ThrowsExactlyAsync<WorkflowServiceException>(
            () => host.Engine.Service.SignalAsync(run, new WorkflowSignaled("Add", [EngineHost.Value(1)]), "another", default));
        Assert.AreEqual(WorkflowServiceError.Closed, other.Code);
        await host.SignalAsync("w", "Finish");
        Assert.IsEmpty(await host.ResultAsync<List<int>>("w"));
    }

    [TestMethod]
    public async Task Change_of_an_attribute_that_is_not_declared_is_refused()
    {
        await using var host = new EngineHost(Types);
        await host.StartAsync("Collector", "w", false);
        var change = new WorkflowPropertiesModified(new Dictionary<string, Payload?>(), new Dictionary<string, Payload?> { ["Unheard"] = EngineHost.Value("x") });
        var e = await Assert.ThrowsExactlyAsync<WorkflowServiceException>(() => host.Engine.Steering.ModifyAsync(new WorkflowRef("w"), change, null, default));
        Assert.AreEqual(WorkflowServiceError.InvalidArgument, e.Code);
        StringAssert.Contains(e.Message, "Unheard");
        Assert.IsNotNull(await host.Engine.Reader.ExplainAsync("WorkflowType = 'Collector'", default));
    }

    [TestMethod]
    public async Task Process_without_workflows_refuses_messages_that_ask_for_their_code()
    {
        await using var host = new EngineHost([], options: EngineHost.Options with { RunsWorkflows = false });
        foreach (var message in (WorkMessage[])[new(WorkKind.Nudge, "t", "w"), new(WorkKind.Activity, "t", "w") { Queue = QueueNames.Workflows }])
        {
            var e = await Assert.ThrowsExactlyAsync<InvalidOperationException>(
                () => host.Engine.Handlers.HandleWorkflowAsync(new QueueDelivery(message.Encode(), 1, false), default));
            StringAssert.Contains(e.Message, "The message comes back for a process that has.");
        }

        await host.Engine.Handlers.HandleTimerAsync(new QueueDelivery(new WorkMessage(WorkKind.RunTimeout, "t", "w").Encode(), 1, false), default);
        await host.Engine.Handlers.HandleActivityAsync(new QueueDelivery(new WorkMessage(WorkKind.Activity, "t", "w") { Attempt = 1 }.Encode(), 1, false), default);
    }

    [TestMethod]
    [DataRow(0)]
    [DataRow(1_001)]
    public async Task Signal_name_has_its_limits(int length)
    {
        await using var host = new EngineHost(Types);
        await host.StartAsync("Collector", "w", false);
        var e = await Assert.ThrowsExactlyAsync<WorkflowServiceException>(() => host.SignalAsync("w", new string('x', length)));
        Assert.AreEqual((WorkflowServiceError.InvalidArgument, $"The name of a signal has 1 to 1,000 characters; this one has {length}."), (e.Code, e.Message));
        await host.SignalAsync("w", new string('x', 1_000));
    }

    [TestMethod]
    [DataRow(true)]
    [DataRow(false)]
    public async Task Signal_comes_along_with_a_start_that_runs_at_once_or_not(bool eager)
    {
        await using var host = new EngineHost(Types);
        var request = new StartRequest("w", new WorkflowStarted("Collector", "default", []))
        {
            Eager = eager,
            Signal = new WorkflowSignaled("Add", [EngineHost.Value(7)]),
        };
        Assert.IsTrue((await host.Engine.Service.StartAsync(request, default)).Started);

        // The id is taken: the signal of another start is not applied.
        await Assert.ThrowsExactlyAsync<WorkflowServiceException>(() => host.Engine.Service.StartAsync(request, default));
        await host.SignalAsync("w", "Finish");
        CollectionAssert.AreEqual(new[] { 7 }, await host.ResultAsync<List<int>>("w"));
    }

    [TestMethod]
    public async Task Start_that_terminates_what_runs_begins_anew()
    {
        await using var host = new EngineHost(Types);
        var first = await host.StartAsync("Collector", "w", false);
        var request = new StartRequest("w", new WorkflowStarted("Hello", "default", [EngineHost.Value("you")]))
        {
            ReusePolicy = WorkflowIdReusePolicy.TerminateIfRunning,
            Wait = TimeSpan.FromMinutes(1),
        };

        var second = await host.Engine.Service.StartAsync(request, default);

        Assert.IsInstanceOfType<WorkflowCompleted>(second.Close?.Closed);
        Assert.AreEqual(WorkflowExecutionStatus.Terminated, (await host.Engine.Reader.DescribeAsync(new WorkflowRef("w", first.RunId), default)).Summary.Status);
    }

    [TestMethod]
    [DataRow("Namesake", "taken", 1000)]
    [DataRow("Namesake", "taken", 0)]
    [DataRow("Canceler", "nobody", 1000)]
    [DataRow("Canceler", "nobody", 0)]
    public async Task Answer_that_the_code_fails_on_is_given_to_it_again(string type, string id, int cached)
    {
        Namesake.Bugs = 2;
        await using var host = new EngineHost(Types, null, EngineHost.Options with { CachedRuns = cached });
        await host.StartAsync("Collector", "taken", false);
        await host.StartAsync(type, "w", false, id);

        Assert.AreEqual("refused", await host.ResultAsync<string>("w"));
        Assert.AreEqual(0, Namesake.Bugs);
    }

    /// <summary>Starts a child whose id is in use; its code is bad for a while.</summary>
    [Workflow]
    public class Namesake
    {
        public static int Bugs { get; set; }

        public static void Bite()
        {
            if (Bugs > 0)
            {
                Bugs--;
                throw new InvalidOperationException("a bug");
            }
        }

        [WorkflowRun]
        public async Task<string> RunAsync(string id)
        {
            try
            {
                await Workflow.ExecuteChildWorkflowAsync((Collector c) => c.RunAsync(), new() { Id = id });
                return "done";
            }
            catch (Exception e) when (e is FailureException)
            {
                Bite();
                return "refused";
            }
        }
    }

    /// <summary>Cancels a workflow that is not there; its code is bad for a while.</summary>
    [Workflow]
    public class Canceler
    {
        [WorkflowRun]
        public async Task<string> RunAsync(string id)
        {
            try
            {
                await Workflow.GetExternalWorkflowHandle(id).CancelAsync();
                return "done";
            }
            catch (Exception e) when (e is FailureException)
            {
                Namesake.Bite();
                return "refused";
            }
        }
    }
}
