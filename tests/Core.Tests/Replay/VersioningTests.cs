using Serverless.Common;
using Serverless.Converters;
using Serverless.History;
using Serverless.Replay;
using Serverless.Workflows;

namespace Serverless.Tests.Replay;

/// <summary>When a run becomes pinned, and what its code sees of builds.</summary>
[TestClass]
public sealed class VersioningTests
{
    [TestMethod]
    [DataRow(typeof(Unsaid), VersioningBehavior.Unspecified, false)]
    [DataRow(typeof(Unsaid), VersioningBehavior.AutoUpgrade, false)]
    [DataRow(typeof(Unsaid), VersioningBehavior.Pinned, true)]
    [DataRow(typeof(Pinned), VersioningBehavior.Unspecified, true)]
    [DataRow(typeof(Free), VersioningBehavior.Pinned, false)]
    [DataRow(typeof(Dynamic), VersioningBehavior.Unspecified, true)]
    public void FirstTask_PinsWhatItsCodeOrTheDefaultSays(Type type, VersioningBehavior byDefault, bool pins)
    {
        using var run = new ExecutorHarness(WorkflowDefinition.Create(type), [], null, o => o with { DefaultVersioning = byDefault }) { BuildId = "b1" };

        run.Run();

        Assert.AreEqual(pins, run.Event<WorkflowTaskCompleted>(2).IsPinned());
        Assert.AreEqual(pins ? "b1" : null, Folded(run).PinnedBuildId);
    }

    [TestMethod]
    public void Pin_IsRecordedOnce()
    {
        using var run = Of<Pinned>(null);
        run.BuildId = "b1";
        run.Run();
        run.Fire(3);

        Assert.AreEqual(1, run.History.OfType<WorkflowTaskCompleted>().Count(static t => t.IsPinned()));
        Assert.AreEqual("b1", Folded(run).PinnedBuildId);
    }

    [TestMethod]
    public void Pin_NeedsABuild_AndAStartThatDoesNotForbidIt()
    {
        using var unnamed = Of<Pinned>(null);
        using var forbidden = Of<Pinned>(static s => s with { VersioningOverride = VersioningBehavior.AutoUpgrade });
        using var named = Of<Unsaid>(static s => s with { PinnedBuildId = "b7", VersioningOverride = VersioningBehavior.Pinned });
        forbidden.BuildId = named.BuildId = "b7";

        foreach (var run in (ExecutorHarness[])[unnamed, forbidden, named])
        {
            run.Run();
            Assert.IsFalse(run.Event<WorkflowTaskCompleted>(2).IsPinned());
        }

        Assert.AreEqual("b7", Folded(named).PinnedBuildId);
    }

    [TestMethod]
    public void Run_BecomesPinnedLater_WhenItMovesToCodeThatSaysSo()
    {
        using var run = Of<Unsaid>(null);
        run.BuildId = "b1";
        run.Run();
        using var moved = run.ReplayWith(WorkflowDefinition.Create(typeof(Pinned), "Unsaid", static _ => new Pinned()));

        var outcome = moved.RunTask(new([new TimerFired(3) { Time = run.Now }], run.Now, "test", "b2", 0));

        Assert.IsTrue(outcome.Events.OfType<WorkflowTaskCompleted>().Single().IsPinned());
    }

    [TestMethod]
    public void OtherBuild_OnceSeen_StaysSeen_AndReplayRepeatsIt()
    {
        using var run = ExecutorHarness.Of(static async () =>
        {
            var seen = new List<bool>();
            for (var i = 0; i < 3; i++)
            {
                seen.Add(Workflow.TargetWorkerDeploymentVersionChanged);
                await Workflow.DelayAsync(1000);
            }

            return (object?)seen;
        });

        run.Run();
        run.OtherBuildSeen = true;
        run.Fire(3);
        run.OtherBuildSeen = false;
        run.Fire(6);
        run.Fire(9);

        CollectionAssert.AreEqual(new[] { false, true, true }, run.Result<bool[]>());
    }

    [TestMethod]
    public void Version_IsThatOfTheTask()
    {
        using var run = new ExecutorHarness(
            ExecutorHarness.Scripting(static async () =>
            {
                var first = Workflow.CurrentDeploymentVersion;
                await Workflow.DelayAsync(1000);
                return $"{first?.ToCanonicalString()} {Workflow.CurrentDeploymentVersion?.ToCanonicalString()} {Workflow.CurrentBuildId}";
            }),
            [],
            null,
            static o => o with { Namespace = "orders" });

        run.Run();
        run.BuildId = "b2";
        run.Fire(3);

        Assert.AreEqual(" orders.b2 b2", run.Result<string>());
    }

    private static ExecutorHarness Of<T>(Func<WorkflowStarted, WorkflowStarted>? started) => new(WorkflowDefinition.Create<T>(), [], started);

    private static RunState Folded(ExecutorHarness run)
    {
        var state = new RunState();
        foreach (var e in run.History)
        {
            state.Apply(e);
        }

        return state;
    }

    [Workflow]
    public class Unsaid
    {
        [WorkflowRun]
        public Task RunAsync() => Workflow.DelayAsync(1000);
    }

    [Workflow(VersioningBehavior = VersioningBehavior.Pinned)]
    public class Pinned
    {
        [WorkflowRun]
        public Task RunAsync() => Workflow.DelayAsync(1000);
    }

    [Workflow(VersioningBehavior = VersioningBehavior.AutoUpgrade)]
    public class Free
    {
        [WorkflowRun]
        public Task RunAsync() => Workflow.DelayAsync(1000);
    }

    [Workflow(Dynamic = true)]
    public class Dynamic
    {
        [WorkflowRun]
        public Task RunAsync(IRawValue[] args) => Workflow.DelayAsync(1000);

        [WorkflowDynamicOptions]
        public WorkflowDefinitionOptions Options() => new() { VersioningBehavior = VersioningBehavior.Pinned };
    }
}
