using Serverless.Client;
using Serverless.Operations;
using Serverless.Tests.Engine;

namespace Core.Tests.Hostile;

/// <summary>What a batch is asked for, at the edge of each limit.</summary>
[TestClass]
public sealed class BatchLimitTests
{
    private static readonly BatchRequest Batch = new()
    {
        Id = "b",
        Query = "WorkflowType = 'Nothing'",
        Operation = new BatchOperation { Action = "cancel" },
        OperationsPerSecond = 1,
    };

    [TestMethod]
    public async Task Batches_are_taken_up_to_their_limits_and_refused_beyond()
    {
        await using var host = new EngineHost([typeof(Hello)], new Steps());
        await RefusedAsync(Batch with { Id = new string('i', BatchService.MaxIdLength + 1) }, "A batch id has 1 to 200 characters.");
        await RefusedAsync(Batch with { Id = "" }, "A batch id has 1 to 200 characters.");
        await RefusedAsync(Batch with { Reason = new string('r', BatchService.MaxReasonLength + 1) }, "A batch's reason has at most 1,000 characters.");
        await RefusedAsync(Batch with { OperationsPerSecond = BatchService.MaxRate + 1 }, "A batch does 1 to 1,000 operations per second.");
        await RefusedAsync(Batch with { OperationsPerSecond = 0 }, "A batch does 1 to 1,000 operations per second.");
        await RefusedAsync(Signal(20_000), "What a batch gives to each workflow has at most 16,384 bytes");
        await host.Engine.Batches.StartAsync(
            Batch with { Id = new string('i', BatchService.MaxIdLength), Reason = new string('r', BatchService.MaxReasonLength), OperationsPerSecond = BatchService.MaxRate }, default);
        await host.Engine.Batches.StartAsync(Signal(16_000), default);

        async Task RefusedAsync(BatchRequest request, string message)
        {
            var e = await Assert.ThrowsExactlyAsync<WorkflowServiceException>(() => host.Engine.Batches.StartAsync(request, default));
            Assert.AreEqual(WorkflowServiceError.InvalidArgument, e.Code);
            Assert.StartsWith(message, e.Message);
        }
    }

    private static BatchRequest Signal(int length) =>
        Batch with { Operation = new BatchOperation { Action = "signal", Signal = "s", Args = [PayloadTexts.Write(EngineHost.Value(new string('x', length)))] } };
}
