using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Serverless.Activities;
using Serverless.Engine;
using Serverless.Functions.Hosting.Code;
using Serverless.Replay;

namespace App.Tests.Hosting;

[TestClass]
public sealed class GuardedCodeRunnerTests
{
    private static readonly AsyncLocal<string?> s_ambient = new();

    private volatile bool _isMemoryShort;

    [TestMethod]
    public async Task Run_CodeOfWorkflowsAndActivities_SeesNothingThatIsAmbientHere()
    {
        s_ambient.Value = "here";
        var runner = Runner(TimeProvider.System);
        string? inActivity = "not run";

        Assert.IsNull(await runner.RunWorkflowAsync(new CodeOwner("Code", "w"), TimeSpan.FromSeconds(10), () => s_ambient.Value));
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
        var running = Runner(time).RunWorkflowAsync(new CodeOwner("Looping", "w"), TimeSpan.FromSeconds(3), () =>
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

    [TestMethod]
    public async Task RunWorkflow_WhileALostTryStillRuns_IsRefused_AndRunsAgainWhenThatHasEnded()
    {
        var time = new FakeTimeProvider();
        var runner = Runner(time);
        using var gate = new ManualResetEventSlim();
        var owner = new CodeOwner("Looping", "w");
        await LoseAsync(runner, time, owner, gate);

        var refused = await Assert.ThrowsExactlyAsync<WorkflowTaskFailedException>(() => runner.RunWorkflowAsync(owner, TimeSpan.FromSeconds(3), () => 1));
        var another = await runner.RunWorkflowAsync(new CodeOwner("Looping", "other"), TimeSpan.FromSeconds(3), () => 2);
        gate.Set();

        Assert.AreEqual(WorkflowTaskFailedCause.Deadlock, refused.Cause);
        StringAssert.Contains(refused.Message, "it is not tried again before that has ended");
        Assert.AreEqual(2, another);
        Assert.AreEqual(3, await UntilRunAsync(runner, owner, () => 3));
    }

    [TestMethod]
    public async Task RunWorkflow_OfATypeOfWhichManyAreLost_IsRefused_AndOtherTypesRun()
    {
        var time = new FakeTimeProvider();
        var runner = Runner(time);
        using var gate = new ManualResetEventSlim();
        for (var i = 0; i < GuardedCodeRunner.MaxLostOfType; i++)
        {
            await LoseAsync(runner, time, new CodeOwner("Looping", $"w{i}"), gate);
        }

        var refused = await Assert.ThrowsExactlyAsync<WorkflowTaskFailedException>(
            () => runner.RunWorkflowAsync(new CodeOwner("Looping", "next"), TimeSpan.FromSeconds(3), () => 1));
        var another = await runner.RunWorkflowAsync(new CodeOwner("Other", "next"), TimeSpan.FromSeconds(3), () => 2);
        gate.Set();

        StringAssert.Contains(refused.Message, "others of its type did not give control back");
        Assert.AreEqual(2, another);
    }

    [TestMethod]
    public async Task RunWorkflow_LongRunningWhileMemoryIsShort_IsGivenUpBeforeItsTime()
    {
        var time = new FakeTimeProvider();
        var runner = Runner(time);
        using var entered = new ManualResetEventSlim();
        var goes = true;
        var running = runner.RunWorkflowAsync(new CodeOwner("Hungry", "w"), TimeSpan.FromHours(1), () =>
        {
            entered.Set();
            while (Volatile.Read(ref goes))
            {
            }

            return 0;
        });
        entered.Wait();
        _isMemoryShort = true;
        while (!running.IsCompleted)
        {
            time.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }

        var e = await Assert.ThrowsExactlyAsync<WorkflowTaskFailedException>(() => running);
        Volatile.Write(ref goes, false);
        Assert.AreEqual(WorkflowTaskFailedCause.MemoryExhausted, e.Cause);
        StringAssert.Contains(e.Message, "Hungry 'w'");
    }

    private GuardedCodeRunner Runner(TimeProvider time) => new(time, () => _isMemoryShort, NullLogger<GuardedCodeRunner>.Instance);

    private static async Task LoseAsync(GuardedCodeRunner runner, FakeTimeProvider time, CodeOwner owner, ManualResetEventSlim gate)
    {
        using var entered = new ManualResetEventSlim();
        var running = runner.RunWorkflowAsync(owner, TimeSpan.FromSeconds(3), () =>
        {
            entered.Set();
            gate.Wait();
            return 0;
        });
        entered.Wait();
        while (!running.IsCompleted)
        {
            time.Advance(TimeSpan.FromSeconds(3));
            await Task.Yield();
        }

        await Assert.ThrowsExactlyAsync<WorkflowTaskFailedException>(() => running);
    }

    /// <summary>Tries until the lost code has ended.</summary>
    private static async Task<T> UntilRunAsync<T>(GuardedCodeRunner runner, CodeOwner owner, Func<T> code)
    {
        while (true)
        {
            try
            {
                return await runner.RunWorkflowAsync(owner, TimeSpan.FromHours(1), code);
            }
            catch (WorkflowTaskFailedException)
            {
                await Task.Yield();
            }
        }
    }
}
