using Microsoft.Extensions.Time.Testing;
using Serverless.Functions.Hosting;
using Serverless.Replay;

namespace App.Tests.Hosting;

[TestClass]
public sealed class PoolCodeRunnerTests
{
    [TestMethod]
    public async Task RunWorkflow_CodeThatDoesNotReturn_IsReportedAsADeadlock()
    {
        var time = new FakeTimeProvider();
        using var entered = new ManualResetEventSlim();
        using var gate = new ManualResetEventSlim();
        var running = new PoolCodeRunner(time).RunWorkflowAsync("Looping 'w'", () =>
        {
            entered.Set();
            gate.Wait();
            return 1;
        });
        entered.Wait();
        time.Advance(PoolCodeRunner.Limit);
        var e = await Assert.ThrowsExactlyAsync<WorkflowTaskFailedException>(() => running);
        Assert.AreEqual(WorkflowTaskFailedCause.Deadlock, e.Cause);
        StringAssert.Contains(e.Message, "Looping 'w'");
        gate.Set();
    }
}
