using Microsoft.Extensions.Logging;
using Serverless.Common;
using Serverless.Converters;
using Serverless.History;
using Serverless.Workflows;

namespace Serverless.Tests.Replay;

[TestClass]
public sealed class PropertiesTests
{
    private static readonly SearchAttributeKey<long> Round = SearchAttributeKey.CreateLong("Round");
    private static readonly SearchAttributeKey<string> Customer = SearchAttributeKey.CreateKeyword("Customer");

    private static readonly Action<ILogger, string, Exception?> Say = LoggerMessage.Define<string>(LogLevel.Information, 1, "{Line}");

    [TestMethod]
    public void Memo_StartsAsGiven_AndChangesByUpserts()
    {
        using var run = Started(static async () =>
        {
            var before = Workflow.Memo["kept"].Payload;
            Workflow.UpsertMemo(MemoUpdate.ValueSet("added", 5), MemoUpdate.ValueUnset("dropped"));
            await Workflow.DelayAsync(1000);
            return $"{ExecutorHarness.Of<string>(before)} {string.Join(",", Workflow.Memo.Keys)} {ExecutorHarness.Of<int>(Workflow.Memo["added"].Payload)}";
        });

        CollectionAssert.AreEqual(new[] { "PropertiesUpserted", "TimerStarted 1" }, run.Run());
        var upsert = run.Event<PropertiesUpserted>(3);
        Assert.AreEqual(5, ExecutorHarness.Of<int>(upsert.Memo["added"]));
        Assert.IsNull(upsert.Memo["dropped"]);
        Assert.IsEmpty(upsert.SearchAttributes);
        run.Fire(4);
        Assert.AreEqual("yes added,kept 5", run.Result<string>());
    }

    [TestMethod]
    public void SearchAttributes_StartAsGiven_AndChangeByUpserts()
    {
        using var run = Started(static async () =>
        {
            var before = Workflow.TypedSearchAttributes.Get(Round);
            Workflow.UpsertTypedSearchAttributes(Round.ValueSet(before + 1), Customer.ValueUnset());
            await Workflow.DelayAsync(1000);
            return $"{before} {Workflow.TypedSearchAttributes.Get(Round)} {Workflow.TypedSearchAttributes.ContainsKey(Customer)}";
        });

        CollectionAssert.AreEqual(new[] { "PropertiesUpserted", "TimerStarted 1" }, run.Run());
        Assert.IsNull(run.Event<PropertiesUpserted>(3).SearchAttributes["Customer"]);
        run.Fire(4);
        Assert.AreEqual("1 2 False", run.Result<string>());
    }

    [TestMethod]
    public void ChangesFromOutside_AreSeenAndNothingElse()
    {
        using var run = Started(static async () =>
        {
            var before = Workflow.TypedSearchAttributes.Get(Round);
            await Workflow.WaitConditionAsync(static () => Workflow.TypedSearchAttributes.Get(Round) > 5);
            return $"{before} {Workflow.TypedSearchAttributes.Get(Round)} {Workflow.TypedSearchAttributes.ContainsKey(Customer)} {string.Join(",", Workflow.Memo.Keys)}";
        });

        Assert.IsEmpty(run.Run());
        Assert.IsEmpty(run.Run(Modified(new() { ["new"] = ExecutorHarness.Value(1), ["dropped"] = null }, [])));
        run.Run(Modified([], new() { ["Round"] = Round.ValueSet(6).ToPayload(), ["Customer"] = null }));
        Assert.AreEqual("1 6 False kept,new", run.Result<string>());
    }

    [TestMethod]
    public void EmptyUpserts_AreRefused()
    {
        using var memo = ExecutorHarness.Of(static () =>
        {
            Workflow.UpsertMemo();
            return Task.CompletedTask;
        });
        using var attributes = ExecutorHarness.Of(static () =>
        {
            Workflow.UpsertTypedSearchAttributes();
            return Task.CompletedTask;
        });

        Assert.IsInstanceOfType<ArgumentException>(memo.Fails().InnerException);
        Assert.IsInstanceOfType<ArgumentException>(attributes.Fails().InnerException);
    }

    [TestMethod]
    public void Info_TellsWhatTheStartSaid()
    {
        using var run = new ExecutorHarness(
            ExecutorHarness.Scripting(static () =>
            {
                var info = Workflow.Info;
                return Task.FromResult<object?>(
                    $"{info.WorkflowId} {info.RunId} {info.WorkflowType} {info.TaskQueue} {info.Attempt} {info.Parent?.WorkflowId} {info.Root?.WorkflowId} {info.TaskTimeout.TotalSeconds} "
                    + $"{(info.StartTime - info.WorkflowStartTime).TotalMinutes} {info.LastFailure?.Message} {info.CronSchedule} {Workflow.CurrentBuildId}");
            }),
            [],
            static s => s with
            {
                Attempt = 2,
                Parent = new ParentLink("mother", "r0", 5, ParentClosePolicy.Abandon),
                Root = new WorkflowLink("grandmother", "r"),
                LastFailure = new Failure("before", new ApplicationFailureInfo("T", false)),
                CronSchedule = "@daily",
            }) { BuildId = "build-7" };

        run.Now += TimeSpan.FromMinutes(3);
        run.Run();

        Assert.AreEqual("wf run-1 Scripted default 2 mother grandmother 10 3 before @daily build-7", run.Result<string>());
    }

    [TestMethod]
    public void Logger_IsSilentWhileReplaying()
    {
        var log = new LogLines();
        using var run = ExecutorHarness.Of(
            static async () =>
            {
                Say(Workflow.Logger, "first", null);
                await Workflow.DelayAsync(1000);
                Say(Workflow.Logger, "second", null);
                return null;
            },
            o => o with { Loggers = log });

        run.Run();
        run.Fire(3);

        // The harness runs each task in two executors and replays in others.
        CollectionAssert.AreEqual(new[] { "Information: first", "Information: first", "Information: second", "Information: second" }, log.Lines);
    }

    private static WorkflowPropertiesModified Modified(Dictionary<string, Payload?> memo, Dictionary<string, Payload?> attributes) => new(memo, attributes);

    private static ExecutorHarness Started(Func<Task<object?>> body) => new(ExecutorHarness.Scripting(body), [], static s => s with
    {
        Memo = new Dictionary<string, Payload> { ["kept"] = ExecutorHarness.Value("yes"), ["dropped"] = ExecutorHarness.Value(1) },
        SearchAttributes = new SearchAttributeCollection.Builder().Set(Round, 1).Set(Customer, "c").ToSearchAttributeCollection().ToPayloads(),
    });
}
