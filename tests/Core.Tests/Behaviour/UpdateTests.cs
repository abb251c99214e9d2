using Microsoft.Extensions.Logging;
using Serverless.Client;
using Serverless.Converters;
using Serverless.Exceptions;
using Serverless.History;
using Serverless.Workflows;

namespace Serverless.Tests.Behaviour;

/// <summary>Updates: validators, handlers that wait, results, and what is recorded.</summary>
[TestClass]
public sealed class UpdateTests
{
    [TestMethod]
    public async Task Updates_of_every_form_give_their_results()
    {
        await Behaviour.Run<Account>(async run =>
        {
            var workflow = await run.StartAsync((Account a) => a.RunAsync());
            Assert.AreEqual(5, await workflow.ExecuteUpdateAsync(a => a.DepositAsync(5)));
            Assert.AreEqual(6, await workflow.ExecuteUpdateAsync<Account, int>(a => a.DepositAsync(1)));
            Assert.AreEqual(8, await workflow.ExecuteUpdateAsync<int>("Deposit", [2]));
            await workflow.ExecuteUpdateAsync("Deposit", [2]);
            await workflow.ExecuteUpdateAsync(a => a.ClearAsync());
            await workflow.ExecuteUpdateAsync<Account>(a => a.ClearAsync());
            Assert.AreEqual(3, await workflow.ExecuteUpdateAsync<int>("other name", [3]));
            Assert.AreEqual("anything 4 five", await workflow.ExecuteUpdateAsync<string>("anything", [4, "five"]));
            Assert.HasCount(8, await run.EventsAsync<WorkflowUpdateCompleted>("w"));
        });
    }

    [TestMethod]
    public async Task Handles_of_every_form_wait_for_the_result()
    {
        await Behaviour.Run<Account>(async run =>
        {
            var workflow = await run.StartAsync((Account a) => a.RunAsync());
            var accepted = new WorkflowUpdateStartOptions(WorkflowUpdateStage.Accepted);
            var typed = await workflow.StartUpdateAsync(a => a.DepositLaterAsync(5), new("u1", WorkflowUpdateStage.Accepted));
            Assert.AreEqual($"u1 w {workflow.ResultRunId}", $"{typed.Id} {typed.WorkflowId} {typed.WorkflowRunId}");
            Assert.AreSame(run.Client, typed.Client);
            Assert.AreEqual(0, await workflow.QueryAsync(a => a.Balance));
            Assert.AreEqual(5, await typed.GetResultAsync());
            Assert.AreEqual(6, await (await workflow.StartUpdateAsync<Account, int>(a => a.DepositLaterAsync(1), accepted)).GetResultAsync());
            Assert.AreEqual(7, await (await workflow.StartUpdateAsync<int>("DepositLater", [1], accepted)).GetResultAsync());
            await (await workflow.StartUpdateAsync("DepositLater", [1], accepted)).GetResultAsync();
            await (await workflow.StartUpdateAsync(a => a.ClearAsync(), new() { Id = "u2", WaitForStage = WorkflowUpdateStage.Completed })).GetResultAsync();
            await (await workflow.StartUpdateAsync<Account>(a => a.ClearAsync(), accepted)).GetResultAsync();
            Assert.AreEqual(5, await workflow.GetUpdateHandle<int>("u1").GetResultAsync());
            await workflow.GetUpdateHandle("u1").GetResultAsync();
            Assert.AreEqual(5, await new WorkflowUpdateHandle(run.Client, "u1", "w").GetResultAsync<int>());
            Assert.AreEqual(5, await new WorkflowUpdateHandle<int>(run.Client, "u1", "w").GetResultAsync());
        });
    }

    [TestMethod]
    public async Task Rejected_update_leaves_no_event()
    {
        await Behaviour.Run<Account>(async run =>
        {
            var workflow = await run.StartAsync((Account a) => a.RunAsync());
            var before = (await run.HistoryAsync("w")).Count;
            var failed = await Assert.ThrowsExactlyAsync<WorkflowUpdateFailedException>(() => workflow.ExecuteUpdateAsync(a => a.DepositAsync(-1)));
            Assert.AreEqual("negative", failed.InnerException!.Message);
            Assert.AreEqual(0, (await run.HistoryAsync("w")).OfType<WorkflowUpdateAccepted>().Count());
            Assert.AreEqual(before, (await run.HistoryAsync("w")).Count);
            Assert.AreEqual(1, await workflow.ExecuteUpdateAsync(a => a.DepositAsync(1)));
        });
    }

    [TestMethod]
    public async Task Unknown_update_is_rejected_and_the_known_ones_are_named()
    {
        await Behaviour.Run(
            setup => setup.Add("w", async () =>
            {
                Workflow.Updates["mine"] = WorkflowUpdateDefinition.CreateWithoutAttribute("mine", () => Task.FromResult(1));
                await Script.HearAsync("end");
            }),
            async run =>
            {
                var workflow = await run.StartAsync("w");
                var failed = await Assert.ThrowsExactlyAsync<WorkflowUpdateFailedException>(() => workflow.ExecuteUpdateAsync("other", []));
                Assert.Contains("'other'", failed.InnerException!.Message);
                Assert.Contains("mine", failed.InnerException.Message);
                Assert.AreEqual(1, await workflow.ExecuteUpdateAsync<int>("mine", []));
            });
    }

    [TestMethod]
    public async Task Arguments_that_can_not_be_read_reject_it()
    {
        await Behaviour.Run<Account>(async run =>
        {
            var workflow = await run.StartAsync((Account a) => a.RunAsync());
            await Assert.ThrowsExactlyAsync<WorkflowUpdateFailedException>(() => workflow.ExecuteUpdateAsync("Deposit", ["much"]));
            await Assert.ThrowsExactlyAsync<WorkflowUpdateFailedException>(() => workflow.ExecuteUpdateAsync("Deposit", []));
            Assert.HasCount(0, await run.EventsAsync<WorkflowUpdateAccepted>("w"));
        });
    }

    [TestMethod]
    public async Task Validator_only_looks_and_gets_values_of_its_own()
    {
        await Behaviour.Run<Account>(async run =>
        {
            var workflow = await run.StartAsync((Account a) => a.RunAsync());
            Assert.AreEqual("a b", await workflow.ExecuteUpdateAsync(a => a.JoinAsync(new List<string> { "a", "b" })));
            Assert.HasCount(0, await run.EventsAsync<TimerStarted>("w"));
        });
    }

    [TestMethod]
    public async Task Validator_that_starts_something_blocks_the_workflow()
    {
        await Behaviour.Run<Account>(async run =>
        {
            var workflow = await run.StartAsync((Account a) => a.RunAsync());
            await Assert.ThrowsExactlyAsync<WorkflowUpdateRpcTimeoutOrCanceledException>(() => workflow.ExecuteUpdateAsync(
                a => a.JoinAsync(new List<string>()), new() { Rpc = new() { Timeout = TimeSpan.FromMinutes(1) } }));
            Assert.Contains("validator", (await workflow.DescribeAsync()).BlockedReason!);
        });
    }

    [TestMethod]
    public async Task Same_id_is_the_same_update()
    {
        await Behaviour.Run<Account>(async run =>
        {
            var workflow = await run.StartAsync((Account a) => a.RunAsync());
            for (var i = 0; i < 3; i++)
            {
                Assert.AreEqual(5, await workflow.ExecuteUpdateAsync(a => a.DepositAsync(5), new WorkflowUpdateOptions("once")));
            }

            await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => workflow.ExecuteUpdateAsync(a => a.DepositAsync(1), new() { Id = "again" })));
            Assert.AreEqual(6, await workflow.QueryAsync(a => a.Balance));
            var accepted = await run.EventsAsync<WorkflowUpdateAccepted>("w");
            Assert.AreEqual("once again", string.Join(" ", accepted.Select(static u => u.UpdateId)));
            Assert.AreEqual("client", accepted[0].Identity);
        });
    }

    [TestMethod]
    public async Task Update_in_the_first_task_runs_before_the_first_line()
    {
        await Behaviour.Run<Account>(async run =>
        {
            var workflow = run.Client.GetWorkflowHandle<Account>("w");
            var start = run.StartAsync((Account a) => a.RunAsync());
            var update = workflow.ExecuteUpdateAsync(a => a.DepositAsync(7));
            await start;
            Assert.AreEqual(7, await update);
            Assert.AreEqual(7, await workflow.QueryAsync(a => a.AtFirstLine));
        });
    }

    [TestMethod]
    public async Task Handlers_that_wait_may_overlap_and_each_knows_its_update()
    {
        await Behaviour.Run<Account>(async run =>
        {
            var workflow = await run.StartAsync((Account a) => a.RunAsync());
            var names = await Task.WhenAll(
                workflow.ExecuteUpdateAsync(a => a.WhoAmIAsync(2), new("first")),
                workflow.ExecuteUpdateAsync(a => a.WhoAmIAsync(1), new("second")));
            Assert.AreEqual("first/WhoAmI second/WhoAmI", string.Join(" ", names));
            Assert.AreEqual("none", await workflow.QueryAsync(a => a.CurrentUpdate));
        });
    }

    [TestMethod]
    public async Task Update_by_signal_and_update_in_one_task_keep_their_order()
    {
        await Behaviour.Run<Account>(async run =>
        {
            var workflow = await run.StartAsync((Account a) => a.RunAsync());
            var results = Task.WhenAll(
                workflow.ExecuteUpdateAsync(a => a.DepositAsync(1)), workflow.ExecuteUpdateAsync(a => a.DepositAsync(2)), workflow.ExecuteUpdateAsync(a => a.DepositAsync(3)));
            CollectionAssert.AreEquivalent(new[] { 1, 3, 6 }, await results);
        });
    }

    [TestMethod]
    public async Task Handlers_can_be_added_and_removed_as_the_code_goes()
    {
        await Behaviour.Run(
            setup => setup.Add("w", async () =>
            {
                Workflow.Updates["mine"] = WorkflowUpdateDefinition.CreateWithoutAttribute(
                    "mine", (int a) => Task.FromResult(a + 1), (int a) => ArgumentOutOfRangeException.ThrowIfNegative(a), HandlerUnfinishedPolicy.Abandon, "adds one");
                Workflow.DynamicUpdate = WorkflowUpdateDefinition.CreateWithoutAttribute(null, static (string name, IRawValue[] _) => Task.FromResult($"any {name}"));
                await Script.HearAsync("remove");
                Workflow.Updates.Remove("mine");
                await Script.HearAsync("end");
                Workflow.DynamicUpdate = null;
                await Script.HearAsync("finish");
            }),
            async run =>
            {
                var workflow = await run.StartAsync("w");
                Assert.AreEqual(3, await workflow.ExecuteUpdateAsync<int>("mine", [2]));
                await Assert.ThrowsExactlyAsync<WorkflowUpdateFailedException>(() => workflow.ExecuteUpdateAsync("mine", [-2]));
                Assert.AreEqual("any thing", await workflow.ExecuteUpdateAsync<string>("thing", []));
                await workflow.SignalAsync(s => s.TellAsync("remove"));
                Assert.AreEqual("any mine", await workflow.ExecuteUpdateAsync<string>("mine", []));
                await workflow.SignalAsync(s => s.TellAsync("end"));
                await Assert.ThrowsExactlyAsync<WorkflowUpdateFailedException>(() => workflow.ExecuteUpdateAsync("mine", [1]));
                await Assert.ThrowsExactlyAsync<WorkflowUpdateFailedException>(() => workflow.ExecuteUpdateAsync("__temporal_thing", []));
            });
    }

    [TestMethod]
    public async Task Update_of_a_closed_or_unknown_workflow_is_refused()
    {
        await Behaviour.Run<Account>(async run =>
        {
            var workflow = await run.StartAsync((Account a) => a.RunAsync());
            await workflow.TerminateAsync();
            var refused = await Assert.ThrowsExactlyAsync<RpcException>(() => workflow.ExecuteUpdateAsync(a => a.DepositAsync(1)));
            Assert.AreEqual(RpcException.StatusCode.NotFound, refused.Code);
            refused = await Assert.ThrowsExactlyAsync<RpcException>(() => run.Client.GetWorkflowHandle("nobody").ExecuteUpdateAsync("Deposit", [1]));
            Assert.AreEqual(RpcException.StatusCode.NotFound, refused.Code);
            refused = await Assert.ThrowsExactlyAsync<RpcException>(() => workflow.GetUpdateHandle("unheard").GetResultAsync());
            Assert.AreEqual(RpcException.StatusCode.NotFound, refused.Code);
        });
    }

    [TestMethod]
    [DataRow(WorkflowUpdateStage.None)]
    [DataRow(WorkflowUpdateStage.Admitted)]
    public async Task Stages_that_can_not_be_waited_for_are_refused(WorkflowUpdateStage stage)
    {
        await Behaviour.Run<Account>(async run =>
        {
            var workflow = await run.StartAsync((Account a) => a.RunAsync());
            await Assert.ThrowsExactlyAsync<ArgumentException>(() => workflow.StartUpdateAsync(a => a.DepositAsync(1), new WorkflowUpdateStartOptions(stage)));
            Assert.HasCount(0, await run.EventsAsync<WorkflowUpdateAccepted>("w"));
        });
    }

    [TestMethod]
    public void Definitions_say_what_they_are()
    {
        var definition = WorkflowDefinition.Create<Account>();
        var named = definition.Updates["other name"];
        Assert.AreEqual("other name: adds, False", $"{named.Name}: {named.Description}, {named.Dynamic}");
        Assert.AreEqual(HandlerUnfinishedPolicy.Abandon, definition.Updates["DepositLater"].UnfinishedPolicy);
        Assert.IsTrue(definition.DynamicUpdate!.Dynamic);
        Assert.AreEqual("Deposit", WorkflowUpdateDefinition.FromMethod(typeof(Account).GetMethod(nameof(Account.DepositAsync))!).Name);
    }

    [Workflow]
    public class Account
    {
        [WorkflowQuery]
        public int Balance { get; private set; }

        [WorkflowQuery]
        public int AtFirstLine { get; private set; }

        [WorkflowQuery]
        public string CurrentUpdate => Workflow.CurrentUpdateInfo?.Id ?? "none";

        [WorkflowRun]
        public async Task RunAsync()
        {
            AtFirstLine = Balance;
            await Workflow.WaitConditionAsync(static () => false);
        }

        [WorkflowUpdate]
        public Task<int> DepositAsync(int amount) => Task.FromResult(Balance += amount);

        [WorkflowUpdateValidator(nameof(DepositAsync))]
        public void CheckDeposit(int amount)
        {
            if (amount < 0)
            {
                throw new ApplicationFailureException("negative");
            }
        }

        [WorkflowUpdate(UnfinishedPolicy = HandlerUnfinishedPolicy.Abandon)]
        public async Task<int> DepositLaterAsync(int amount)
        {
            await Workflow.DelayAsync(TimeSpan.FromMinutes(1));
            return Balance += amount;
        }

        [WorkflowUpdate]
        public Task ClearAsync()
        {
            Balance = 0;
            return Task.CompletedTask;
        }

        [WorkflowUpdate("other name", Description = "adds")]
        public Task<int> UnderAnotherNameAsync(int amount) => DepositAsync(amount);

        [WorkflowUpdate]
        public Task<string> JoinAsync(List<string> words) => Task.FromResult(string.Join(" ", words));

        [WorkflowUpdateValidator(nameof(JoinAsync))]
        public void SpoilWords(List<string> words)
        {
            if (words.Count == 0)
            {
                _ = Workflow.DelayAsync(1);
            }

            words.Clear();
        }

        [WorkflowUpdate]
        public async Task<string> WhoAmIAsync(int minutes)
        {
            await Workflow.DelayAsync(TimeSpan.FromMinutes(minutes));
            var info = Workflow.CurrentUpdateInfo!;
            return $"{info.Id}/{info.Name}";
        }

        [WorkflowUpdate(Dynamic = true)]
        public Task<string> AnyAsync(string name, IRawValue[] args) =>
            Task.FromResult(string.Join(" ", args.Select(static a => Workflow.PayloadConverter.ToValue<object>(a)).Prepend(name)));
    }
}
