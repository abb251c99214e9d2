using Core.Tests.Common;
using Serverless.Common;
using Serverless.Converters;
using Serverless.History;
using Serverless.Replay;
using Serverless.Workflows;

namespace Serverless.Tests.Replay;

[TestClass]
public sealed class MetricsTests
{
    private const string Tags = "namespace=default,task_queue=default,workflow_type=Shop";

    [TestMethod]
    public void What_the_code_measures_is_measured_once_and_not_in_replay()
    {
        using var seen = new Measurements();
        using var executor = Executor(seen);

        var first = executor.RunTask(Task(Started));
        var second = executor.RunTask(Task(ExecutorHarness.Signal("Order", 3)));
        var live = seen.Lines;
        using var replayed = Executor(seen);
        replayed.Replay([.. first.Events, .. second.Events]);

        CollectionAssert.AreEqual(
            new[]
            {
                $"Counter long opened  1 [{Tags}]",
                $"Counter long orders  3 [{Tags},kind=signal]",
                $"Histogram double wait s 2 [{Tags}]",
                $"Gauge long open  3 [{Tags},shift=late,desk=1]",
            },
            live);
        CollectionAssert.AreEqual(live, seen.Lines);
    }

    [TestMethod]
    public void A_query_measures_nothing_but_a_validator_does()
    {
        using var seen = new Measurements();
        using var executor = Executor(seen);
        executor.RunTask(Task(Started));
        var before = seen.Lines.Length;

        Assert.AreEqual(0, ExecutorHarness.Of<int>(executor.Query("Count", [], WorkflowStarted.Empty)));
        Assert.HasCount(before, seen.Lines);
        executor.RunTask(Task(ExecutorHarness.Update("u", "Add", -1)));

        Assert.AreEqual($"Counter long refused  1 [{Tags}]", seen.Lines[^1]);
    }

    [TestMethod]
    public void Code_of_an_abandoned_run_measures_nothing()
    {
        using var seen = new Measurements();
        using var executor = Executor(seen);
        executor.RunTask(Task(Started));
        var before = seen.Lines.Length;

        executor.Abandon();
        Shop.Last!.Measure();

        Assert.HasCount(before, seen.Lines);
    }

    [TestMethod]
    public void Types_that_are_no_numbers_are_refused_in_replay_as_well()
    {
        using var seen = new Measurements();
        using var run = ExecutorHarness.Of(
            async () => (await ExecutorHarness.CaughtAsync(() => System.Threading.Tasks.Task.FromResult(Workflow.MetricMeter.CreateCounter<Guid>("x")))).GetType().Name,
            o => o with { MetricMeter = seen.User });

        run.Run();

        Assert.AreEqual(nameof(ArgumentException), run.Result<string>());
    }

    private static WorkflowStarted Started => new("Shop", "default", []) { Time = ExecutorHarness.Begin, RunId = "r", FirstRunId = "r", RandomSeed = 1 };

    private static WorkflowTaskInput Task(InputEvent input) => new([input], ExecutorHarness.Begin, "test", null, 0);

    private static WorkflowExecutor Executor(Measurements seen) => new(
        "wf",
        WorkflowDefinition.Create<Shop>(),
        Started,
        new ExecutorOptions(
            DataConverter.Default.PayloadConverter,
            DataConverter.Default.FailureConverter,
            Microsoft.Extensions.Logging.Abstractions.NullLoggerFactory.Instance) { MetricMeter = seen.User });

    [Workflow]
    public class Shop
    {
        private MetricCounter<int>? _late;
        private int _count;

        internal static Shop? Last { get; private set; }

        [WorkflowRun]
        public Task RunAsync()
        {
            Last = this;
            _late = Workflow.MetricMeter.CreateCounter<int>("late");
            Workflow.MetricMeter.CreateCounter<int>("opened").Add(1);
            return Workflow.WaitConditionAsync(() => _count > 10);
        }

        [WorkflowSignal]
        public Task OrderAsync(int count)
        {
            _count += count;
            Workflow.MetricMeter.CreateCounter<int>("orders").Add(count, [new("kind", "signal")]);
            Workflow.MetricMeter.CreateHistogram<TimeSpan>("wait").Record(TimeSpan.FromSeconds(2));
            Workflow.MetricMeter.WithTags([new("shift", "late")]).CreateGauge<int>("open").WithTags([new("desk", 1)]).Set(_count);
            return System.Threading.Tasks.Task.CompletedTask;
        }

        [WorkflowQuery]
        public int Count()
        {
            Workflow.MetricMeter.CreateCounter<int>("asked").Add(1);
            return _count;
        }

        [WorkflowUpdateValidator(nameof(AddAsync))]
        public void CheckAdd(int count)
        {
            if (count < 0)
            {
                Workflow.MetricMeter.CreateCounter<int>("refused").Add(1);
                throw new ArgumentException("negative");
            }
        }

        [WorkflowUpdate]
        public Task AddAsync(int count)
        {
            _count += count;
            return System.Threading.Tasks.Task.CompletedTask;
        }

        internal void Measure() => _late!.Add(1);
    }
}
