using Serverless.Client;
using Serverless.Engine;
using Serverless.History;
using Serverless.Workflows;

namespace Serverless.Tests.Engine;

/// <summary>A workflow that always has more to do by its own doing can be ended all the same.</summary>
[TestClass]
public sealed class SelfFloodTests
{
    [TestMethod]
    public async Task Workflow_that_sends_itself_signals_without_end_can_be_terminated()
    {
        await using var host = new EngineHost([typeof(SelfFlooding)]);
        await host.StartAsync("SelfFlooding", "w", false);
        await host.UntilAsync(async () => (await host.Engine.Reader.DescribeAsync(new WorkflowRef("w"), default)).State.LastEventId > 50, "it floods itself");

        await host.Engine.Service.TerminateAsync(new WorkflowRef("w"), "flood", [], default);

        Assert.IsInstanceOfType<WorkflowTerminated>((await host.CloseAsync("w")).Closed);
    }

    [Workflow("SelfFlooding")]
    internal sealed class SelfFlooding
    {
        private int _seen;

        [WorkflowRun]
        public async Task RunAsync()
        {
            while (true)
            {
                var seen = _seen;
                await Workflow.GetExternalWorkflowHandle<SelfFlooding>(Workflow.Info.WorkflowId).SignalAsync(w => w.AgainAsync());
                await Workflow.WaitConditionAsync(() => _seen > seen);
            }
        }

        [WorkflowSignal]
        public Task AgainAsync()
        {
            _seen++;
            return Task.CompletedTask;
        }
    }
}
