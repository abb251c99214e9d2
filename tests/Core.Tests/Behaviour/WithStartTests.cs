using Serverless.Api.Enums.V1;
using Serverless.Client;
using Serverless.Exceptions;
using Serverless.History;
using Serverless.Workflows;

namespace Serverless.Tests.Behaviour;

/// <summary>Signals and updates together with a start.</summary>
[TestClass]
public sealed class WithStartTests
{
    [TestMethod]
    public async Task Signal_with_start_starts_and_is_there_before_the_first_line()
    {
        await Behaviour.Run<Cart>(async run =>
        {
            var options = new WorkflowOptions("w");
            options.SignalWithStart((Cart c) => c.PutAsync("apple"));
            Assert.AreEqual("Put", options.StartSignal);
            Assert.AreEqual("apple", options.StartSignalArgs!.Single());
            var workflow = await run.StartAsync((Cart c) => c.RunAsync(), options);
            Assert.AreEqual("apple", await workflow.QueryAsync(c => c.AtFirstLine));
        });
    }

    [TestMethod]
    public async Task Signal_with_start_joins_the_running_workflow()
    {
        await Behaviour.Run<Cart>(async run =>
        {
            var first = await run.StartAsync((Cart c) => c.RunAsync());
            var options = new WorkflowOptions("w");
            options.SignalWithStart("Put", ["pear"]);
            var second = await run.StartAsync((Cart c) => c.RunAsync(), options);
            Assert.AreEqual(first.ResultRunId, second.ResultRunId);
            Assert.AreEqual("pear", await second.QueryAsync(c => c.Content));
        });
    }

    [TestMethod]
    public async Task Signal_with_start_begins_anew_after_a_closed_workflow_as_the_reuse_policy_allows()
    {
        await Behaviour.Run<Cart>(async run =>
        {
            var first = await run.StartAsync((Cart c) => c.RunAsync());
            await first.TerminateAsync();
            var again = new WorkflowOptions("w") { StartSignal = "Put", StartSignalArgs = ["plum"] };
            var second = await run.StartAsync((Cart c) => c.RunAsync(), again);
            Assert.AreNotEqual(first.ResultRunId, second.ResultRunId);
            Assert.AreEqual("plum", await second.QueryAsync(c => c.AtFirstLine));
            await second.TerminateAsync();
            var never = new WorkflowOptions("w") { StartSignal = "Put", StartSignalArgs = ["plum"], IdReusePolicy = WorkflowIdReusePolicy.RejectDuplicate };
            await Assert.ThrowsExactlyAsync<WorkflowAlreadyStartedException>(() => run.StartAsync((Cart c) => c.RunAsync(), never));
        });
    }

    [TestMethod]
    public async Task Update_with_start_of_every_form_starts_and_updates()
    {
        await Behaviour.Run<Cart>(async run =>
        {
            Assert.AreEqual(1, await run.Client.ExecuteUpdateWithStartWorkflowAsync((Cart c) => c.AddAsync("a"), new(Start("1"))));
            await run.Client.ExecuteUpdateWithStartWorkflowAsync((Cart c) => c.EmptyAsync(), new(Start("2")));
            Assert.AreEqual(1, await run.Client.ExecuteUpdateWithStartWorkflowAsync<int>("Add", ["a"], new(Start("3"))));
            await run.Client.ExecuteUpdateWithStartWorkflowAsync("Add", ["a"], new("id", Start("4")));
            var typed = await run.Client.StartUpdateWithStartWorkflowAsync((Cart c) => c.AddAsync("a"), new(Start("5"), WorkflowUpdateStage.Accepted));
            Assert.AreEqual(1, await typed.GetResultAsync());
            var plain = await run.Client.StartUpdateWithStartWorkflowAsync((Cart c) => c.EmptyAsync(), new("u", Start("6"), WorkflowUpdateStage.Completed));
            await plain.GetResultAsync();
            Assert.AreEqual("u", plain.Id);
            var byName = await run.Client.StartUpdateWithStartWorkflowAsync<int>("Add", ["a"], new(Start("7"), WorkflowUpdateStage.Completed));
            Assert.AreEqual(1, await byName.GetResultAsync());
            WorkflowStartUpdateWithStartOptions last = new() { StartWorkflowOperation = Start("8"), WaitForStage = WorkflowUpdateStage.Accepted };
            await (await run.Client.StartUpdateWithStartWorkflowAsync("Add", ["a"], last)).GetResultAsync();
            for (var i = 1; i <= 8; i++)
            {
                Assert.HasCount(1, await run.EventsAsync<WorkflowUpdateAccepted>($"{i}"));
            }
        });
    }

    [TestMethod]
    public async Task Operation_gives_a_handle_to_what_was_started_or_joined()
    {
        await Behaviour.Run<Cart>(async run =>
        {
            var first = WithStartWorkflowOperation.Create((Cart c) => c.RunAsync(), new WorkflowOptions("w") { IdConflictPolicy = WorkflowIdConflictPolicy.UseExisting });
            Assert.AreEqual(1, await run.Client.ExecuteUpdateWithStartWorkflowAsync((Cart c) => c.AddAsync("a"), new WorkflowUpdateWithStartOptions(first)));
            var started = await first.GetHandleAsync();
            var second = WithStartWorkflowOperation.Create("Cart", [], new("w") { IdConflictPolicy = WorkflowIdConflictPolicy.UseExisting });
            Assert.AreEqual("Cart w 0 none", $"{second.Workflow} {second.Options.Id} {second.Args.Count} {second.Headers?.Count.ToString((IFormatProvider?)null) ?? "none"}");
            WorkflowUpdateWithStartOptions options = new() { StartWorkflowOperation = second };
            Assert.AreEqual(2, await run.Client.ExecuteUpdateWithStartWorkflowAsync((Cart c) => c.AddAsync("b"), options));
            Assert.AreEqual(started.ResultRunId, (await second.GetHandleAsync()).ResultRunId);
        });
    }

    [TestMethod]
    public async Task Rejected_update_leaves_the_workflow_started()
    {
        await Behaviour.Run<Cart>(async run =>
        {
            var start = Start("w");
            await Assert.ThrowsExactlyAsync<WorkflowUpdateFailedException>(
                () => run.Client.ExecuteUpdateWithStartWorkflowAsync((Cart c) => c.AddAsync(""), new(start)));
            Assert.AreEqual("", await (await start.GetHandleAsync()).QueryAsync(c => c.Content));
        });
    }

    [TestMethod]
    public async Task Start_that_is_refused_updates_nothing()
    {
        await Behaviour.Run<Cart>(async run =>
        {
            await run.StartAsync((Cart c) => c.RunAsync());
            var start = WithStartWorkflowOperation.Create((Cart c) => c.RunAsync(), new("w") { IdConflictPolicy = WorkflowIdConflictPolicy.Fail });
            await Assert.ThrowsExactlyAsync<WorkflowAlreadyStartedException>(
                () => run.Client.ExecuteUpdateWithStartWorkflowAsync((Cart c) => c.AddAsync("a"), new(start)));
            await Assert.ThrowsExactlyAsync<WorkflowAlreadyStartedException>(() => start.GetHandleAsync());
            Assert.HasCount(0, await run.EventsAsync<WorkflowUpdateAccepted>("w"));
        });
    }

    [TestMethod]
    public async Task Conflict_policy_must_be_named_and_an_operation_serves_once()
    {
        await Behaviour.Run<Cart>(async run =>
        {
            var unnamed = WithStartWorkflowOperation.Create((Cart c) => c.RunAsync(), new("w"));
            await Assert.ThrowsExactlyAsync<ArgumentException>(() => run.Client.ExecuteUpdateWithStartWorkflowAsync((Cart c) => c.AddAsync("a"), new(unnamed)));
            var once = Start("w");
            await run.Client.ExecuteUpdateWithStartWorkflowAsync((Cart c) => c.AddAsync("a"), new(once));
            await Assert.ThrowsExactlyAsync<ArgumentException>(() => run.Client.ExecuteUpdateWithStartWorkflowAsync((Cart c) => c.AddAsync("b"), new(once)));
            await Assert.ThrowsExactlyAsync<ArgumentException>(() => run.Client.ExecuteUpdateWithStartWorkflowAsync((Cart c) => c.AddAsync("b"), new()));
        });
    }

    [TestMethod]
    public async Task Operation_may_be_changed_before_it_is_used()
    {
        await Behaviour.Run<Cart>(async run =>
        {
            WithStartWorkflowOperation start = Start("other");
            start.Options = new("w") { IdConflictPolicy = WorkflowIdConflictPolicy.UseExisting };
            start.Workflow = nameof(Cart);
            start.Args = [];
            start.Headers = null;
            Assert.AreEqual(1, await run.Client.ExecuteUpdateWithStartWorkflowAsync<int>("Add", ["a"], new(start)));
            Assert.AreEqual("a", await run.Client.GetWorkflowHandle<Cart>("w").QueryAsync(c => c.Content));
        });
    }

    [TestMethod]
    public async Task Copy_of_an_operation_serves_again()
    {
        await Behaviour.Run<WorkflowIdTests.Ends>(async run =>
        {
            var start = WithStartWorkflowOperation.Create(
                (WorkflowIdTests.Ends e) => e.RunAsync("wait"), new WorkflowOptions("w") { IdConflictPolicy = WorkflowIdConflictPolicy.UseExisting });
            var copy = (WithStartWorkflowOperation<WorkflowHandle<WorkflowIdTests.Ends, string>>)start.Clone();
            var untyped = (WithStartWorkflowOperation)((WithStartWorkflowOperation)start).Clone();
            foreach (var operation in (WithStartWorkflowOperation[])[start, copy, untyped])
            {
                await Assert.ThrowsExactlyAsync<WorkflowUpdateFailedException>(() => run.Client.ExecuteUpdateWithStartWorkflowAsync("Unknown", [], new(operation)));
            }

            Assert.AreEqual((await start.GetHandleAsync()).ResultRunId, (await copy.GetHandleAsync()).ResultRunId);
            WorkflowUpdateWithStartOptions options = new("id", start) { Rpc = new() { Timeout = TimeSpan.FromSeconds(1) } };
            Assert.AreEqual(TimeSpan.FromSeconds(1), ((CallOptions)options.Clone()).Rpc!.Timeout);
        });
    }

    private static WithStartWorkflowOperation<WorkflowHandle<Cart>> Start(string id) =>
        WithStartWorkflowOperation.Create((Cart c) => c.RunAsync(), new(id) { IdConflictPolicy = WorkflowIdConflictPolicy.UseExisting });

    [Workflow]
    public class Cart
    {
        private readonly List<string> _content = [];

        [WorkflowQuery]
        public string AtFirstLine { get; private set; } = "not there yet";

        [WorkflowQuery]
        public string Content => string.Join(" ", _content);

        [WorkflowRun]
        public async Task RunAsync()
        {
            AtFirstLine = Content;
            await Workflow.WaitConditionAsync(static () => false);
        }

        [WorkflowSignal]
        public Task PutAsync(string what)
        {
            _content.Add(what);
            return Task.CompletedTask;
        }

        [WorkflowUpdate]
        public Task<int> AddAsync(string what)
        {
            _content.Add(what);
            return Task.FromResult(_content.Count);
        }

        [WorkflowUpdateValidator(nameof(AddAsync))]
        public void CheckAdd(string what) => ArgumentException.ThrowIfNullOrEmpty(what);

        [WorkflowUpdate]
        public Task EmptyAsync()
        {
            _content.Clear();
            return Task.CompletedTask;
        }
    }
}
