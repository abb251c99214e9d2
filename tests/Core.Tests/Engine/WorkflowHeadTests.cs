using Serverless.Api.Enums.V1;
using Serverless.Client;
using Serverless.Engine;

namespace Serverless.Tests.Engine;

[TestClass]
public sealed class WorkflowHeadTests
{
    private static readonly DateTimeOffset s_now = new(2026, 11, 23, 9, 0, 0, TimeSpan.Zero);

    private static WorkflowHead Blocked(Payload? encoded) => new()
    {
        RunNumber = 1,
        RunId = "r",
        FirstRunId = "r",
        WorkflowType = "T",
        Status = WorkflowExecutionStatus.Running,
        Started = s_now,
        CommitId = "c",
        Blocked = new BlockedNote("UnhandledException", "why", s_now, 2, s_now) { Encoded = encoded },
        BlockedBy = "me",
    };

    [TestMethod]
    public void Decode_EncodedReason_IsTheSame()
    {
        var head = WorkflowHead.Decode(Blocked(EngineHost.Value("hidden")).Encode());

        Assert.AreEqual("hidden", EngineHost.Of<string>(head.Blocked!.Encoded));
        Assert.AreEqual("why", head.Blocked.Message);
        Assert.AreEqual("me", head.BlockedBy);
    }

    [TestMethod]
    public void Decode_RowOfAReleaseThatEncodedNoReasons_HasNone()
    {
        var bytes = Blocked(null).Encode();

        var head = WorkflowHead.Decode(bytes.AsMemory(0, bytes.Length - 1));

        Assert.IsNull(head.Blocked!.Encoded);
        Assert.AreEqual("me", head.BlockedBy);
    }
}
