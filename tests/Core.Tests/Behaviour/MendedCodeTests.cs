using Serverless.Activities;
using Serverless.Client;
using Serverless.Exceptions;
using Serverless.Workflows;

namespace Serverless.Tests.Behaviour;

/// <summary>What arrives while bad code blocks its workflow is not lost: mended code gets it.</summary>
[TestClass]
public sealed class MendedCodeTests
{
    [TestMethod]
    [DataRow("timer")]
    [DataRow("activity")]
    [DataRow("local activity")]
    [DataRow("child")]
    [DataRow("signal to another")]
    [DataRow("signal")]
    public async Task What_the_code_fails_on_is_given_to_it_again(string what)
    {
        await RunAsync(async (run, bug) =>
        {
            var workflow = await run.StartAsync((Mended m) => m.RunAsync(what));
            await workflow.SignalAsync(m => m.GoAsync());
            await run.PassAsync(TimeSpan.FromMinutes(10));
            Assert.AreEqual("UnhandledException", (await run.LookAsync("w")).Blocked?.Cause);

            bug.IsThere = false;
            Assert.AreEqual($"{what} is done", await workflow.GetResultAsync());
        });
    }

    [TestMethod]
    public async Task What_arrives_during_a_block_is_given_to_mended_code()
    {
        await RunAsync(async (run, bug) =>
        {
            var workflow = await run.StartAsync((Mended m) => m.RunAsync("all at once"));
            await run.PassAsync(TimeSpan.FromMinutes(30));
            var seen = await run.LookAsync("w");
            Assert.AreEqual("UnhandledException", seen.Blocked?.Cause);

            bug.IsThere = false;
            Assert.AreEqual("timer, activity, child", await workflow.GetResultAsync());
        });
    }

    [TestMethod]
    public async Task Resumed_workflow_tries_at_once()
    {
        await RunAsync(async (run, bug) =>
        {
            var workflow = await run.StartAsync((Mended m) => m.RunAsync("signal"));
            Assert.IsFalse(await workflow.ResumeAsync(new WorkflowResumeOptions()));
            await workflow.SignalAsync(m => m.GoAsync());
            await run.PassAsync(TimeSpan.FromMinutes(10));
            var blocked = (await run.LookAsync("w")).Blocked!;

            // Still bad: it is blocked as before, and waits for its turn again.
            Assert.IsTrue(await workflow.ResumeAsync());
            var still = (await run.LookAsync("w")).Blocked!;
            Assert.AreEqual((blocked.Attempts + 1, blocked.Since), (still.Attempts, still.Since));
            bug.IsThere = false;
            var now = run.Now;
            Assert.IsTrue(await workflow.ResumeAsync());
            Assert.AreEqual("signal is done", await workflow.GetResultAsync());
            Assert.AreEqual(now, run.Now);
            await Assert.ThrowsExactlyAsync<RpcException>(() => workflow.ResumeAsync());
        });
    }

    [TestMethod]
    public async Task Batch_resumes_what_is_blocked()
    {
        await RunAsync(async (run, bug) =>
        {
            var workflow = await run.StartAsync((Mended m) => m.RunAsync("signal"));
            await run.StartAsync((Mended m) => m.RunAsync("signal"), new("other"));
            await workflow.SignalAsync(m => m.GoAsync());
            await run.PassAsync(TimeSpan.FromMinutes(10));
            bug.IsThere = false;
            var now = run.Now;
            var batch = await run.Client.StartBatchAsync(new("WorkflowType = 'Mended'", BatchAction.Resume));
            Assert.AreEqual("signal is done", await workflow.GetResultAsync());
            Assert.IsTrue(run.Now - now < TimeSpan.FromSeconds(1));
            var result = await batch.GetResultAsync();
            Assert.AreEqual((2L, 0L), (result.Done, result.Failed));
        });
    }

    private static Task RunAsync(Func<BehaviourRun, Bug, Task> body)
    {
        Bug bug = null!;
        return Behaviour.Run(
            setup =>
            {
                bug = new Bug();
                var mine = bug;
                setup.Add(WorkflowDefinition.Create(typeof(Mended), null, _ => new Mended(mine))).Add<Quick>().AddActivities(new Works());
            },
            run => body(run, bug));
    }

    public sealed class Bug
    {
        public bool IsThere { get; set; } = true;

        public void Bite()
        {
            if (IsThere)
            {
                throw new InvalidOperationException("a bug");
            }
        }
    }

    public sealed class Works
    {
        [Activity]
        public int Work() => 1;
    }

    [Workflow]
    public class Quick
    {
        [WorkflowRun]
        public async Task RunAsync() => await Workflow.DelayAsync(TimeSpan.FromMinutes(2));

        [WorkflowSignal]
        public Task PokeAsync() => Task.CompletedTask;
    }

    [Workflow]
    public class Mended(Bug bug)
    {
        private static readonly ActivityOptions Options = new() { StartToCloseTimeout = TimeSpan.FromMinutes(1) };
        private bool _go;

        [WorkflowRun]
        public async Task<string> RunAsync(string what)
        {
            switch (what)
            {
                case "timer":
                    await Workflow.DelayAsync(TimeSpan.FromMinutes(3));
                    break;
                case "activity":
                    await Workflow.ExecuteActivityAsync((Works w) => w.Work(), Options);
                    break;
                case "local activity":
                    await Workflow.ExecuteLocalActivityAsync((Works w) => w.Work(), new() { StartToCloseTimeout = TimeSpan.FromMinutes(1) });
                    break;
                case "child":
                    await Workflow.StartChildWorkflowAsync((Quick q) => q.RunAsync());
                    break;
                case "signal to another":
                    await Workflow.GetExternalWorkflowHandle<Quick>("w").SignalAsync(q => q.PokeAsync());
                    break;
                case "signal":
                    await Workflow.WaitConditionAsync(() => _go);
                    break;
                default:
                    return await AllAtOnceAsync();
            }

            bug.Bite();
            return $"{what} is done";
        }

        [WorkflowSignal]
        public Task GoAsync()
        {
            _go = true;
            return Task.CompletedTask;
        }

        private async Task<string> AllAtOnceAsync()
        {
            var timer = Workflow.DelayAsync(TimeSpan.FromMinutes(3));
            var child = Workflow.ExecuteChildWorkflowAsync((Quick q) => q.RunAsync());
            await Workflow.DelayAsync(TimeSpan.FromMinutes(1));
            var activity = Workflow.ExecuteActivityAsync((Works w) => w.Work(), Options);
            bug.Bite();
            await activity;
            await Workflow.WhenAllAsync(timer, child);
            return "timer, activity, child";
        }
    }
}
