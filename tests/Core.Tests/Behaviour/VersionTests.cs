using Serverless.Client;
using Serverless.Common;
using Serverless.History;
using Serverless.Workflows;

namespace Serverless.Tests.Behaviour;

/// <summary>Changed code and builds, as far as a workflow sees them.</summary>
[TestClass]
public sealed class VersionTests
{
    [TestMethod]
    public async Task Patch_taken_once_stays_taken()
    {
        await Behaviour.Run(
            setup => setup.Add("w", async () =>
            {
                var first = Workflow.Patched("new way");
                await Workflow.DelayAsync(1);
                Workflow.DeprecatePatch("old way");
                await Workflow.DelayAsync(1);
                return $"{first} {Workflow.Patched("new way")}";
            }),
            async run =>
            {
                Assert.AreEqual("True True", await run.ExecuteAsync<string>("w"));
                CollectionAssert.AreEqual(
                    new[] { ("new way", false), ("old way", true) }, (await run.EventsAsync<PatchMarked>("w")).Select(static p => (p.PatchId, p.Deprecated)).ToList());
            });
    }

    [TestMethod]
    public async Task Build_is_seen_in_the_workflow_and_from_outside()
    {
        await Behaviour.Run(
            setup =>
            {
                setup.Engine = setup.Engine with { BuildId = "two" };
                setup.Add<DefinitionTests.Recorded>().Add("w", async () =>
                {
                    await Workflow.DelayAsync(1);
                    return $"{Workflow.CurrentDeploymentVersion!.BuildId} {Workflow.CurrentBuildId} {Workflow.TargetWorkerDeploymentVersionChanged}";
                });
            },
            async run =>
            {
                var pinned = new WorkflowOptions("w") { VersioningOverride = new VersioningOverride.Pinned(new WorkerDeploymentVersion("default", "two")) };
                var workflow = await run.StartAsync("w", pinned);
                Assert.AreEqual("two two False", await workflow.GetResultAsync<string>());
                var seen = await workflow.DescribeAsync();
                Assert.AreEqual("two two Pinned", $"{seen.BuildId} {seen.PinnedBuildId} {seen.VersioningBehavior}");
                var free = await run.StartAsync((DefinitionTests.Recorded r) => r.RunAsync(1), new("free"));
                await free.GetResultAsync();
                Assert.AreEqual(VersioningBehavior.AutoUpgrade, (await free.DescribeAsync()).VersioningBehavior);
            });
    }

    [TestMethod]
    public async Task Without_builds_there_is_no_version()
    {
        await Scripts.Gives("none", async () =>
        {
            await Workflow.DelayAsync(1);
            return Workflow.CurrentDeploymentVersion?.BuildId ?? "none";
        });
    }

    [TestMethod]
    [DataRow(InitialVersioningBehavior.Unspecified, "pinned")]
    [DataRow(InitialVersioningBehavior.AutoUpgrade, "free")]
    [DataRow(InitialVersioningBehavior.UseRampingVersion, "free")]
    public async Task Continuation_stays_with_its_build_or_goes_free(InitialVersioningBehavior behaviour, string expected)
    {
        await Behaviour.Run(
            setup =>
            {
                setup.Engine = setup.Engine with { BuildId = "two" };
                setup.Add(typeof(Stays));
            },
            async run =>
            {
                var workflow = await run.StartAsync((Stays s) => s.RunAsync((int)behaviour));
                await workflow.SignalAsync(s => s.GoOnAsync());
                Assert.AreEqual(expected, (await run.EventsAsync<WorkflowStarted>("w")).Single().PinnedBuildId is null ? "free" : "pinned");
                await workflow.SignalAsync(s => s.GoOnAsync());
                Assert.AreEqual("second run", await workflow.GetResultAsync());
            });
    }

    [Workflow(VersioningBehavior = VersioningBehavior.Pinned)]
    public class Stays
    {
        private bool _goOn;

        [WorkflowRun]
        public async Task<string> RunAsync(int behaviour)
        {
            await Workflow.WaitConditionAsync(() => _goOn);
            return Workflow.Info.ContinuedRunId is not null
                ? "second run"
                : throw Workflow.CreateContinueAsNewException(
                    (Stays s) => s.RunAsync(behaviour), new() { InitialVersioningBehavior = (InitialVersioningBehavior)behaviour });
        }

        [WorkflowSignal]
        public Task GoOnAsync()
        {
            _goOn = true;
            return Task.CompletedTask;
        }
    }
}
