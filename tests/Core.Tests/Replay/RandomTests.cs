using Serverless.History;
using Serverless.Workflows;

namespace Serverless.Tests.Replay;

/// <summary>Running workflows depend on these numbers: they never change.</summary>
[TestClass]
public sealed class RandomTests
{
    [TestMethod]
    public void Seed42_GivesTheseNumbersForEver()
    {
        using var run = ExecutorHarness.Of(static async () =>
        {
            await Workflow.DelayAsync(1000);
            var random = Workflow.Random;
            var bytes = new byte[11];
            random.NextBytes(bytes);
            return (object?)string.Join(
                " ", random.Next(), random.Next(100), random.Next(-5, 5), random.NextInt64(), random.NextInt64(1_000_000_000_000), $"{random.NextDouble():R}",
                $"{random.NextSingle():R}", Convert.ToHexString(bytes), Workflow.NewGuid(), Workflow.NewGuid());
        });

        run.Run();
        run.Fire(3);
        Assert.AreEqual(
            "1460382105 92 4 7099593415032875292 719258577877 0.8500084439109727 0.76137435 16C72E0C2E0B78157E3A11 "
            + "3dbc5f77-5f61-4695-b139-100c343bb5ae 6589af73-98db-494a-b6c6-0630a9ed0fcd",
            run.Result<string>());
    }

    [TestMethod]
    public void ChildIds_OfSeed42_AreTheseForEver()
    {
        using var run = ExecutorHarness.Of(static () => Workflow.ExecuteChildWorkflowAsync("Child", []));

        run.Run();
        var child = run.Last<ChildWorkflowInitiated>();
        Assert.AreEqual("7452707b-2c37-4c08-a6d9-a95bf438b81d 1ecb4c51-eef1-4c47-8339-51ba759cf7ff", $"{child.WorkflowId} {child.RunId}");
    }

    [TestMethod]
    public void OtherSeeds_GiveOtherNumbers()
    {
        using var run = new ExecutorHarness(
            ExecutorHarness.Scripting(static () => Task.FromResult<object?>(Workflow.Random.Next())), [], static s => s with { RandomSeed = 43 });
        using var same = ExecutorHarness.Of(static () => Task.FromResult<object?>(Workflow.Random.Next()));

        run.Run();
        same.Run();
        Assert.AreNotEqual(run.Result<int>(), same.Result<int>());
    }

    [TestMethod]
    public void Reset_GoesOnWithTheNewSeed_ForNumbersAndForChildIds()
    {
        static async Task<object?> Body()
        {
            var first = Workflow.NewGuid();
            await Workflow.DelayAsync(1000);
            var second = Workflow.NewGuid();
            var child = await Workflow.StartChildWorkflowAsync("Child", []);
            return new[] { $"{first}", $"{second}", child.Id };
        }

        string[] Guids(params InputEvent[] before)
        {
            using var run = ExecutorHarness.Of(Body);
            run.Run();
            run.Run([.. before, new TimerFired(3)]);
            run.Run(new ChildWorkflowStarted(run.Last<ChildWorkflowInitiated>().Id, "r"));
            return run.Result<string[]>();
        }

        var plain = Guids();
        var reset = Guids(new WorkflowResetMarked("run-0", 3, 99, "again"));

        Assert.AreEqual(plain[0], reset[0]);
        Assert.AreNotEqual(plain[1], reset[1]);
        Assert.AreNotEqual(plain[2], reset[2]);
    }

    [TestMethod]
    public void RandomNumbers_InQueries_LeaveTheRunsOwnAlone()
    {
        using var run = ExecutorHarness.Of(static async () =>
        {
            Workflow.Queries["dice"] = WorkflowQueryDefinition.CreateWithoutAttribute("dice", () => Workflow.Random.Next(1_000_000));
            await Workflow.DelayAsync(1000);
            return (object?)Workflow.Random.Next(1_000_000);
        });
        run.Run();

        var first = run.Query<int>("dice");
        var second = run.Query<int>("dice");
        run.Fire(3);

        Assert.AreEqual(first, second);
        Assert.AreEqual(first, run.Result<int>());
    }
}
