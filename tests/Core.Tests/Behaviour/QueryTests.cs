using Serverless.Api.Enums.V1;
using Serverless.Client;
using Serverless.Common;
using Serverless.Converters;
using Serverless.Exceptions;
using Serverless.History;
using Serverless.Workflows;

namespace Serverless.Tests.Behaviour;

/// <summary>Queries: on methods and properties, open and closed workflows, and what they may not do.</summary>
[TestClass]
public sealed class QueryTests
{
    [TestMethod]
    public async Task Queries_of_every_form_are_answered()
    {
        await Behaviour.Run<Asked>(async run =>
        {
            var workflow = await run.StartAsync((Asked a) => a.RunAsync());
            Assert.AreEqual("hello you", await workflow.QueryAsync(a => a.Greet("you")));
            Assert.AreEqual("hello me", await workflow.QueryAsync<Asked, string>(a => a.Greet("me")));
            Assert.AreEqual("hello it", await workflow.QueryAsync<string>("Greet", ["it"]));
            Assert.AreEqual(0, await workflow.QueryAsync(a => a.Count));
            Assert.AreEqual("named", await workflow.QueryAsync(a => a.UnderAnotherName()));
            Assert.AreEqual("named", await workflow.QueryAsync<string>("other name", []));
            Assert.AreEqual("GetAsync", await workflow.QueryAsync<string>("GetAsync", []));
            Assert.AreEqual("anything 1 two", await workflow.QueryAsync<string>("anything", [1, "two"]));
            Assert.IsNull(await workflow.QueryAsync(a => a.Nothing()));
        });
    }

    [TestMethod]
    public async Task Query_sees_all_that_was_accepted_before()
    {
        await Behaviour.Run<Asked>(async run =>
        {
            var workflow = await run.StartAsync((Asked a) => a.RunAsync());
            for (var i = 1; i <= 5; i++)
            {
                await workflow.SignalAsync(a => a.AddAsync());
                Assert.AreEqual(i, await workflow.QueryAsync(a => a.Count));
            }
        });
    }

    [TestMethod]
    public async Task Query_leaves_no_trace()
    {
        await Behaviour.Run<Asked>(async run =>
        {
            var workflow = await run.StartAsync((Asked a) => a.RunAsync());
            var before = (await run.HistoryAsync("w")).Count;
            await workflow.QueryAsync(a => a.Greet("you"));
            await Assert.ThrowsExactlyAsync<WorkflowQueryFailedException>(() => workflow.QueryAsync(a => a.Throw()));
            Assert.HasCount(before, await run.HistoryAsync("w"));
        });
    }

    [TestMethod]
    public async Task Closed_workflows_answer_too()
    {
        await Behaviour.Run<Asked>(async run =>
        {
            var workflow = await run.StartAsync((Asked a) => a.RunAsync());
            await workflow.SignalAsync(a => a.AddAsync());
            await workflow.SignalAsync(a => a.EndAsync());
            await workflow.GetResultAsync();
            Assert.AreEqual(1, await workflow.QueryAsync(a => a.Count));
            var killed = await run.StartAsync((Asked a) => a.RunAsync(), new("killed"));
            await killed.TerminateAsync();
            Assert.AreEqual(0, await killed.QueryAsync(a => a.Count));
        });
    }

    [TestMethod]
    public async Task Reject_condition_refuses_queries_of_closed_workflows()
    {
        await Behaviour.Run<Asked>(async run =>
        {
            var workflow = await run.StartAsync((Asked a) => a.RunAsync());
            WorkflowQueryOptions notOpen = new() { RejectCondition = QueryRejectCondition.NotOpen };
            WorkflowQueryOptions notClean = new() { RejectCondition = QueryRejectCondition.NotCompletedCleanly };
            Assert.AreEqual(0, await workflow.QueryAsync(a => a.Count, notOpen));
            await workflow.SignalAsync(a => a.EndAsync());
            await workflow.GetResultAsync();
            var rejected = await Assert.ThrowsExactlyAsync<WorkflowQueryRejectedException>(() => workflow.QueryAsync(a => a.Count, notOpen));
            Assert.AreEqual(WorkflowExecutionStatus.Completed, rejected.WorkflowStatus);
            Assert.AreEqual(0, await workflow.QueryAsync(a => a.Count, notClean));
            Assert.AreEqual(0, await workflow.QueryAsync(a => a.Count, new() { RejectCondition = QueryRejectCondition.None }));

            var killed = await run.StartAsync((Asked a) => a.RunAsync(), new("killed"));
            await killed.TerminateAsync();
            rejected = await Assert.ThrowsExactlyAsync<WorkflowQueryRejectedException>(() => killed.QueryAsync(a => a.Count, notClean));
            Assert.AreEqual(WorkflowExecutionStatus.Terminated, rejected.WorkflowStatus);
        });
    }

    [TestMethod]
    public async Task Reject_condition_of_the_client_counts_where_the_query_names_none()
    {
        await Behaviour.Run(
            setup =>
            {
                setup.Add<Asked>();
                setup.Client.QueryRejectCondition = QueryRejectCondition.NotOpen;
            },
            async run =>
            {
                var workflow = await run.StartAsync((Asked a) => a.RunAsync());
                await workflow.TerminateAsync();
                await Assert.ThrowsExactlyAsync<WorkflowQueryRejectedException>(() => workflow.QueryAsync(a => a.Count));
                Assert.AreEqual(0, await workflow.QueryAsync(a => a.Count, new() { RejectCondition = QueryRejectCondition.None }));
                Assert.AreEqual(0, await workflow.QueryAsync(a => a.Count, new() { RejectCondition = QueryRejectCondition.Unspecified }));
            });
    }

    [TestMethod]
    public async Task Unknown_query_names_the_known_ones()
    {
        await Behaviour.Run(
            setup => setup.Add("w", () => Script.HearAsync("end")),
            async run =>
            {
                var workflow = await run.StartAsync("w");
                var failed = await Assert.ThrowsExactlyAsync<WorkflowQueryFailedException>(() => workflow.QueryAsync<string>("Unheard", []));
                Assert.Contains("Unheard", failed.Message);
                Assert.Contains("Notes", failed.Message);
                var gone = await Assert.ThrowsExactlyAsync<RpcException>(() => run.Client.GetWorkflowHandle("nobody").QueryAsync<string>("Notes", []));
                Assert.AreEqual(RpcException.StatusCode.NotFound, gone.Code);
            });
    }

    [TestMethod]
    public async Task Failing_query_tells_its_caller_and_nobody_else()
    {
        await Behaviour.Run<Asked>(async run =>
        {
            var workflow = await run.StartAsync((Asked a) => a.RunAsync());
            Assert.Contains("no answer", (await Assert.ThrowsExactlyAsync<WorkflowQueryFailedException>(() => workflow.QueryAsync(a => a.Throw()))).Message);
            await Assert.ThrowsExactlyAsync<WorkflowQueryFailedException>(() => workflow.QueryAsync<string>("Greet", []));
            await Assert.ThrowsExactlyAsync<WorkflowQueryFailedException>(() => workflow.QueryAsync<string>("Square", ["text"]));
            Assert.IsNull((await workflow.DescribeAsync()).BlockedReason);
            await workflow.SignalAsync(a => a.EndAsync());
            await workflow.GetResultAsync();
        });
    }

    [TestMethod]
    [DataRow("delay")]
    [DataRow("activity")]
    [DataRow("memo")]
    [DataRow("details")]
    [DataRow("patch")]
    [DataRow("handler")]
    [DataRow("condition")]
    [DataRow("attributes")]
    public async Task Query_may_only_look(string what)
    {
        await Behaviour.Run<Asked>(async run =>
        {
            var workflow = await run.StartAsync((Asked a) => a.RunAsync());
            await Assert.ThrowsExactlyAsync<WorkflowQueryFailedException>(() => workflow.QueryAsync(a => a.Act(what)));
            Assert.HasCount(2, await run.HistoryAsync("w"));
            await workflow.SignalAsync(a => a.EndAsync());
            await workflow.GetResultAsync();
        });
    }

    [TestMethod]
    public async Task Random_numbers_of_a_query_do_not_change_those_of_the_workflow()
    {
        await Behaviour.Run(
            setup => setup.Add("w", async () =>
            {
                Workflow.Queries["draw"] = WorkflowQueryDefinition.CreateWithoutAttribute("draw", static () => $"{Workflow.NewGuid()} {Workflow.Random.Next(100)}");
                var first = Workflow.NewGuid();
                await Script.HearAsync("go");
                return $"{first} {Workflow.NewGuid()} {Workflow.Random.Next(1000)}";
            }),
            async run =>
            {
                var workflow = await run.StartAsync("w");
                for (var i = 0; i < 3; i++)
                {
                    Assert.IsNotNull(await workflow.QueryAsync<string>("draw", []));
                }

                await workflow.SignalAsync(s => s.TellAsync("go"));
                await workflow.GetResultAsync<string>();
            });
    }

    [TestMethod]
    public async Task Handlers_can_be_added_and_removed_as_the_code_goes()
    {
        await Behaviour.Run(
            setup => setup.Add("w", async () =>
            {
                Workflow.Queries["mine"] = WorkflowQueryDefinition.CreateWithoutAttribute("mine", (int a) => a + 1, "adds one");
                Workflow.DynamicQuery = WorkflowQueryDefinition.CreateWithoutAttribute(null, static (string name, IRawValue[] _) => $"any {name}");
                await Script.HearAsync("remove");
                Workflow.Queries.Remove("mine");
                await Script.HearAsync("end");
                Workflow.DynamicQuery = null;
            }),
            async run =>
            {
                var workflow = await run.StartAsync("w");
                Assert.AreEqual(3, await workflow.QueryAsync<int>("mine", [2]));
                Assert.AreEqual("any thing", await workflow.QueryAsync<string>("thing", []));
                await workflow.SignalAsync(s => s.TellAsync("remove"));
                Assert.AreEqual("any mine", await workflow.QueryAsync<string>("mine", []));
                await workflow.SignalAsync(s => s.TellAsync("end"));
                await Assert.ThrowsExactlyAsync<WorkflowQueryFailedException>(() => workflow.QueryAsync<string>("mine", []));
                await workflow.GetResultAsync();
            });
    }

    [TestMethod]
    public void Definitions_say_what_they_are()
    {
        var definition = WorkflowDefinition.Create<Asked>();
        var named = definition.Queries["other name"];
        Assert.AreEqual("other name: a name, False", $"{named.Name}: {named.Description}, {named.Dynamic}");
        Assert.IsTrue(definition.DynamicQuery!.Dynamic);
        Assert.AreEqual("Count", WorkflowQueryDefinition.FromProperty(typeof(Asked).GetProperty(nameof(Asked.Count))!).Name);
        Assert.AreEqual("Greet", WorkflowQueryDefinition.FromMethod(typeof(Asked).GetMethod(nameof(Asked.Greet))!).Name);
    }

    [Workflow]
    public class Asked
    {
        private bool _end;

        [WorkflowQuery]
        public int Count { get; private set; }

        [WorkflowRun]
        public Task RunAsync() => Workflow.WaitConditionAsync(() => _end);

        [WorkflowSignal]
        public Task AddAsync()
        {
            Count++;
            return Task.CompletedTask;
        }

        [WorkflowSignal]
        public Task EndAsync()
        {
            _end = true;
            return Task.CompletedTask;
        }

        [WorkflowQuery]
        public string Greet(string name) => $"hello {name}";

        [WorkflowQuery("other name", Description = "a name")]
        public string UnderAnotherName() => "named";

        [WorkflowQuery]
        public string GetAsync() => nameof(GetAsync);

        [WorkflowQuery]
        public int Square(int value) => value * value;

        [WorkflowQuery]
        public string? Nothing() => null;

        [WorkflowQuery]
        public string Throw() => throw new InvalidOperationException("no answer");

        [WorkflowQuery]
        public string Act(string what)
        {
            switch (what)
            {
                case "delay": _ = Workflow.DelayAsync(1); break;
                case "activity": _ = Workflow.ExecuteActivityAsync("x", [], new() { StartToCloseTimeout = TimeSpan.FromMinutes(1) }); break;
                case "memo": Workflow.UpsertMemo(MemoUpdate.ValueSet("a", 1)); break;
                case "details": Workflow.CurrentDetails = "new"; break;
                case "patch": Workflow.Patched("p"); break;
                case "handler": Workflow.Signals.Remove("End"); break;
                case "condition": _ = Workflow.WaitConditionAsync(static () => true); break;
                case "attributes": Workflow.UpsertTypedSearchAttributes(SearchAttributeKey.CreateLong("n").ValueSet(1)); break;
                default: break;
            }

            return "done";
        }

        [WorkflowQuery(Dynamic = true)]
        public string Any(string name, IRawValue[] args) =>
            string.Join(" ", args.Select(static a => Workflow.PayloadConverter.ToValue<object>(a)).Prepend(name));
    }
}
