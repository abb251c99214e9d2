using Microsoft.Extensions.Time.Testing;
using Serverless.Activities;
using Serverless.Functions.Hosting;
using Serverless.Replay;

namespace App.Tests.Hosting;

[TestClass]
public sealed class PoolCodeRunnerTests
{
    private static readonly AsyncLocal<string?> s_ambient = new();

    [TestMethod]
    public async Task Run_CodeOfWorkflowsAndActivities_SeesNothingThatIsAmbientHere()
    {
        s_ambient.Value = "here";
        var runner = new PoolCodeRunner(TimeProvider.System);
        string? inActivity = "not run";

        Assert.IsNull(await runner.RunWorkflowAsync("Code", TimeSpan.FromSeconds(10), () => s_ambient.Value));
        await runner.RunActivityAsync(() =>
        {
            inActivity = s_ambient.Value;
            return Task.FromResult<ActivityOutcome>(new ActivityOutcome.WillCompleteAsync());
        });

        Assert.IsNull(inActivity);
        Assert.AreEqual("here", s_ambient.Value);
    }

    [TestMethod]
    public async Task RunWorkflow_CodeThatDoesNotReturn_IsReportedAsADeadlock()
    {
        var time = new FakeTimeProvider();
        using var entered = new ManualResetEventSlim();
        using var gate = new ManualResetEventSlim();
        var running = new PoolCodeRunner(time).RunWorkflowAsync("Looping 'w'", TimeSpan.FromSeconds(3), () =>
        {
            entered.Set();
            gate.Wait();
            return 1;
        });
        entered.Wait();
        time.Advance(TimeSpan.FromSeconds(3));
        var e = await Assert.ThrowsExactlyAsync<WorkflowTaskFailedException>(() => running);
        Assert.AreEqual(WorkflowTaskFailedCause.Deadlock, e.Cause);
        StringAssert.Contains(e.Message, "Looping 'w' did not give control back within 3 s.");
        StringAssert.Contains(e.Message, "TaskTimeout");
        gate.Set();
    }
}
