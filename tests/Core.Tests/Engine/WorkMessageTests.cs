using Serverless.Engine;
using Serverless.History;

namespace Serverless.Tests.Engine;

[TestClass]
public sealed class WorkMessageTests
{
    private static readonly WorkMessage Message = new(WorkKind.ActivityRetry, "t", "w")
    {
        RunId = "r",
        RunNumber = 2,
        EventId = 7,
        Attempt = 3,
        DueAt = DateTimeOffset.UnixEpoch.AddDays(1),
        Activity = new ActivityScheduled("1", "Charge", "gpu", []) { Id = 1, GoesToQueue = true },
        WorkflowType = "Orders",
        ScheduledAt = DateTimeOffset.UnixEpoch,
        Queue = "activities-gpu",
        WaitsSince = DateTimeOffset.UnixEpoch.AddHours(1),
    };

    [TestMethod]
    public void Decode_Encoded_IsTheSame()
    {
        var decoded = WorkMessage.Decode(Message.Encode());
        Assert.IsTrue(decoded.Activity!.GoesToQueue);
        Assert.AreEqual(Message with { Activity = null }, decoded with { Activity = null });
    }

    [TestMethod]
    public void Decode_OfTheFirstRelease_WaitsOnTheSharedQueue()
    {
        var bytes = Message.Encode();
        var decoded = WorkMessage.Decode(bytes.AsMemory(0, bytes.Length - 8 - 1 - Message.Queue.Length - 1));
        Assert.AreEqual(Message with { Activity = null, Queue = QueueNames.Activities, WaitsSince = null }, decoded with { Activity = null });
    }
}
