using Microsoft.Extensions.Time.Testing;
using Serverless.Api.Enums.V1;
using Serverless.Client;
using Serverless.Common;
using Serverless.Engine;
using Serverless.Exceptions;
using Serverless.History;
using Serverless.Replay;
using Serverless.Storage.Memory;
using Serverless.Visibility;
using Serverless.Workflows;

namespace Serverless.Tests.Engine;

/// <summary>Search attributes that are not declared: refused at a start, and a block for workflow code until a process has them declared.</summary>
[TestClass]
public sealed class DeclaredAttributesTests
{
    private static readonly SearchAttributeKey<string> Region = SearchAttributeKey.CreateKeyword("Region");
    private static readonly SearchAttributeKey<IReadOnlyCollection<string>> BuildIds = SearchAttributeKey.CreateKeywordList("BuildIds");
    private static readonly EngineOptions Declaring = Declares("declaring", ("Region", IndexedValueType.Keyword), ("Total", IndexedValueType.Double));
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 11, 23, 12, 0, 0, TimeSpan.Zero));

    [TestMethod]
    [DataRow(true)]
    [DataRow(false)]
    public async Task A_start_with_an_undeclared_attribute_is_refused_and_stores_nothing(bool eager)
    {
        await using var host = new EngineHost([typeof(Setter)], options: Declares("other", ("Total", IndexedValueType.Double)));
        var undeclared = await RefusedAsync(Set(Region, "eu"));
        var ofOtherType = await RefusedAsync(Set(SearchAttributeKey.CreateKeyword("Total"), "much"));
        var ofTheSystem = await RefusedAsync(Set(BuildIds, ["b1"]));
        var given = await RefusedAsync(Set(SearchAttributeKey.CreateKeyword("TemporalScheduledById"), "s"));

        Assert.StartsWith("Search attribute 'Region' is not declared. Declared are: Total=Double.", undeclared);
        Assert.StartsWith("Search attribute 'Total' is declared as Double, but the value given is of type Keyword.", ofOtherType);
        Assert.StartsWith("Search attribute 'BuildIds' is a system attribute", ofTheSystem);
        Assert.StartsWith("Search attribute 'TemporalScheduledById' is a system attribute", given);
        await Assert.ThrowsExactlyAsync<WorkflowServiceException>(() => host.Engine.Reader.DescribeAsync(new WorkflowRef("w"), default));

        async Task<string> RefusedAsync(SearchAttributeCollection attributes)
        {
            var options = new WorkflowOptions("w") { TypedSearchAttributes = attributes, RequestEagerStart = eager };
            var e = await Assert.ThrowsExactlyAsync<RpcException>(() => host.Client.StartWorkflowAsync((Setter s) => s.RunAsync("nothing"), options));
            Assert.AreEqual(RpcException.StatusCode.InvalidArgument, e.Code);
            return e.Message;
        }
    }

    [TestMethod]
    public async Task The_products_own_workflows_may_say_what_started_a_workflow()
    {
        await using var host = new EngineHost([typeof(Setter)], options: Declares("other"));
        var key = SearchAttributeKey.CreateKeyword("TemporalScheduledById");
        await host.Engine.Service.StartAsync(
            new StartRequest("w", new WorkflowStarted("Setter", "default", [EngineHost.Value("nothing")]) { SearchAttributes = Set(key, "nightly").ToPayloads() }), default);
        await host.CloseAsync("w");
        await host.UntilAsync(
            async () => (await host.Engine.Reader.ListAsync("ScheduledById = 'nightly' AND CloseTime IS NOT NULL", 10, null, default)).Workflows.Count == 1, "the row");
    }

    [TestMethod]
    [DataRow("upsert", "Upsert: Search attribute 'Region' is not declared.")]
    [DataRow("unset", "Upsert: Search attribute 'Region' is not declared.")]
    [DataRow("child", "Child workflow 'kid': Search attribute 'Region' is not declared.")]
    [DataRow("signal with start", "Start of 'kid' with signal 'Note': Search attribute 'Region' is not declared.")]
    [DataRow("continue", "Continue as new: Search attribute 'Region' is not declared.")]
    public async Task Code_that_sets_an_undeclared_attribute_is_blocked_until_a_process_has_it_declared(string what, string message)
    {
        var store = new MemoryHubStore(_time);
        await using (var without = new EngineHost([typeof(Setter)], options: Declares("without"), store: store, time: _time))
        {
            await without.StartAsync("Setter", "w", true, what);
            var blocked = await BlockedAsync(without);
            Assert.AreEqual(nameof(WorkflowTaskFailedCause.BadSearchAttributes), blocked.Cause);
            Assert.StartsWith(message, blocked.Message);
            Assert.IsEmpty((await without.Engine.Reader.ReadHistoryAsync(new WorkflowRef("w"), 0, TimeSpan.Zero, default)).OfType<CommandEvent>());
        }

        await using var with = new EngineHost([typeof(Setter)], options: Declaring, store: store, time: _time);
        Assert.AreEqual(WorkflowExecutionStatus.Completed, (await with.CloseAsync("w")).Status);
    }

    [TestMethod]
    public async Task Code_that_sets_an_attribute_of_another_type_or_of_the_system_is_blocked()
    {
        await using var host = new EngineHost([typeof(Setter)], options: Declaring);
        await host.StartAsync("Setter", "w", false, "other type");
        Assert.StartsWith("Upsert: Search attribute 'Total' is declared as Double, but the value given is of type Int.", (await BlockedAsync(host)).Message);
        await host.StartAsync("Setter", "v", false, "system");
        Assert.StartsWith("Upsert: Search attribute 'BuildIds' is a system attribute", (await BlockedAsync(host, "v")).Message);
    }

    [TestMethod]
    public void The_products_own_workflows_may_set_attributes_of_the_system()
    {
        var paused = SearchAttributeKey.CreateBool("TemporalSchedulePaused").ValueSet(true).ToPayload();
        HistoryEvent[] upsert = [new PropertiesUpserted(WorkflowStarted.Empty!, new Dictionary<string, Payload?> { ["TemporalSchedulePaused"] = paused })];
        AttributeChecks.Check("serverless-schedule", upsert, Declares("other"));
        Assert.ThrowsExactly<WorkflowTaskFailedException>(() => AttributeChecks.Check("schedule", upsert, Declares("other")));
    }

    [TestMethod]
    public async Task What_a_history_recorded_goes_on_where_it_is_not_declared_any_more()
    {
        var store = new MemoryHubStore(_time);
        await using (var with = new EngineHost([typeof(Keeper)], options: Declaring, store: store, time: _time))
        {
            await with.StartAsync("Keeper", "w", false, 0);
            await with.UntilAsync(async () => (await with.Engine.Reader.DescribeAsync(new WorkflowRef("w"), default)).Summary.SearchAttributes.ContainsKey("Region"), "the upsert");
        }

        await using var without = new EngineHost([typeof(Keeper)], options: Declares("without"), store: store, time: _time);
        await without.SignalAsync("w", "Go");
        Assert.AreEqual("eu", await without.ResultAsync<string>("w"));
    }

    [TestMethod]
    public async Task Filters_know_the_declared_attributes_only()
    {
        await using var host = new EngineHost([typeof(Setter)], options: Declaring);
        var options = new WorkflowOptions("w") { TypedSearchAttributes = new SearchAttributeCollection.Builder().Set(SearchAttributeKey.CreateDouble("Total"), 5).ToSearchAttributeCollection() };
        await host.Client.ExecuteWorkflowAsync((Setter s) => s.RunAsync("nothing"), options);
        await host.UntilAsync(async () => (await host.Engine.Reader.ListAsync("Total = 5 AND CloseTime IS NOT NULL", 10, null, default)).Workflows.Count == 1, "the row");
        Assert.AreEqual(1, (await host.Engine.Reader.CountAsync("Total BETWEEN 4.5 AND 5", default))[""]);
        Assert.HasCount(1, (await host.Engine.Reader.ListAsync("Total > 4.5", 10, null, default)).Workflows);

        var unknown = await Assert.ThrowsExactlyAsync<FilterSyntaxException>(() => host.Engine.Reader.ListAsync("CloseTime IS NULL AND total = 5", 10, null, default));
        var wrong = await Assert.ThrowsExactlyAsync<FilterSyntaxException>(() => host.Engine.Reader.CountAsync("Total = 'much'", default));
        Assert.AreEqual("Filter, position 22: There is no attribute 'total'; did you mean Total?", unknown.Message);
        Assert.AreEqual("Filter, position 8: 'much' is not a value of Total; expected a number.", wrong.Message);
    }

    private static EngineOptions Declares(string identity, params (string Name, IndexedValueType Type)[] attributes) =>
        EngineHost.Options with { Identity = identity, CachedRuns = 0, SearchAttributes = attributes.ToDictionary(static a => a.Name, static a => a.Type) };

    private static SearchAttributeCollection Set<T>(SearchAttributeKey<T> key, T value)
        where T : notnull =>
        new SearchAttributeCollection.Builder().Set(key, value).ToSearchAttributeCollection();

    private static async Task<BlockedNote> BlockedAsync(EngineHost host, string id = "w")
    {
        BlockedNote? blocked = null;
        await host.UntilAsync(async () => (blocked = (await host.Engine.Reader.DescribeAsync(new WorkflowRef(id), default)).Blocked) is not null, "the task to block");
        return blocked!;
    }

    [Workflow]
    public class Setter
    {
        [WorkflowRun]
        public async Task RunAsync(string what)
        {
            switch (what)
            {
                case "upsert":
                    Workflow.UpsertTypedSearchAttributes(Region.ValueSet("eu"));
                    break;
                case "unset":
                    Workflow.UpsertTypedSearchAttributes(Region.ValueUnset());
                    break;
                case "other type":
                    Workflow.UpsertTypedSearchAttributes(SearchAttributeKey.CreateLong("Total").ValueSet(1));
                    break;
                case "system":
                    Workflow.UpsertTypedSearchAttributes(BuildIds.ValueSet(["b1"]));
                    break;
                case "child":
                    await Workflow.ExecuteChildWorkflowAsync((Setter s) => s.RunAsync("nothing"), new() { Id = "kid", TypedSearchAttributes = Set(Region, "eu") });
                    break;
                case "signal with start":
                    await Workflow.SignalWithStartWorkflowAsync("Setter", ["nothing"], "Note", [], new("kid", "default") { SearchAttributes = Set(Region, "eu") });
                    break;
                case "continue":
                    throw Workflow.CreateContinueAsNewException((Setter s) => s.RunAsync("nothing"), new() { TypedSearchAttributes = Set(Region, "eu") });
            }
        }

        [WorkflowSignal]
        public Task NoteAsync() => Task.CompletedTask;
    }

    [Workflow]
    public class Keeper
    {
        private bool _go;

        [WorkflowRun]
        public async Task<string> RunAsync(int round)
        {
            if (round == 0)
            {
                Workflow.UpsertTypedSearchAttributes(Region.ValueSet("eu"));
                await Workflow.WaitConditionAsync(() => _go);
                throw Workflow.CreateContinueAsNewException((Keeper k) => k.RunAsync(1));
            }

            return Workflow.TypedSearchAttributes.Get(Region);
        }

        [WorkflowSignal]
        public Task GoAsync()
        {
            _go = true;
            return Task.CompletedTask;
        }
    }
}
