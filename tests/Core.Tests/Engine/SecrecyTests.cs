using Microsoft.Extensions.Time.Testing;
using Serverless.Activities;
using Serverless.Client;
using Serverless.Client.Interceptors;
using Serverless.Converters;
using Serverless.Exceptions;
using Serverless.Storage.Memory;
using Serverless.Worker.Interceptors;
using Serverless.Workflows;

namespace Serverless.Tests.Engine;

/// <summary>With encryption and encoded failure messages, nothing that was ever written to any row, message or blob can be read.</summary>
[TestClass]
public sealed class SecrecyTests
{
    private static readonly Type[] Types = [typeof(Courier), typeof(CourierChild), typeof(Stumbler)];

    /// <summary>One text for each way by which something of the application reaches storage.</summary>
    private static readonly string[] Secrets =
    [
        "S-argument", "S-large", "S-memo", "S-upserted", "S-header", "S-signal", "S-updated", "S-result-of-update", "S-failed-update", "S-rejection", "S-heartbeat",
        "S-attempt", "S-detail", "S-carried", "S-local", "S-given", "S-child", "S-told", "S-outcome", "S-blocked", "S-last-words", nameof(Porter.WhisperAsync),
    ];

    [TestMethod]
    public async Task Encrypted_storage_holds_nothing_readable()
    {
        var codec = new ChainedPayloadCodec(new CompressionPayloadCodec(), new AesGcmPayloadCodec("k1", new byte[32]));

        var written = await RunAsync(codec);

        foreach (var secret in Secrets)
        {
            Assert.AreEqual("", string.Join(", ", written.Found(secret)), secret);
        }
    }

    [TestMethod]
    public async Task Without_encryption_each_of_it_is_found()
    {
        var written = await RunAsync(null);

        foreach (var secret in Secrets)
        {
            Assert.IsNotEmpty(written.Found(secret), secret);
        }
    }

    private static async Task<WrittenBytes> RunAsync(IPayloadCodec? codec)
    {
        var written = new WrittenBytes();
        var time = new FakeTimeProvider();
        var converter = new DataConverter(
            new DefaultPayloadConverter(), new DefaultFailureConverter(new() { EncodeCommonAttributes = codec is not null }), codec);
        await using var host = new EngineHost(
            Types, new Porter(), store: new RecordingHubStore(new MemoryHubStore(time), written), time: time, converter: converter, interceptor: new Labels());
        await DeliverAsync(host.Client);
        await StumbleAsync(host);
        return written;
    }

    private static async Task DeliverAsync(WorkflowClient client)
    {
        var large = string.Concat(Enumerable.Repeat("S-large ", 10_000));
        var start = new WorkflowOptions("courier", "default") { Memo = new Dictionary<string, object> { ["note"] = "S-memo" } };
        var workflow = await client.StartWorkflowAsync((Courier c) => c.RunAsync("S-argument", large), start);
        await workflow.SignalAsync(c => c.PutAsync("S-signal"));
        Assert.AreEqual("S-result-of-update", await workflow.ExecuteUpdateAsync(c => c.ExchangeAsync("S-updated")));
        Assert.AreEqual("S-failed-update", (await FailureOfAsync(workflow, "S-failed-update")).Message);
        Assert.AreEqual("S-rejection", (await FailureOfAsync(workflow, "reject")).Message);
        StringAssert.Contains((await Assert.ThrowsExactlyAsync<WorkflowQueryFailedException>(() => workflow.QueryAsync(c => c.Look("S-asked")))).Message, "S-asked");
        await workflow.SignalAsync(c => c.PutAsync("go"));

        var failed = await Assert.ThrowsExactlyAsync<WorkflowFailedException>(() => workflow.GetResultAsync());
        Assert.AreEqual("S-outcome", failed.InnerException!.Message);
        StringAssert.Contains(failed.InnerException.InnerException!.InnerException!.StackTrace, nameof(Porter.WhisperAsync));
        var memo = (await workflow.DescribeAsync()).Memo;
        Assert.AreEqual("S-memo S-upserted", $"{await memo["note"].ToValueAsync<string>()} {await memo["more"].ToValueAsync<string>()}");
    }

    private static async Task<Exception> FailureOfAsync(WorkflowHandle<Courier, string> workflow, string how) =>
        (await Assert.ThrowsExactlyAsync<WorkflowUpdateFailedException>(() => workflow.ExecuteUpdateAsync(c => c.FailAsync(how)))).InnerException!;

    private static async Task StumbleAsync(EngineHost host)
    {
        var workflow = await host.Client.StartWorkflowAsync((Stumbler s) => s.RunAsync(), new("stumbler", "default"));
        string? reason = null;
        await host.UntilAsync(async () => (reason = (await workflow.DescribeAsync()).BlockedReason) is not null, "the workflow is blocked");
        StringAssert.Contains(reason, "S-blocked");
        await workflow.TerminateAsync("told to", new() { Details = ["S-last-words"] });
    }

    /// <summary>Sends a header along with whatever the client and the workflow send.</summary>
    private sealed class Labels : IClientInterceptor, IWorkerInterceptor
    {
        public ClientOutboundInterceptor InterceptClient(ClientOutboundInterceptor nextInterceptor) => new Outbound(nextInterceptor);

        private sealed class Outbound(ClientOutboundInterceptor next) : ClientOutboundInterceptor(next)
        {
            private static Dictionary<string, Payload> Label => new() { ["label"] = DataConverter.Default.PayloadConverter.ToPayload("S-header") };

            public override Task<WorkflowHandle<TWorkflow, TResult>> StartWorkflowAsync<TWorkflow, TResult>(StartWorkflowInput input) =>
                base.StartWorkflowAsync<TWorkflow, TResult>(input with { Headers = Label });

            public override Task SignalWorkflowAsync(SignalWorkflowInput input) => base.SignalWorkflowAsync(input with { Headers = Label });

            public override Task<WorkflowUpdateHandle<TResult>> StartWorkflowUpdateAsync<TResult>(StartWorkflowUpdateInput input) =>
                base.StartWorkflowUpdateAsync<TResult>(input with { Headers = Label });
        }
    }
}

public sealed class Porter
{
    [Activity]
    public string Carry(string value)
    {
        if (ActivityExecutionContext.Current.Info.Attempt == 1)
        {
            ActivityExecutionContext.Current.Heartbeat("S-heartbeat");
            throw new ApplicationFailureException("S-attempt", details: ["S-detail"]);
        }

        return "S-carried";
    }

    [Activity]
    public string Near(string value) => "S-local";

    [Activity("Drop")]
    public Task WhisperAsync(string value) => throw new ApplicationFailureException(value, nonRetryable: true);
}

[Workflow]
public class Courier
{
    private readonly List<string> _held = [];

    [WorkflowRun]
    public async Task<string> RunAsync(string argument, string large)
    {
        var options = new ActivityOptions { StartToCloseTimeout = TimeSpan.FromMinutes(1) };
        Workflow.UpsertMemo(MemoUpdate.ValueSet("more", "S-upserted"));
        await Workflow.ExecuteActivityAsync((Porter p) => p.Carry("S-given"), options);
        await Workflow.ExecuteLocalActivityAsync((Porter p) => p.Near(argument), new() { StartToCloseTimeout = TimeSpan.FromMinutes(1) });
        var child = await Workflow.StartChildWorkflowAsync((CourierChild c) => c.RunAsync("S-child"), new() { Id = "courier-child" });
        await child.SignalAsync(c => c.TellAsync("S-told"));
        await child.GetResultAsync();
        await Workflow.WaitConditionAsync(() => _held.Contains("go"));
        try
        {
            await Workflow.ExecuteActivityAsync((Porter p) => p.WhisperAsync(large), options);
            return "the activity did not fail as it should";
        }
        catch (ActivityFailureException e)
        {
            throw new ApplicationFailureException("S-outcome", e);
        }
    }

    [WorkflowSignal]
    public Task PutAsync(string value)
    {
        _held.Add(value);
        return Task.CompletedTask;
    }

    [WorkflowQuery]
    public string Look(string more) => throw new InvalidOperationException($"nothing for {more}");

    [WorkflowUpdate]
    public Task<string> ExchangeAsync(string value)
    {
        _held.Add(value);
        return Task.FromResult("S-result-of-update");
    }

    [WorkflowUpdateValidator(nameof(FailAsync))]
    public void CheckFail(string how)
    {
        if (how == "reject")
        {
            throw new ApplicationFailureException("S-rejection");
        }
    }

    [WorkflowUpdate]
    public Task FailAsync(string how) => throw new ApplicationFailureException(how);
}

[Workflow]
public class CourierChild
{
    private string? _told;

    [WorkflowRun]
    public async Task<string> RunAsync(string value)
    {
        await Workflow.WaitConditionAsync(() => _told is not null);
        return value;
    }

    [WorkflowSignal]
    public Task TellAsync(string value)
    {
        _told = value;
        return Task.CompletedTask;
    }
}

[Workflow]
public class Stumbler
{
    [WorkflowRun]
    public Task RunAsync() => throw new InvalidOperationException("S-blocked");
}
