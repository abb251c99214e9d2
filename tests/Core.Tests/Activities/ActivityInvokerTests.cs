using System.Text;
using Core.Tests.Client;
using Core.Tests.Common;
using Core.Tests.Converters;
using Serverless.Activities;
using Serverless.Api.Enums.V1;
using Serverless.Client;
using Serverless.Converters;
using Serverless.Exceptions;
using Serverless.History;
using Serverless.Worker;
using Serverless.Worker.Interceptors;

namespace Core.Tests.Activities;

[TestClass]
public sealed class ActivityInvokerTests
{
    [TestMethod]
    public async Task Completed_CarriesTheConvertedResult()
    {
        var outcome = await RunAsync([Activity("a")] (int x, int y) => x + y, 2, 3);

        Assert.AreEqual(5, ValueOf<int>(outcome));
    }

    [TestMethod]
    public async Task VoidActivity_HasNoResult_NullResultIsNull()
    {
        Assert.IsNull(((ActivityOutcome.Completed)await RunAsync([Activity("a")] () => { })).Result);
        Assert.IsNull(ValueOf<string?>(await RunAsync([Activity("a")] string? () => null)));
    }

    [TestMethod]
    public async Task MissingArguments_AreDefaultsOrAFailure_SuperfluousOnesAreIgnored()
    {
        Assert.AreEqual(7, ValueOf<int>(await RunAsync([Activity("a")] (int x, int y = 5) => x + y, 2)));
        Assert.AreEqual(2, ValueOf<int>(await RunAsync([Activity("a")] (int x) => x, 2, "more")));
        StringAssert.Contains(FailureOf(await RunAsync([Activity("a")] (int x) => x)).Message, "needs 1 arguments, got 0");
        StringAssert.Contains(FailureOf(await RunAsync([Activity("a")] (int x) => x, "text")).Message, "Argument 1");
    }

    [TestMethod]
    public async Task PlainException_IsARetryableFailureWithItsClassName()
    {
        var failure = FailureOf(await RunAsync([Activity("a")] void () => throw new FormatException("no")));

        Assert.AreEqual("no", failure.Message);
        Assert.AreEqual(new ApplicationFailureInfo("FormatException", false).Type, ((ApplicationFailureInfo)failure.Info).Type);
        Assert.IsFalse(((ApplicationFailureInfo)failure.Info).NonRetryable);
    }

    [TestMethod]
    public async Task ApplicationFailure_KeepsItsFacts()
    {
        var failure = FailureOf(await RunAsync(
            [Activity("a")] void () => throw new ApplicationFailureException("no", "T", nonRetryable: true, nextRetryDelay: TimeSpan.FromSeconds(9))));

        var info = (ApplicationFailureInfo)failure.Info;
        Assert.AreEqual("T", info.Type);
        Assert.IsTrue(info.NonRetryable);
        Assert.AreEqual(TimeSpan.FromSeconds(9), info.NextRetryDelay);
    }

    [TestMethod]
    public async Task CompleteAsyncException_LeavesTheActivityOpen() =>
        Assert.IsInstanceOfType<ActivityOutcome.WillCompleteAsync>(await RunAsync([Activity("a")] void () => throw new CompleteAsyncException()));

    [TestMethod]
    public async Task Cancellation_CountsOnlyWhenItWasAsked()
    {
        Delegate stops = [Activity("a")] void () => throw new OperationCanceledException();

        Assert.IsInstanceOfType<ActivityOutcome.Canceled>(await RunAsync(stops, Invocation() with { CancelReason = () => ActivityCancelReason.CancelRequested }));
        Assert.AreEqual(
            "OperationCanceledException", ((ApplicationFailureInfo)FailureOf(await RunAsync(stops)).Info).Type);
        Assert.AreEqual(
            "OperationCanceledException",
            ((ApplicationFailureInfo)FailureOf(await RunAsync(stops, Invocation() with { CancelReason = () => ActivityCancelReason.WorkerShutdown })).Info).Type);
    }

    [TestMethod]
    public async Task UnknownActivity_FailsAndNamesTheKnownOnes()
    {
        var invoker = new ActivityInvoker(new WorkerRegistrations().AddActivity([Activity("known")] () => { }).Activities, new("hub"));

        var failure = FailureOf(await invoker.InvokeAsync(Invocation()));

        Assert.IsFalse(invoker.Knows("a"));
        Assert.IsTrue(invoker.Knows("known"));
        StringAssert.Contains(failure.Message, "known");
        Assert.AreEqual("NotFoundError", ((ApplicationFailureInfo)failure.Info).Type);
    }

    [TestMethod]
    public async Task DynamicActivity_TakesWhatHasNoDefinition()
    {
        var definitions = new WorkerRegistrations().AddActivity([Activity(Dynamic = true)] (IRawValue[] args) => args.Length).Activities;
        var invoker = new ActivityInvoker(definitions, new("hub"));

        Assert.IsTrue(invoker.Knows("whatever"));
        Assert.AreEqual(2, ValueOf<int>(await invoker.InvokeAsync(Invocation(1, 2))));
    }

    [TestMethod]
    public async Task Context_IsThereInsideOnly_AndTellsTheFacts()
    {
        ActivityExecutionContext? seen = null;
        Delegate look = [Activity("a")] async () =>
        {
            await Task.Yield();
            seen = ActivityExecutionContext.Current;
        };

        await RunAsync(look, Invocation() with { Attempt = 3, HeartbeatDetails = [DataConverter.Default.PayloadConverter.ToPayload("half")] });

        Assert.IsFalse(ActivityExecutionContext.HasCurrent);
        Assert.ThrowsExactly<InvalidOperationException>(() => ActivityExecutionContext.Current);
        Assert.AreEqual("a", seen!.Info.ActivityType);
        Assert.AreEqual(3, seen.Info.Attempt);
        Assert.AreEqual("wf", seen.Info.WorkflowId);
        Assert.AreEqual("run", seen.Info.WorkflowRunId);
        Assert.AreEqual("hub", seen.Info.Namespace);
        Assert.AreEqual("half", await seen.Info.HeartbeatDetailAtAsync<string>(0));
        CollectionAssert.AreEqual(new byte[] { 7 }, seen.TaskToken);
    }

    [TestMethod]
    public async Task CancellationDetails_SayTheReason_OnceThereIsOne()
    {
        Delegate look = [Activity("a")] () =>
        {
            var details = ActivityExecutionContext.Current.CancellationDetails;
            return details is null ? "none" : $"{details.IsTimedOut} {details.IsCancelRequested}";
        };

        Assert.AreEqual("none", ValueOf<string>(await RunAsync(look)));
        Assert.AreEqual("True False", ValueOf<string>(await RunAsync(look, Invocation() with { CancelReason = () => ActivityCancelReason.Timeout })));
    }

    [TestMethod]
    public async Task TemporalClient_IsTheApplications_OrSaysThatThereIsNone()
    {
        var client = new WorkflowClient(
            new() { Service = new FakeWorkflowService(), Reader = new FakeWorkflowService(), NewId = () => "id", Time = TimeProvider.System }, new() { Namespace = "n" });
        var definitions = new WorkerRegistrations().AddActivity([Activity("a")] () => ActivityExecutionContext.Current.TemporalClient.Options.Namespace).Activities;

        var with = new ActivityInvoker(definitions, new("hub") { Services = new FakeServices { Client = client } });
        Assert.AreEqual("n", ValueOf<string>(await with.InvokeAsync(Invocation())));
        StringAssert.Contains(FailureOf(await new ActivityInvoker(definitions, new("hub")).InvokeAsync(Invocation())).Message, "IWorkflowClient");
    }

    [TestMethod]
    public async Task IdempotencyKey_IsTheSameForAllAttemptsAndOfNoOtherActivity()
    {
        async Task<string> KeyAsync(ActivityInvocation invocation)
        {
            return ValueOf<string>(await RunAsync([Activity("a")] () => ActivityExecutionContext.Current.IdempotencyKey, invocation));
        }

        var key = await KeyAsync(Invocation());

        Assert.AreEqual(32, key.Length);
        Assert.AreEqual(key, await KeyAsync(Invocation() with { Attempt = 2 }));
        Assert.AreNotEqual(key, await KeyAsync(Invocation() with { ScheduledEventId = 6 }));
        Assert.AreNotEqual(key, await KeyAsync(Invocation() with { RunId = "other" }));
        Assert.AreNotEqual(key, await KeyAsync(Invocation() with { WorkflowId = "other" }));
    }

    [TestMethod]
    public async Task Heartbeats_ArriveConvertedAndEncodedBeforeTheOutcome()
    {
        var beats = new List<IReadOnlyList<Payload>>();
        var options = new ActivityInvokerOptions("hub") { DataConverter = DataConverter.Default with { PayloadCodec = new ReversingCodec() } };
        var definitions = new WorkerRegistrations().AddActivity([Activity("a")] () => ActivityExecutionContext.Current.Heartbeat("abc", 1)).Activities;

        await new ActivityInvoker(definitions, options).InvokeAsync(Invocation() with { Heartbeat = beats.Add });

        Assert.AreEqual(1, beats.Count);
        Assert.AreEqual("\"cba\"", Encoding.UTF8.GetString(beats[0][0].Data.Span));
    }

    [TestMethod]
    public async Task HeartbeatThatCannotBeConverted_CancelsTheActivityAndIsItsFailure()
    {
        ActivityCancelReason? reason = null;
        Delegate beats = [Activity("a")] () =>
        {
            var context = ActivityExecutionContext.Current;
            context.Heartbeat((Action)(() => { }));
            reason = context.CancelReason;
            context.CancellationToken.ThrowIfCancellationRequested();
        };

        var failure = FailureOf(await RunAsync(beats));

        Assert.AreEqual(ActivityCancelReason.HeartbeatRecordFailure, reason);
        Assert.AreEqual("NotSupportedException", ((ApplicationFailureInfo)failure.Info).Type);
    }

    [TestMethod]
    public async Task Codec_DecodesArgumentsAndEncodesResultsAndFailures()
    {
        var converter = DataConverter.Default with { PayloadCodec = new ReversingCodec() };
        var options = new ActivityInvokerOptions("hub") { DataConverter = converter };
        var definitions = new WorkerRegistrations()
            .AddActivity([Activity("a")] (string text) => text.Length > 0 ? text : throw new ApplicationFailureException("no", details: new object?[] { "why" }))
            .Activities;
        var invoker = new ActivityInvoker(definitions, options);

        var completed = (ActivityOutcome.Completed)await invoker.InvokeAsync(Invocation(await converter.EncodeAsync(["xy"])));
        var failed = FailureOf(await invoker.InvokeAsync(Invocation(await converter.EncodeAsync([""]))));

        Assert.AreEqual("xy", await converter.ToValueAsync<string>(completed.Result!));
        Assert.AreEqual("\"yhw\"", Encoding.UTF8.GetString(((ApplicationFailureInfo)failed.Info).Details[0].Data.Span));
    }

    [TestMethod]
    public async Task ResultThatCannotBeConverted_IsAFailure() =>
        Assert.AreEqual("NotSupportedException", ((ApplicationFailureInfo)FailureOf(await RunAsync([Activity("a")] () => (object)(Action)(() => { }))).Info).Type);

    [TestMethod]
    public async Task DetailsThatCannotBeConverted_StillGiveAFailure() =>
        StringAssert.Contains(
            FailureOf(await RunAsync([Activity("a")] void () => throw new ApplicationFailureException("no", details: new object?[] { (Action)(() => { }) }))).Message,
            "conversion of its failure");

    [TestMethod]
    public async Task RegisteredByType_EachAttemptHasItsInstanceInItsScope()
    {
        var services = new FakeServices();
        var invoker = new ActivityInvoker(new WorkerRegistrations().AddActivities<Counter>().Activities, new("hub") { Services = services });
        var invocation = Invocation() with { Scheduled = new ActivityScheduled("1", "Next", "q", []) };

        Assert.AreEqual(1, ValueOf<int>(await invoker.InvokeAsync(invocation)));
        Assert.AreEqual(1, ValueOf<int>(await invoker.InvokeAsync(invocation)));
        Assert.AreEqual(2, services.ScopesMade);
        Assert.AreEqual(2, services.ScopesEnded);
    }

    [TestMethod]
    public async Task RegisteredInstance_IsUsedForAllAttempts()
    {
        var invoker = new ActivityInvoker(new WorkerRegistrations().AddActivities(typeof(Counter), new Counter()).Activities, new("hub"));
        var invocation = Invocation() with { Scheduled = new ActivityScheduled("1", "Next", "q", []) };

        Assert.AreEqual(1, ValueOf<int>(await invoker.InvokeAsync(invocation)));
        Assert.AreEqual(2, ValueOf<int>(await invoker.InvokeAsync(invocation)));
    }

    [TestMethod]
    public void SameNameTwice_IsRefused()
    {
        var definitions = new WorkerRegistrations().AddActivity([Activity("a")] () => { }).AddActivity([Activity("a")] () => { }).Activities;

        StringAssert.Contains(Assert.ThrowsExactly<ArgumentException>(() => new ActivityInvoker(definitions, new("hub"))).Message, "'a'");
    }

    [TestMethod]
    public async Task Interceptors_SeeCallsAndHeartbeats_FirstIsOutermost()
    {
        var log = new List<string>();
        var options = new ActivityInvokerOptions("hub") { Interceptors = [new Recorder("1", log), new Recorder("2", log)] };
        var definitions = new WorkerRegistrations().AddActivity([Activity("a")] () => ActivityExecutionContext.Current.Heartbeat()).Activities;

        await new ActivityInvoker(definitions, options).InvokeAsync(Invocation());

        CollectionAssert.AreEqual(new[] { "1 in", "2 in", "2 beat", "1 beat", "2 out", "1 out" }, log);
    }

    [TestMethod]
    public async Task Metrics_SayWhichActivityTheyAreOf()
    {
        using var seen = new Measurements();
        var definitions = new WorkerRegistrations()
            .AddActivity([Activity("a")] () => ActivityExecutionContext.Current.MetricMeter.CreateCounter<int>("c").Add(1)).Activities;

        await new ActivityInvoker(definitions, new("hub") { MetricMeter = seen.User }).InvokeAsync(Invocation());

        CollectionAssert.AreEqual(new[] { "Counter long c  1 [namespace=hub,task_queue=q,activity_type=a]" }, seen.Lines);
    }

    private static Task<ActivityOutcome> RunAsync(Delegate activity, params object?[] args) => RunAsync(activity, Invocation(args));

    private static Task<ActivityOutcome> RunAsync(Delegate activity, ActivityInvocation invocation) =>
        new ActivityInvoker([ActivityDefinition.Create(activity)], new("hub")).InvokeAsync(invocation);

    private static ActivityInvocation Invocation(params object?[] args) =>
        Invocation([.. args.Select(DataConverter.Default.PayloadConverter.ToPayload)]);

    private static ActivityInvocation Invocation(IReadOnlyList<Payload> args) => new()
    {
        WorkflowId = "wf",
        RunId = "run",
        WorkflowType = "Flow",
        ScheduledEventId = 5,
        Scheduled = new ActivityScheduled("1", "a", "q", args) { StartToCloseTimeout = TimeSpan.FromSeconds(10) },
        Attempt = 1,
        ScheduledTime = DateTimeOffset.UnixEpoch,
        CurrentAttemptScheduledTime = DateTimeOffset.UnixEpoch,
        StartedTime = DateTimeOffset.UnixEpoch,
        TaskToken = new byte[] { 7 },
        Cancel = CancellationToken.None,
        CancelReason = () => ActivityCancelReason.None,
        WorkerShutdown = CancellationToken.None,
        Heartbeat = _ => { },
    };

    private static T ValueOf<T>(ActivityOutcome outcome) => outcome is ActivityOutcome.Completed { Result: { } result }
        ? DataConverter.Default.PayloadConverter.ToValue<T>(result)
        : throw new AssertFailedException($"Expected a result, got {outcome}.");

    private static Failure FailureOf(ActivityOutcome outcome) => ((ActivityOutcome.Failed)outcome).Failure;

    private sealed class Counter
    {
        private int _count;

        [Activity]
        public int Next() => ++_count;
    }

    private sealed class Recorder(string name, List<string> log) : IWorkerInterceptor
    {
        public ActivityInboundInterceptor InterceptActivity(ActivityInboundInterceptor nextInterceptor) => new Inbound(nextInterceptor, name, log);

        private sealed class Inbound(ActivityInboundInterceptor next, string name, List<string> log) : ActivityInboundInterceptor(next)
        {
            public override void Init(ActivityOutboundInterceptor outbound) => Next.Init(new Outbound(outbound, name, log));

            public override async Task<object?> ExecuteActivityAsync(ExecuteActivityInput input)
            {
                log.Add($"{name} in");
                var result = await Next.ExecuteActivityAsync(input);
                log.Add($"{name} out");
                return result;
            }
        }

        private sealed class Outbound(ActivityOutboundInterceptor next, string name, List<string> log) : ActivityOutboundInterceptor(next)
        {
            public override void Heartbeat(HeartbeatInput input)
            {
                log.Add($"{name} beat");
                Next.Heartbeat(input);
            }
        }
    }
}
