using Microsoft.Extensions.Logging.Abstractions;
using Serverless.Activities;
using Serverless.Client;
using Serverless.Engine;
using Serverless.History;

namespace Serverless.Tests.Engine;

[TestClass]
public sealed class TaskTimeoutTests
{
    [TestMethod]
    [DataRow(null, 10.0)]
    [DataRow(3.0, 3.0)]
    [DataRow(60.0, 60.0)]
    [DataRow(600.0, 120.0)]
    public async Task Code_may_keep_control_for_the_task_time_out_of_its_run(double? asked, double given)
    {
        var runner = new NotingRunner();
        await using var host = new EngineHost([typeof(Collector)]);
        using var engine = new WorkflowEngine(
            EngineHost.Options, host.Store, host.Code with { Runner = runner }, host.Time, new Random(1), NullLoggerFactory.Instance);
        var started = new WorkflowStarted("Collector", "default", []) { TaskTimeout = asked is { } s ? TimeSpan.FromSeconds(s) : null };
        await engine.Service.StartAsync(new StartRequest("w", started) { Eager = true }, default);
        await engine.Service.QueryAsync(new WorkflowRef("w"), "Count", [], WorkflowStarted.Empty, default);
        CollectionAssert.AreEqual(new[] { TimeSpan.FromSeconds(given) }, runner.Limits.Distinct().ToList());
    }

    private sealed class NotingRunner : ICodeRunner
    {
        private readonly InPlaceCodeRunner _inner = new();

        public List<TimeSpan> Limits { get; } = [];

        public Task<T> RunWorkflowAsync<T>(CodeOwner owner, TimeSpan limit, Func<T> code)
        {
            Limits.Add(limit);
            return _inner.RunWorkflowAsync(owner, limit, code);
        }

        public Task<ActivityOutcome> RunActivityAsync(Func<Task<ActivityOutcome>> code) => _inner.RunActivityAsync(code);
    }
}
