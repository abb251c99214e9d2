using Serverless.Converters;
using Serverless.History;
using Serverless.Worker.Interceptors;
using Serverless.Workflows;

namespace Serverless.Tests.Replay;

[TestClass]
public sealed class InterceptorTests
{
    private static readonly ActivityOptions Minute = new() { StartToCloseTimeout = TimeSpan.FromMinutes(1) };

    [TestMethod]
    public void Calls_pass_all_interceptors_inwards_and_what_the_code_asks_for_passes_them_outwards()
    {
        var log = new List<string>();
        using var run = Watched<Busy>(log, "a", "b");

        run.Run();
        CollectionAssert.AreEqual(new[] { "a run", "b run" }, Live(log, 2));
        run.Run(ExecutorHarness.Signal("Go", 1), ExecutorHarness.Update("u", "Add", 2));
        CollectionAssert.AreEqual(
            new[] { "a signal Go", "b signal Go", "a validate Add", "b validate Add", "a update Add", "b update Add", "b Pay", "a Pay" }, Live(log, 8));
        Assert.AreEqual(3, run.Query<int>("Sum"));
        CollectionAssert.AreEqual(new[] { "a query Sum", "b query Sum" }, log.FindAll(static line => line.Contains("query", StringComparison.Ordinal))[..2]);
    }

    [TestMethod]
    public void What_an_interceptor_changes_is_what_happens()
    {
        using var run = Watched<Busy>([], "a");

        run.Run();
        run.Run(ExecutorHarness.Signal("Go", 1));
        Assert.AreEqual("by a", ExecutorHarness.Of<string>(run.Last<ActivityScheduled>().Headers["seen"]));
    }

    [TestMethod]
    public void Without_headers_of_its_own_a_step_carries_those_of_the_start()
    {
        var headers = new Dictionary<string, Payload> { ["trace"] = ExecutorHarness.Value("t1") };
        using var run = new ExecutorHarness(WorkflowDefinition.Create<Busy>(), [], started => started with { Headers = headers });

        run.Run();
        run.Run(ExecutorHarness.Signal("Go", 1));
        Assert.AreEqual("t1", ExecutorHarness.Of<string>(run.Last<ActivityScheduled>().Headers["trace"]));
    }

    private static ExecutorHarness Watched<T>(List<string> log, params string[] names) => new(
        WorkflowDefinition.Create<T>(), [], null, o => o with { Interceptors = [.. names.Select(name => new Watcher(name, log))] });

    /// <summary>The harness runs each task in a second, replayed executor: what came first is the live one's.</summary>
    private static string[] Live(List<string> log, int count)
    {
        var first = log.Take(count).ToArray();
        log.Clear();
        return first;
    }

    [Workflow]
    public class Busy
    {
        private int _sum;

        [WorkflowQuery]
        public int Sum => _sum;

        [WorkflowRun]
        public async Task RunAsync()
        {
            await Workflow.WaitConditionAsync(() => _sum > 0);
            await Workflow.ExecuteActivityAsync("Pay", [_sum], Minute);
        }

        [WorkflowSignal]
        public Task GoAsync(int by) => AddAsync(by);

        [WorkflowUpdate]
        public Task AddAsync(int by)
        {
            _sum += by;
            return Task.CompletedTask;
        }
    }

    private sealed class Watcher(string name, List<string> log) : IWorkerInterceptor
    {
        public WorkflowInboundInterceptor InterceptWorkflow(WorkflowInboundInterceptor nextInterceptor) => new Inbound(nextInterceptor, name, log);
    }

    private sealed class Inbound(WorkflowInboundInterceptor next, string name, List<string> log) : WorkflowInboundInterceptor(next)
    {
        public override void Init(WorkflowOutboundInterceptor outbound) => base.Init(new Outbound(outbound, name, log));

        public override Task<object?> ExecuteWorkflowAsync(ExecuteWorkflowInput input)
        {
            Note("run");
            return base.ExecuteWorkflowAsync(input);
        }

        public override Task HandleSignalAsync(HandleSignalInput input)
        {
            Note("signal " + input.Signal);
            return base.HandleSignalAsync(input);
        }

        public override object? HandleQuery(HandleQueryInput input)
        {
            Note("query " + input.Query);
            return base.HandleQuery(input);
        }

        public override void ValidateUpdate(HandleUpdateInput input)
        {
            Note("validate " + input.Update);
            base.ValidateUpdate(input);
        }

        public override Task<object?> HandleUpdateAsync(HandleUpdateInput input)
        {
            Note("update " + input.Update);
            return base.HandleUpdateAsync(input);
        }

        private void Note(string what)
        {
            if (!Workflow.Unsafe.IsReplaying)
            {
                log.Add($"{name} {what}");
            }
        }
    }

    private sealed class Outbound(WorkflowOutboundInterceptor next, string name, List<string> log) : WorkflowOutboundInterceptor(next)
    {
        public override Task<TResult> ScheduleActivityAsync<TResult>(ScheduleActivityInput input)
        {
            if (!Workflow.Unsafe.IsReplaying)
            {
                log.Add($"{name} {input.Activity}");
            }

            var headers = new Dictionary<string, Payload> { ["seen"] = ExecutorHarness.Value("by " + name) };
            return base.ScheduleActivityAsync<TResult>(input with { Headers = headers });
        }
    }
}
