using System.Reflection;
using Serverless.Client;
using Serverless.Common;
using Serverless.Converters;
using Serverless.Exceptions;
using Serverless.Workflows;

namespace Serverless.Tests.Behaviour;

/// <summary>What can be a workflow: classes, records, structs, behind interfaces and base classes, dynamic ones and those made by hand.</summary>
[TestClass]
public sealed class DefinitionTests
{
    [TestMethod]
    public async Task Interface_names_what_its_class_does()
    {
        await Behaviour.Run<Shop>(async run =>
        {
            var workflow = await run.StartAsync((IShop s) => s.RunAsync("open"));
            Assert.AreEqual("Shop", (await workflow.DescribeAsync()).WorkflowType);
            await workflow.SignalAsync(s => s.StockAsync("bread"));
            Assert.AreEqual("bread sold", await workflow.ExecuteUpdateAsync(s => s.SellAsync("bread")));
            Assert.AreEqual("", await workflow.QueryAsync(s => s.Stock));
            await workflow.SignalAsync(s => s.CloseAsync());
            Assert.AreEqual("open, closed", await workflow.GetResultAsync());
        });
    }

    [TestMethod]
    public async Task Base_class_brings_handlers_and_the_derived_class_its_run_method()
    {
        await Behaviour.Run<Derived>(async run =>
        {
            var workflow = await run.StartAsync((Derived d) => d.RunAsync());
            await workflow.SignalAsync(d => d.NoteAsync("from derived"));
            await workflow.SignalAsync((BaseFlow b) => b.NoteAsync("from base"));
            Assert.AreEqual("from derived, from base", await workflow.QueryAsync(d => d.Notes()));
            Assert.AreEqual("derived", await workflow.ExecuteUpdateAsync(d => d.WhoAsync()));
            await workflow.SignalAsync(d => d.NoteAsync("end"));
            Assert.AreEqual("from derived, from base, end", await workflow.GetResultAsync());
        });
    }

    [TestMethod]
    public async Task Records_and_structs_can_be_workflows()
    {
        await Behaviour.Run(
            setup => setup.Add(typeof(Recorded), typeof(Structure)),
            async run =>
            {
                Assert.AreEqual("record 3", await run.ExecuteAsync((Recorded r) => r.RunAsync(3), new("r")));
                Assert.AreEqual("struct 4", await run.ExecuteAsync((Structure s) => s.RunAsync(4), new("s")));
            });
    }

    [TestMethod]
    public async Task Init_constructor_gets_the_arguments_before_any_handler_runs()
    {
        await Behaviour.Run<Initialized>(async run =>
        {
            var workflow = run.Client.GetWorkflowHandle<Initialized>("w");
            await Task.WhenAll(run.StartAsync((Initialized i) => i.RunAsync("x", 2)), workflow.SignalAsync(i => i.AppendAsync("!")));
            Assert.AreEqual("xx! main", await workflow.GetResultAsync<string>());
        });
    }

    [TestMethod]
    public async Task Dynamic_workflow_runs_what_no_other_does_with_raw_values()
    {
        await Behaviour.Run(
            setup => setup.Add(typeof(AnyFlow), typeof(Recorded)),
            async run =>
            {
                Assert.AreEqual("Whatever 1 two", await run.Client.ExecuteWorkflowAsync<string>("Whatever", [1, "two"], new("a")));
                Assert.AreEqual("record 3", await run.Client.ExecuteWorkflowAsync<string>("Recorded", [3], new("b")));
                await run.Client.ExecuteWorkflowAsync("Nothing", [], new("c"));
                var failed = await Assert.ThrowsExactlyAsync<WorkflowFailedException>(() => run.Client.ExecuteWorkflowAsync("Fail", [], new("d")));
                Assert.AreEqual(nameof(InvalidOperationException), ((ApplicationFailureException)failed.InnerException!).ErrorType);
                var workflow = await run.Client.StartWorkflowAsync("Wait", [], new("e"));
                await workflow.SignalAsync("anything", [5]);
                Assert.AreEqual("query anything", await workflow.QueryAsync<string>("anything", []));
                Assert.AreEqual("update anything", await workflow.ExecuteUpdateAsync<string>("anything", []));
                Assert.AreEqual("Wait signal anything", await workflow.GetResultAsync<string>());
            });
    }

    [TestMethod]
    public async Task Definition_can_have_another_name_and_creator()
    {
        await Behaviour.Run(
            setup => setup.Add(WorkflowDefinition.Create(typeof(Configured), "renamed", static _ => new Configured("by hand"))),
            async run => Assert.AreEqual("by hand", await run.Client.ExecuteWorkflowAsync<string>("renamed", [], new("w"))));
        Assert.ThrowsExactly<ArgumentException>(static () => WorkflowDefinition.Create<Configured>());
        Assert.ThrowsExactly<ArgumentException>(static () => WorkflowDefinition.Create(typeof(Initialized), null, static _ => new Initialized("", 0)));
    }

    [TestMethod]
    public async Task Missing_arguments_take_their_defaults_and_others_fail_visibly()
    {
        await Behaviour.Run<Recorded>(async run =>
        {
            Assert.AreEqual("record 7", await run.Client.ExecuteWorkflowAsync<string>("Recorded", [], new("a")));
            Assert.AreEqual("record 1", await run.Client.ExecuteWorkflowAsync<string>("Recorded", [1, "surplus"], new("b")));
            var broken = await run.Client.StartWorkflowAsync("Recorded", ["no number"], new("c"));
            Assert.IsNotNull((await broken.DescribeAsync()).BlockedReason);
        });
    }

    [TestMethod]
    public async Task Result_may_be_of_any_shape()
    {
        await Behaviour.Run(
            setup => setup.Add("w", static () => Task.FromResult(new Dictionary<string, int?[]> { ["a"] = [1, null], ["b"] = [] }))
                .Add("null", static () => Task.FromResult<string?>(null)).Add("bytes", static () => Task.FromResult<byte[]>([1, 2, 3])),
            async run =>
            {
                var result = await run.ExecuteAsync<Dictionary<string, int?[]>>("w");
                Assert.AreEqual("1  0", $"{result["a"][0]} {result["a"][1]} {result["b"].Length}");
                Assert.IsNull(await run.ExecuteAsync<string?>("null"));
                CollectionAssert.AreEqual(new byte[] { 1, 2, 3 }, await run.ExecuteAsync<byte[]>("bytes"));
            });
    }

    [TestMethod]
    public void Definitions_say_what_they_are()
    {
        var shop = WorkflowDefinition.Create<IShop>();
        Assert.AreEqual("Shop IShop RunAsync False False", $"{shop.Name} {shop.Type.Name} {shop.RunMethod.Name} {shop.Dynamic} {shop.Instantiable}");
        Assert.AreEqual("Close Stock | Stock | Sell", string.Join(" | ", new[] { shop.Signals.Keys, shop.Queries.Keys, shop.Updates.Keys }.Select(static k => string.Join(" ", k))));
        var any = WorkflowDefinition.Create<AnyFlow>();
        Assert.IsTrue(any is { Dynamic: true, Instantiable: true, DynamicSignal.Dynamic: true, DynamicQuery.Dynamic: true, DynamicUpdate.Dynamic: true });
        var instance = any.CreateWorkflowInstance([]);
        Assert.AreEqual(typeof(InvalidOperationException), any.DynamicOptionsGetter!(instance).FailureExceptionTypes!.Single());
        var picky = WorkflowDefinition.Create<FailureRuleTests.Picky>();
        Assert.AreEqual(typeof(ArgumentException), picky.FailureExceptionTypes!.Single());
        Assert.AreEqual(VersioningBehavior.AutoUpgrade, WorkflowDefinition.Create<Recorded>().VersioningBehavior);
        var options = (WorkflowDefinitionOptions)new WorkflowDefinitionOptions { VersioningBehavior = VersioningBehavior.Pinned }.Clone();
        Assert.AreEqual(VersioningBehavior.Pinned, options.VersioningBehavior);
        var attribute = typeof(AnyFlow).GetCustomAttribute<WorkflowAttribute>()!;
        Assert.AreEqual("none True", $"{attribute.Name ?? "none"} {attribute.Dynamic}");
    }

    [Workflow]
    public interface IShop
    {
        [WorkflowQuery]
        string Stock { get; }

        [WorkflowRun]
        Task<string> RunAsync(string state);

        [WorkflowSignal]
        Task StockAsync(string what);

        [WorkflowSignal]
        Task CloseAsync();

        [WorkflowUpdate]
        Task<string> SellAsync(string what);
    }

    [Workflow]
    public class Shop : IShop
    {
        private readonly List<string> _stock = [];
        private bool _closed;

        [WorkflowQuery]
        public string Stock => string.Join(" ", _stock);

        [WorkflowRun]
        public async Task<string> RunAsync(string state)
        {
            await Workflow.WaitConditionAsync(() => _closed);
            return $"{state}, closed";
        }

        [WorkflowSignal]
        public Task StockAsync(string what)
        {
            _stock.Add(what);
            return Task.CompletedTask;
        }

        [WorkflowSignal]
        public Task CloseAsync()
        {
            _closed = true;
            return Task.CompletedTask;
        }

        [WorkflowUpdate]
        public Task<string> SellAsync(string what) => Task.FromResult(_stock.Remove(what) ? $"{what} sold" : "sold out");
    }

    [Workflow]
    public abstract class BaseFlow
    {
        protected List<string> Written { get; } = [];

        [WorkflowRun]
        public abstract Task<string> RunAsync();

        [WorkflowSignal]
        public Task NoteAsync(string note)
        {
            Written.Add(note);
            return Task.CompletedTask;
        }

        [WorkflowQuery]
        public string Notes() => string.Join(", ", Written);

        [WorkflowUpdate]
        public virtual Task<string> WhoAsync() => Task.FromResult("base");
    }

    [Workflow]
    public class Derived : BaseFlow
    {
        [WorkflowRun]
        public override async Task<string> RunAsync()
        {
            await Workflow.WaitConditionAsync(() => Written.Contains("end"));
            return Notes();
        }

        [WorkflowUpdate]
        public override Task<string> WhoAsync() => Task.FromResult("derived");
    }

    [Workflow(VersioningBehavior = VersioningBehavior.AutoUpgrade)]
    public record Recorded
    {
        [WorkflowRun]
        public async Task<string> RunAsync(int number = 7)
        {
            await Workflow.DelayAsync(1);
            return $"record {number}";
        }
    }

    [Workflow]
    public struct Structure
    {
        [WorkflowRun]
        public async Task<string> RunAsync(int number)
        {
            await Workflow.DelayAsync(1);
            return $"struct {number}";
        }
    }

    [Workflow]
    public class Initialized
    {
        private string _text;

        [WorkflowInit]
        public Initialized(string text, int times) => _text = string.Concat(Enumerable.Repeat(text, times));

        [WorkflowRun]
        public async Task<string> RunAsync(string text, int times)
        {
            await Workflow.DelayAsync(1);
            return $"{_text} main";
        }

        [WorkflowSignal]
        public Task AppendAsync(string more)
        {
            _text += more;
            return Task.CompletedTask;
        }
    }

    [Workflow(Dynamic = true)]
    public class AnyFlow
    {
        private string? _signal;

        [WorkflowRun]
        public async Task<string> RunAsync(IRawValue[] args)
        {
            var type = Workflow.Info.WorkflowType;
            await Workflow.WaitConditionAsync(() => type != "Wait" || (_signal is not null && Workflow.AllHandlersFinished), TimeSpan.FromMinutes(1));
            return type switch
            {
                "Fail" => throw new InvalidOperationException("as told"),
                "Wait" => $"{type} signal {_signal}",
                _ => string.Join(" ", args.Select(static a => Workflow.PayloadConverter.ToValue<object>(a)).Prepend(type)),
            };
        }

        [WorkflowDynamicOptions]
        public WorkflowDefinitionOptions Options() => new() { FailureExceptionTypes = [typeof(InvalidOperationException)] };

        [WorkflowSignal(Dynamic = true)]
        public async Task OnSignalAsync(string name, IRawValue[] args)
        {
            await Workflow.DelayAsync(TimeSpan.FromSeconds(1));
            _signal = name;
        }

        [WorkflowQuery(Dynamic = true)]
        public string OnQuery(string name, IRawValue[] args) => $"query {name}";

        [WorkflowUpdate(Dynamic = true)]
        public Task<string> OnUpdateAsync(string name, IRawValue[] args) => Task.FromResult($"update {name}");
    }

    [Workflow]
    public class Configured(string how)
    {
        [WorkflowRun]
        public Task<string> RunAsync() => Task.FromResult(how);
    }
}
