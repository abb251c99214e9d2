using Microsoft.Extensions.Time.Testing;
using Serverless.Client;
using Serverless.Engine;
using Serverless.Storage.Memory;
using Serverless.Workflows;

namespace Serverless.Tests.Engine;

/// <summary>A query that comes before the messages it depends on does their work, with nothing in a queue behind it.</summary>
[TestClass]
public sealed class QueryTests
{
    [TestMethod]
    public async Task Query_that_does_the_first_task_is_answered_while_the_work_goes_on_and_leaves_it_to_others_if_the_process_dies()
    {
        var time = new FakeTimeProvider(new DateTimeOffset(2026, 11, 23, 12, 0, 0, TimeSpan.Zero));
        var memory = new MemoryHubStore(time);
        var first = new FaultyHubStore(memory, static (_, _) => Fault.None) { IsDeaf = true };
        var code = new ActivityTests.WaitingSteps();
        await using var host = new EngineHost([typeof(Waits)], code, store: first, time: time);
        await host.StartAsync("Waits", "w", false);

        Assert.AreEqual("begun", await host.QueryAsync<string>("w", "State").WaitAsync(TimeSpan.FromSeconds(20)));
        await host.UntilAsync(() => Task.FromResult(code.Attempts == 1), "the activity");

        // The start's own message finds all done and goes.
        var message = (await memory.Queues.ReceiveAsync(QueueNames.Workflows, 1, TimeSpan.FromSeconds(30), default)).Single();
        await host.Engine.Handlers.HandleWorkflowAsync(new QueueDelivery(message.Body, 1, false), default).WaitAsync(TimeSpan.FromSeconds(20));
        Assert.IsTrue(await memory.Queues.DeleteAsync(message.Receipt, default));

        first.Kill();
        await using var second = new EngineHost([typeof(Waits)], code, EngineHost.Options with { Identity = "second" }, memory, time);
        await second.UntilAsync(() => Task.FromResult(code.Attempts == 2), "the activity to be run again");
        await second.Engine.Service.TerminateAsync(new WorkflowRef("w"), null, [], default);
    }

    [Workflow]
    public class Waits
    {
        [WorkflowQuery]
        public string State { get; private set; } = "new";

        [WorkflowRun]
        public async Task RunAsync()
        {
            State = "begun";
            await Workflow.ExecuteActivityAsync((ActivityTests.WaitingSteps s) => s.WaitAsync(), new() { StartToCloseTimeout = TimeSpan.FromHours(1) });
        }
    }
}
