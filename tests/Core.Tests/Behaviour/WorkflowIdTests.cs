using Serverless.Api.Enums.V1;
using Serverless.Client;
using Serverless.Exceptions;
using Serverless.Workflows;

namespace Serverless.Tests.Behaviour;

/// <summary>Starts whose id is in use: by a closed workflow (reuse policy) and by a running one (conflict policy).</summary>
[TestClass]
public sealed class WorkflowIdTests
{
    [TestMethod]
    [DataRow(WorkflowIdReusePolicy.Unspecified, "completed", true)]
    [DataRow(WorkflowIdReusePolicy.AllowDuplicate, "completed", true)]
    [DataRow(WorkflowIdReusePolicy.AllowDuplicate, "failed", true)]
    [DataRow(WorkflowIdReusePolicy.AllowDuplicateFailedOnly, "completed", false)]
    [DataRow(WorkflowIdReusePolicy.AllowDuplicateFailedOnly, "failed", true)]
    [DataRow(WorkflowIdReusePolicy.AllowDuplicateFailedOnly, "cancelled", true)]
    [DataRow(WorkflowIdReusePolicy.AllowDuplicateFailedOnly, "terminated", true)]
    [DataRow(WorkflowIdReusePolicy.AllowDuplicateFailedOnly, "timed out", true)]
    [DataRow(WorkflowIdReusePolicy.RejectDuplicate, "completed", false)]
    [DataRow(WorkflowIdReusePolicy.RejectDuplicate, "failed", false)]
    [DataRow(WorkflowIdReusePolicy.RejectDuplicate, "terminated", false)]
    [DataRow(WorkflowIdReusePolicy.TerminateIfRunning, "completed", true)]
    public async Task Reuse_policy_decides_about_a_closed_workflow(WorkflowIdReusePolicy policy, string before, bool starts)
    {
        await Behaviour.Run<Ends>(async run =>
        {
            var first = await run.StartAsync((Ends e) => e.RunAsync(before), new("w") { RunTimeout = TimeSpan.FromMinutes(10) });
            await (before switch
            {
                "cancelled" => first.CancelAsync(),
                "terminated" => first.TerminateAsync(),
                _ => Task.CompletedTask,
            });
            await Script.FailureOf(first.GetResultAsync());

            // What to do about a running one does not matter here.
            foreach (var conflict in policy == WorkflowIdReusePolicy.TerminateIfRunning
                ? [WorkflowIdConflictPolicy.Unspecified]
                : new[] { WorkflowIdConflictPolicy.Fail, WorkflowIdConflictPolicy.UseExisting, WorkflowIdConflictPolicy.TerminateExisting })
            {
                var options = new WorkflowOptions("w") { IdReusePolicy = policy, IdConflictPolicy = conflict };
                var failure = await Script.FailureOf(run.StartAsync((Ends e) => e.RunAsync(before == "completed" ? "completed" : "failed"), options));
                Assert.AreEqual(starts, failure is null, $"{conflict}: {failure}");
                if (failure is not null)
                {
                    Assert.AreEqual($"w Ends {first.ResultRunId}", Describe((WorkflowAlreadyStartedException)failure));
                }
            }
        });
    }

    [TestMethod]
    [DataRow(WorkflowIdReusePolicy.AllowDuplicate)]
    [DataRow(WorkflowIdReusePolicy.AllowDuplicateFailedOnly)]
    [DataRow(WorkflowIdReusePolicy.RejectDuplicate)]
    public async Task Conflict_policy_decides_about_a_running_workflow_whatever_the_reuse_policy(WorkflowIdReusePolicy reuse)
    {
        await Behaviour.Run<Ends>(async run =>
        {
            var first = await run.StartAsync((Ends e) => e.RunAsync("wait"));
            foreach (var refusing in (WorkflowIdConflictPolicy[])[WorkflowIdConflictPolicy.Unspecified, WorkflowIdConflictPolicy.Fail])
            {
                var failure = await Assert.ThrowsExactlyAsync<WorkflowAlreadyStartedException>(
                    () => run.StartAsync((Ends e) => e.RunAsync("wait"), new("w") { IdReusePolicy = reuse, IdConflictPolicy = refusing }));
                Assert.AreEqual($"w Ends {first.ResultRunId}", Describe(failure));
            }

            var joined = await run.StartAsync((Ends e) => e.RunAsync("wait"), new("w") { IdReusePolicy = reuse, IdConflictPolicy = WorkflowIdConflictPolicy.UseExisting });
            Assert.AreEqual(first.ResultRunId, joined.ResultRunId);
            var second = await run.StartAsync(
                (Ends e) => e.RunAsync("completed"), new("w") { IdReusePolicy = reuse, IdConflictPolicy = WorkflowIdConflictPolicy.TerminateExisting });
            Assert.AreNotEqual(first.ResultRunId, second.ResultRunId);
            Assert.AreEqual("completed", await second.GetResultAsync());
            Assert.AreEqual(WorkflowExecutionStatus.Terminated, (await run.Client.GetWorkflowHandle("w", first.ResultRunId).DescribeAsync()).Status);
        });
    }

    [TestMethod]
    public async Task TerminateIfRunning_ends_the_running_one_and_does_not_go_with_a_conflict_policy()
    {
        await Behaviour.Run<Ends>(async run =>
        {
            var first = await run.StartAsync((Ends e) => e.RunAsync("wait"));
            var options = new WorkflowOptions("w") { IdReusePolicy = WorkflowIdReusePolicy.TerminateIfRunning };
            Assert.AreEqual("completed", await run.ExecuteAsync((Ends e) => e.RunAsync("completed"), options));
            await Assert.ThrowsExactlyAsync<WorkflowFailedException>(() => first.GetResultAsync());
            options.IdConflictPolicy = WorkflowIdConflictPolicy.UseExisting;
            await Assert.ThrowsExactlyAsync<ArgumentException>(() => run.StartAsync((Ends e) => e.RunAsync("completed"), options));
        });
    }

    [TestMethod]
    public async Task Repeated_request_is_the_same_start()
    {
        await Behaviour.Run<Ends>(async run =>
        {
            var options = new WorkflowOptions("w") { RequestId = "the same" };
            var first = await run.StartAsync((Ends e) => e.RunAsync("wait"), options);
            var second = await run.StartAsync((Ends e) => e.RunAsync("wait"), options);
            Assert.AreEqual(first.ResultRunId, second.ResultRunId);
            await run.PassAsync(TimeSpan.FromSeconds(1));
            Assert.HasCount(1, await run.AllAsync());
        });
    }

    [TestMethod]
    public async Task Eager_start_has_run_its_first_task_when_it_returns()
    {
        await Behaviour.Run<Ends>(async run =>
        {
            var eager = await run.StartAsync((Ends e) => e.RunAsync("completed"), new("w") { RequestEagerStart = true });
            Assert.AreEqual("completed", await eager.GetResultAsync());
            var waiting = await run.StartAsync((Ends e) => e.RunAsync("wait"), new("x") { RequestEagerStart = true });
            Assert.AreEqual(1, (await waiting.DescribeAsync()).PendingTimerCount);
            await Assert.ThrowsExactlyAsync<WorkflowAlreadyStartedException>(() => run.StartAsync((Ends e) => e.RunAsync("wait"), new("x") { RequestEagerStart = true }));
        });
    }

    [TestMethod]
    [DataRow("with space and ünïcödé/slash?#%")]
    [DataRow("quotes'\"\\")]
    [DataRow("a")]
    public async Task Ids_of_all_kinds_are_kept_apart(string id)
    {
        await Behaviour.Run<Ends>(async run =>
        {
            var workflow = await run.StartAsync((Ends e) => e.RunAsync("completed"), new(id));
            Assert.AreEqual("completed", await workflow.GetResultAsync());
            Assert.AreEqual(id, (await workflow.DescribeAsync()).Id);
        });
    }

    [TestMethod]
    [DataRow("")]
    [DataRow("line\nbreak")]
    public async Task Ids_that_can_not_be_stored_are_refused(string id)
    {
        await Behaviour.Run<Ends>(async run =>
        {
            Assert.IsNotNull(await Script.FailureOf(run.StartAsync((Ends e) => e.RunAsync("completed"), new(id))));
            Assert.IsNotNull(await Script.FailureOf(run.StartAsync((Ends e) => e.RunAsync("completed"), new(new string('x', 300)))));
            await run.PassAsync(TimeSpan.FromSeconds(1));
            Assert.HasCount(0, await run.AllAsync());
        });
    }

    private static string Describe(WorkflowAlreadyStartedException e) => $"{e.WorkflowId} {e.WorkflowType} {e.RunId}";

    [Workflow]
    public class Ends
    {
        [WorkflowRun]
        public async Task<string> RunAsync(string how)
        {
            await Workflow.DelayAsync(how is "completed" or "failed" ? TimeSpan.FromMilliseconds(1) : TimeSpan.FromDays(1));
            return how == "failed" ? throw new ApplicationFailureException("as told") : how;
        }
    }
}
