using Microsoft.Extensions.Time.Testing;
using Serverless.Activities;
using Serverless.Client;
using Serverless.Common;
using Serverless.Converters;
using Serverless.Engine;
using Serverless.Exceptions;
using Serverless.History;
using Serverless.Replay;
using Serverless.Storage.Memory;
using Serverless.Workflows;

namespace Serverless.Tests.Engine;

[TestClass]
public sealed class PayloadCodingTests
{
    private const string Secret = "plaintext";
    private static readonly Type[] Types = [typeof(Vault), typeof(VaultChild), typeof(Collector)];

    [TestMethod]
    [DataRow(1000, false)]
    [DataRow(0, false)]
    [DataRow(1000, true)]
    [DataRow(0, true)]
    public async Task With_a_codec_everything_works_and_storage_holds_no_plaintext(int cached, bool aware)
    {
        var (written, result) = await RunVaultAsync(cached, new XorCodec(aware ? "" : null));

        Assert.AreEqual($"{Secret} {Secret} twice", result);
        Assert.IsGreaterThan(30, written.Count);
        Assert.IsEmpty(written.Found(Secret));
    }

    [TestMethod]
    public async Task Without_a_codec_the_same_run_stores_plaintext()
    {
        var (written, result) = await RunVaultAsync(1000, null);

        Assert.AreEqual($"{Secret} {Secret} twice", result);
        Assert.IsNotEmpty(written.Found(Secret));
    }

    [TestMethod]
    public async Task Large_payloads_are_encoded_in_their_blobs()
    {
        var written = new WrittenBytes();
        var time = new FakeTimeProvider();
        await using var host = new EngineHost(
            Types, store: new RecordingHubStore(new MemoryHubStore(time), written), time: time, converter: Converter(new XorCodec(null)));
        var large = string.Concat(Enumerable.Repeat(Secret, 10_000));

        var result = await host.Client.ExecuteWorkflowAsync((VaultChild c) => c.RunAsync(large), new("large"));

        Assert.AreEqual(large, result);
        Assert.IsEmpty(written.Found(Secret));
        Assert.IsGreaterThan(0, written.Blobs);
    }

    [TestMethod]
    public async Task Rejected_update_reaches_its_caller_decoded()
    {
        await using var host = new EngineHost(Types, converter: Converter(new XorCodec(null)));
        var workflow = await host.Client.StartWorkflowAsync((Collector c) => c.RunAsync(), new("c"));

        var failed = await Assert.ThrowsExactlyAsync<WorkflowUpdateFailedException>(() => workflow.ExecuteUpdateAsync(c => c.AddNowAsync(-1)));

        Assert.AreEqual("negative", failed.InnerException!.Message);
        Assert.AreEqual(1, await workflow.ExecuteUpdateAsync(c => c.AddNowAsync(1)));
    }

    [TestMethod]
    public async Task WireFormAsync_EventThatIsTooLargeOrCannotBeDecoded_IsLeftOut()
    {
        var codec = new XorCodec(null);
        var run = LiveRun.FromHistory("w", [new WorkflowStarted("Type", "default", []) { Id = 1, RunId = "r" }]);
        var coding = new PayloadCoding(Converter(codec), "hub");
        var encoded = (await codec.EncodeAsync([EngineHost.Value(Secret)])).Single();
        Assert.IsNotNull(await coding.WireFormAsync(run, new WorkflowCompleted(encoded), 10_000));
        Assert.IsNull(await coding.WireFormAsync(run, new WorkflowCompleted(encoded), 10));
        Assert.IsNull(await coding.WireFormAsync(run, new WorkflowCompleted(EngineHost.Value("never encoded")), 10_000));
    }

    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public async Task Failure_of_a_run_whose_code_cannot_be_asked_is_encoded_as_others_are(bool hides)
    {
        var converter = new DataConverter(new DefaultPayloadConverter(), new DefaultFailureConverter(new() { EncodeCommonAttributes = hides }), new XorCodec(null));
        var coding = new PayloadCoding(converter, "hub");
        var run = LiveRun.FromHistory("w", [new WorkflowStarted("Type", "default", []) { Id = 1, RunId = "r" }]);

        var failed = await coding.EncodeAsync(run, new InvalidOperationException(Secret));
        var note = await coding.HideAsync(run, new BlockedNote("Cause", Secret, default, 1, default));

        Assert.AreEqual(hides, failed.Failure.Message != Secret && failed.Failure.EncodedAttributes!.Metadata.ContainsKey("xor"));
        Assert.AreEqual(hides, note.Message != Secret && note.Encoded!.Metadata.ContainsKey("xor"));
    }

    [TestMethod]
    public async Task A_codec_that_fails_blocks_the_workflow_until_it_works()
    {
        var codec = new XorCodec(null);
        await using var host = new EngineHost(Types, converter: Converter(codec));
        var workflow = await host.Client.StartWorkflowAsync((Collector c) => c.RunAsync(), new("c"));
        await workflow.QueryAsync(c => c.Count());
        codec.Broken = true;

        await host.SignalAsync("c", "Finish");
        await host.UntilAsync(
            async () => (await host.Engine.Reader.DescribeAsync(new WorkflowRef("c"), default)).Blocked is { Cause: nameof(WorkflowTaskFailedCause.UnhandledException) },
            "the workflow is blocked");
        codec.Broken = false;

        Assert.IsEmpty(await workflow.GetResultAsync());
    }

    [TestMethod]
    public async Task A_missing_key_blocks_the_workflow_by_name_until_it_is_given()
    {
        var time = new FakeTimeProvider();
        var store = new MemoryHubStore(time);
        var keys = new Dictionary<string, byte[]> { ["k1"] = new byte[32], ["k2"] = [.. Enumerable.Repeat((byte)2, 32)] };
        await using (var first = new EngineHost(Types, store: store, time: time, converter: Converter(new AesGcmPayloadCodec("k1", keys["k1"]))))
        {
            var started = await first.Client.StartWorkflowAsync((Collector c) => c.RunAsync(), new("c", "default"));
            Assert.AreEqual(1, await started.ExecuteUpdateAsync(c => c.AddNowAsync(1)));
        }

        await using (var second = new EngineHost(Types, store: store, time: time, converter: Converter(new AesGcmPayloadCodec("k2", keys["k2"]))))
        {
            var workflow = second.Client.GetWorkflowHandle("c");
            await workflow.SignalAsync("Finish", []);
            string? reason = null;
            await second.UntilAsync(async () => (reason = (await workflow.DescribeAsync()).BlockedReason) is not null, "the workflow is blocked");
            StringAssert.Contains(reason, "encrypted with key 'k1', which this process was not given");
        }

        await using var third = new EngineHost(Types, store: store, time: time, converter: Converter(new AesGcmPayloadCodec("k2", keys)));
        CollectionAssert.AreEqual(new[] { 1 }, await third.Client.GetWorkflowHandle<Collector>("c").GetResultAsync<int[]>());
    }

    private static DataConverter Converter(IPayloadCodec? codec) => DataConverter.Default with
    {
        FailureConverter = new DefaultFailureConverter(new() { EncodeCommonAttributes = true }),
        PayloadCodec = codec,
    };

    private static async Task<(WrittenBytes Written, string Result)> RunVaultAsync(int cached, IPayloadCodec? codec)
    {
        var written = new WrittenBytes();
        var time = new FakeTimeProvider();
        var store = new RecordingHubStore(new MemoryHubStore(time), written);
        await using var host = new EngineHost(Types, new Guards(), EngineHost.Options with { CachedRuns = cached }, store, time, Converter(codec));
        var start = new WorkflowOptions { Id = "vault", Memo = new Dictionary<string, object> { ["note"] = Secret } };
        var workflow = await host.Client.StartWorkflowAsync((Vault v) => v.RunAsync(Secret, false), start);

        await workflow.SignalAsync(v => v.PutAsync(Secret));
        Assert.AreEqual(Secret, await workflow.ExecuteUpdateAsync(v => v.ExchangeAsync(Secret)));
        Assert.AreEqual($"{Secret}{Secret}", await workflow.QueryAsync(v => v.Look(Secret)));
        await Assert.ThrowsExactlyAsync<WorkflowUpdateFailedException>(() => workflow.ExecuteUpdateAsync(v => v.FailAsync(Secret)));
        await workflow.SignalAsync(v => v.OpenAsync());
        var result = await workflow.GetResultAsync();

        var description = await workflow.DescribeAsync();
        Assert.AreEqual(Secret, await description.Memo["note"].ToValueAsync<string>());
        Assert.AreEqual(Secret, await description.Memo["more"].ToValueAsync<string>());
        return (written, result);
    }
}

public sealed class Guards
{
    [Activity]
    public string Carry(string value)
    {
        var context = ActivityExecutionContext.Current;
        if (context.Info.Attempt == 1)
        {
            context.Heartbeat(value);
            throw new ApplicationFailureException(value, details: [value]);
        }

        return value;
    }

    [Activity]
    public void Drop(string value) => throw new ApplicationFailureException(value, nonRetryable: true, details: [value]);
}

[Workflow]
public class Vault
{
    private string _held = "";
    private bool _open;

    [WorkflowRun]
    public async Task<string> RunAsync(string secret, bool again)
    {
        if (again)
        {
            return $"{secret} {Workflow.PayloadConverter.ToValue<string>(Workflow.Memo["more"])} twice";
        }

        var options = new ActivityOptions { StartToCloseTimeout = TimeSpan.FromMinutes(1) };
        Workflow.UpsertMemo(MemoUpdate.ValueSet("more", secret));
        var carried = await Workflow.ExecuteActivityAsync((Guards g) => g.Carry(secret), options);
        var child = await Workflow.StartChildWorkflowAsync((VaultChild c) => c.RunAsync(carried), new() { Id = "vault-child" });
        await child.SignalAsync(c => c.TellAsync(secret));
        var back = await child.GetResultAsync();
        await Workflow.WaitConditionAsync(() => _open);
        try
        {
            await Workflow.ExecuteActivityAsync((Guards g) => g.Drop(back), options);
        }
        catch (ActivityFailureException e) when (e.InnerException is ApplicationFailureException inner && inner.Message == secret)
        {
            throw Workflow.CreateContinueAsNewException((Vault v) => v.RunAsync(inner.Details.ElementAt<string>(0), true));
        }

        return "the activity did not fail as it should";
    }

    [WorkflowSignal]
    public Task PutAsync(string value)
    {
        _held = value;
        return Task.CompletedTask;
    }

    [WorkflowSignal]
    public Task OpenAsync()
    {
        _open = true;
        return Task.CompletedTask;
    }

    [WorkflowQuery]
    public string Look(string more) => _held + more;

    [WorkflowUpdate]
    public Task<string> ExchangeAsync(string value)
    {
        var held = _held;
        _held = value;
        return Task.FromResult(held);
    }

    [WorkflowUpdate]
    public Task FailAsync(string value) => throw new ApplicationFailureException(value, details: [value]);
}

[Workflow]
public class VaultChild
{
    private string? _told;

    [WorkflowRun]
    public async Task<string> RunAsync(string value)
    {
        if (Workflow.Info.Parent is not null)
        {
            await Workflow.WaitConditionAsync(() => _told is not null);
        }

        return _told ?? value;
    }

    [WorkflowSignal]
    public Task TellAsync(string value)
    {
        _told = value;
        return Task.CompletedTask;
    }
}
