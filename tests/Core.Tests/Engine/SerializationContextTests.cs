using Serverless.Activities;
using Serverless.Client;
using Serverless.Converters;
using Serverless.Exceptions;
using Serverless.Workflows;

namespace Serverless.Tests.Engine;

/// <summary>Converters and codecs learn whose values they convert, and the same owner on both sides.</summary>
[TestClass]
public sealed class SerializationContextTests
{
    private static readonly Type[] Types = [typeof(Sender), typeof(Receiver)];

    [TestMethod]
    [DataRow(1000)]
    [DataRow(0)]
    public async Task Every_value_is_read_in_the_context_that_it_was_written_in(int cached)
    {
        var seen = new SortedSet<string>(StringComparer.Ordinal);
        var deliveries = new Deliveries();
        var converter = new DataConverter(new Marking("", seen), new MarkingFailures(""), new XorCodec(""));
        await using var host = new EngineHost(Types, deliveries, EngineHost.Options with { CachedRuns = cached }, converter: converter);
        var options = new WorkflowOptions("sender", "default") { Memo = new Dictionary<string, object> { ["note"] = "memo" } };
        var receiver = await host.Client.StartWorkflowAsync((Receiver r) => r.RunAsync("outside"), new("receiver", "default"));
        var sender = await host.Client.StartWorkflowAsync((Sender s) => s.RunAsync("in"), options);

        var info = await deliveries.Waiting.Task;
        await host.Client.GetAsyncActivityHandle(new AsyncActivityHandle.TaskTokenReference(info.TaskToken))
            .WithSerializationContext(new ISerializationContext.Activity(info))
            .CompleteAsync("later");
        Assert.AreEqual("update", await sender.ExecuteUpdateAsync(s => s.EchoAsync("update")));
        Assert.AreEqual("query", await sender.QueryAsync(s => s.Look("query")));

        Assert.AreEqual("carried later near child(told) refused memo", await sender.GetResultAsync());
        Assert.AreEqual("outside(shouted)", await receiver.GetResultAsync());
        Assert.AreEqual("memo", await (await sender.DescribeAsync()).Memo["note"].ToValueAsync<string>());
        CollectionAssert.AreEqual(
            new[]
            {
                "activity carry-1 Carry default of sender",
                "activity refuse-1 Refuse default of sender",
                "activity wait-1 Wait default of sender",
                "local near-1 Near default of sender",
                "workflow receiver",
                "workflow sender",
                "workflow sender-child",
            },
            seen.ToArray());
    }

    private static string Name(ISerializationContext context) => context switch
    {
        ISerializationContext.Activity a => $"{(a.IsLocal ? "local" : "activity")} {a.ActivityId} {a.ActivityType} {a.ActivityTaskQueue} of {a.WorkflowId}",
        ISerializationContext.Workflow w => $"workflow {w.WorkflowId}",
        _ => "?",
    };

    /// <summary>Notes in each payload for whom it was made, and refuses to read it for another.</summary>
    private sealed class Marking(string owner, SortedSet<string> seen) : IPayloadConverter, IWithSerializationContext<IPayloadConverter>
    {
        private readonly SortedSet<string> _seen = seen;

        public Payload ToPayload(object? value)
        {
            Assert.AreNotEqual("", owner, $"{value} is converted for nobody");
            lock (_seen)
            {
                _seen.Add(owner);
            }

            var payload = DataConverter.Default.PayloadConverter.ToPayload(value);
            payload.Metadata["for"] = ByteString.CopyFromUtf8(owner);
            return payload;
        }

        public object? ToValue(Payload payload, Type type) => payload.Metadata["for"].ToStringUtf8() == owner
            ? DataConverter.Default.PayloadConverter.ToValue(payload, type)
            : throw new InvalidOperationException($"Written for '{payload.Metadata["for"].ToStringUtf8()}', read for '{owner}'.");

        public IPayloadConverter WithSerializationContext(ISerializationContext context) => new Marking(Name(context), _seen);
    }

    private sealed class MarkingFailures(string owner) : DefaultFailureConverter, IWithSerializationContext<IFailureConverter>
    {
        public override Failure ToFailure(Exception exception, IPayloadConverter payloadConverter) =>
            base.ToFailure(exception, payloadConverter) is { Info: ApplicationFailureInfo { Type: "Refused" } } failure ? failure with { Source = owner } : base.ToFailure(exception, payloadConverter);

        public override Exception ToException(Failure failure, IPayloadConverter payloadConverter)
        {
            if (failure.Cause is { Info: ApplicationFailureInfo { Type: "Refused" } } refused && refused.Source != owner)
            {
                throw new InvalidOperationException($"Written for '{refused.Source}', read for '{owner}'.");
            }

            return base.ToException(failure, payloadConverter);
        }

        public IFailureConverter WithSerializationContext(ISerializationContext context) => new MarkingFailures(Name(context));
    }

    public sealed class Deliveries
    {
        internal TaskCompletionSource<ActivityInfo> Waiting { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        [Activity]
        public string Carry(string value) => ActivityExecutionContext.Current.PayloadConverter is Marking ? value : "another converter";

        [Activity]
        public string Near(string value) => value;

        [Activity]
        public string Wait(string value)
        {
            Waiting.SetResult(ActivityExecutionContext.Current.Info);
            throw new CompleteAsyncException();
        }

        [Activity]
        public void Refuse(string value) => throw new ApplicationFailureException(value, "Refused", nonRetryable: true, details: [value]);
    }

    [Workflow]
    public class Sender
    {
        [WorkflowRun]
        public async Task<string> RunAsync(string value)
        {
            var minute = TimeSpan.FromMinutes(1);
            var carried = await Workflow.ExecuteActivityAsync((Deliveries d) => d.Carry("carried"), new() { StartToCloseTimeout = minute, ActivityId = "carry-1" });
            var later = await Workflow.ExecuteActivityAsync((Deliveries d) => d.Wait(value), new() { StartToCloseTimeout = minute, ActivityId = "wait-1" });
            var near = await Workflow.ExecuteLocalActivityAsync((Deliveries d) => d.Near("near"), new() { StartToCloseTimeout = minute, ActivityId = "near-1" });
            var child = await Workflow.StartChildWorkflowAsync((Receiver r) => r.RunAsync("child"), new() { Id = "sender-child" });
            await child.SignalAsync(r => r.TellAsync("told"));
            await Workflow.GetExternalWorkflowHandle<Receiver>("receiver").SignalAsync(r => r.TellAsync("shouted"));
            var answer = await child.GetResultAsync();
            var refused = "";
            try
            {
                await Workflow.ExecuteActivityAsync((Deliveries d) => d.Refuse("refused"), new() { StartToCloseTimeout = minute, ActivityId = "refuse-1" });
            }
            catch (ActivityFailureException e) when (e.InnerException is ApplicationFailureException inner)
            {
                refused = inner.Details.ElementAt<string>(0);
            }

            return $"{carried} {later} {near} {answer} {refused} {Workflow.PayloadConverter.ToValue<string>(Workflow.Memo["note"])}";
        }

        [WorkflowUpdate]
        public Task<string> EchoAsync(string value) => Task.FromResult(value);

        [WorkflowQuery]
        public string Look(string value) => value;
    }

    [Workflow]
    public class Receiver
    {
        private string? _told;

        [WorkflowRun]
        public async Task<string> RunAsync(string value)
        {
            await Workflow.WaitConditionAsync(() => _told is not null);
            return $"{value}({_told})";
        }

        [WorkflowSignal]
        public Task TellAsync(string value)
        {
            _told = value;
            return Task.CompletedTask;
        }
    }
}
