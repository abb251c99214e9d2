using Serverless.Client;
using Serverless.Exceptions;
using Serverless.History;
using Serverless.Workflows;

namespace Serverless.Tests.Engine;

/// <summary>A definition may say that a mismatch with history fails the workflow instead of blocking it.</summary>
[TestClass]
public sealed class NondeterminismFailureTests
{
    [TestMethod]
    [DataRow(nameof(Declared))]
    [DataRow(nameof(DeclaredByBase))]
    public async Task Declared_mismatch_fails_the_workflow(string type)
    {
        await using var host = new EngineHost([typeof(Declared), typeof(DeclaredByBase)], options: EngineHost.Options with { CachedRuns = 0 });
        var workflow = host.Client.GetWorkflowHandle("w");
        await host.StartAsync(type, "w", false);

        var failed = await Assert.ThrowsExactlyAsync<WorkflowFailedException>(() => workflow.GetResultAsync());

        var cause = Assert.IsInstanceOfType<ApplicationFailureException>(failed.InnerException);
        Assert.AreEqual(nameof(WorkflowNondeterminismException), cause.ErrorType);
        StringAssert.Contains(cause.Message, "TimerStarted");
        var events = await host.Engine.Reader.ReadHistoryAsync(new WorkflowRef("w"), 0, TimeSpan.Zero, default);
        Assert.IsTrue(events[^1] is WorkflowFailed { WithoutTask: true });
        CollectionAssert.AreEqual(Enumerable.Range(1, events.Count).Select(static i => (long)i).ToArray(), events.Select(static e => e.Id).ToArray());
    }

    [Workflow(FailureExceptionTypes = [typeof(WorkflowNondeterminismException)])]
    public class Declared
    {
        [WorkflowRun]
        public Task RunAsync() => OtherOnReplayAsync();
    }

    [Workflow(FailureExceptionTypes = [typeof(Exception)])]
    public class DeclaredByBase
    {
        [WorkflowRun]
        public Task RunAsync() => OtherOnReplayAsync();
    }

    private static async Task OtherOnReplayAsync()
    {
        if (!Workflow.Unsafe.IsReplaying)
        {
            await Workflow.DelayAsync(1000);
        }

        await Workflow.WaitConditionAsync(() => false);
    }
}
