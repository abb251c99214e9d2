using Serverless.Activities;
using Serverless.Client;
using Serverless.Client.Interceptors;
using Serverless.Converters;
using Serverless.Worker.Interceptors;
using Serverless.Workflows;

namespace Serverless.Tests.Engine;

/// <summary>One interceptor carries a value from whoever calls to whatever runs for the call, by headers alone.</summary>
[TestClass]
public sealed class ContextPropagationTests
{
    private static readonly AsyncLocal<string?> User = new();

    [TestMethod]
    [DataRow(1000)]
    [DataRow(0)]
    public async Task Headers_reach_everything_that_runs_for_a_call(int cached)
    {
        await using var host = new EngineHost(
            [typeof(Office), typeof(Desk)], new Clerk(), EngineHost.Options with { CachedRuns = cached }, interceptor: new Propagation());
        User.Value = "ann";
        var office = await host.Client.StartWorkflowAsync((Office o) => o.RunAsync(null), new("office", "default"));
        User.Value = "desk";
        var desk = await host.Client.StartWorkflowAsync((Desk d) => d.RunAsync(), new("desk", "default"));
        User.Value = "bob";
        await office.SignalAsync(o => o.NoteAsync());
        User.Value = "cid";
        Assert.AreEqual("update: cid, its activity: cid", await office.ExecuteUpdateAsync(o => o.AskAsync()));
        User.Value = "dan";
        Assert.AreEqual("query: dan", await office.QueryAsync(o => o.Look()));
        User.Value = null;

        Assert.AreEqual(
            "run: ann; activity: ann; local: ann; child: ann told by ann; signal: bob; continued: ann; its activity: ann", await office.GetResultAsync());
        Assert.AreEqual("desk told by ann", await desk.GetResultAsync());
    }

    [TestMethod]
    public async Task Headers_of_an_update_with_a_start_reach_the_update_and_those_of_the_operation_the_start()
    {
        await using var host = new EngineHost([typeof(Office), typeof(Desk)], new Clerk(), interceptor: new Propagation());
        User.Value = "eve";
        var start = WithStartWorkflowOperation.Create(
            (Desk d) => d.RunAsync(), new WorkflowOptions("desk", "default") { IdConflictPolicy = Api.Enums.V1.WorkflowIdConflictPolicy.UseExisting });

        Assert.AreEqual("update: eve", await host.Client.ExecuteUpdateWithStartWorkflowAsync((Desk d) => d.AskAsync(), new(start)));
        var desk = await start.GetHandleAsync();
        User.Value = "bob";
        await desk.SignalAsync(d => d.TellAsync());

        Assert.AreEqual("eve told by bob", await desk.GetResultAsync());
    }

    private sealed class Propagation : IClientInterceptor, IWorkerInterceptor
    {
        private const string Key = "user";

        public ClientOutboundInterceptor InterceptClient(ClientOutboundInterceptor nextInterceptor) => new ForClient(nextInterceptor);

        public WorkflowInboundInterceptor InterceptWorkflow(WorkflowInboundInterceptor nextInterceptor) => new Into(nextInterceptor);

        public ActivityInboundInterceptor InterceptActivity(ActivityInboundInterceptor nextInterceptor) => new IntoActivity(nextInterceptor);

        private static Dictionary<string, Payload> With(IDictionary<string, Payload>? headers) => new(headers ?? new Dictionary<string, Payload>())
        {
            [Key] = DataConverter.Default.PayloadConverter.ToPayload(User.Value),
        };

        /// <summary>Also when there is none: what is ambient here must not pass for what was sent.</summary>
        private static void Take(IReadOnlyDictionary<string, Payload>? headers) =>
            User.Value = headers?.GetValueOrDefault(Key) is { } user ? DataConverter.Default.PayloadConverter.ToValue<string?>(user) : null;

        private sealed class ForClient(ClientOutboundInterceptor next) : ClientOutboundInterceptor(next)
        {
            public override Task<WorkflowHandle<TWorkflow, TResult>> StartWorkflowAsync<TWorkflow, TResult>(StartWorkflowInput input) =>
                Next.StartWorkflowAsync<TWorkflow, TResult>(input with { Headers = With(input.Headers) });

            public override Task SignalWorkflowAsync(SignalWorkflowInput input) => Next.SignalWorkflowAsync(input with { Headers = With(input.Headers) });

            public override Task<TResult> QueryWorkflowAsync<TResult>(QueryWorkflowInput input) =>
                Next.QueryWorkflowAsync<TResult>(input with { Headers = With(input.Headers) });

            public override Task<WorkflowUpdateHandle<TResult>> StartWorkflowUpdateAsync<TResult>(StartWorkflowUpdateInput input) =>
                Next.StartWorkflowUpdateAsync<TResult>(input with { Headers = With(input.Headers) });

            public override Task<WorkflowUpdateHandle<TUpdateResult>> StartUpdateWithStartWorkflowAsync<TUpdateResult>(StartUpdateWithStartWorkflowInput input)
            {
                input.Options.StartWorkflowOperation!.Headers = With(input.Options.StartWorkflowOperation.Headers);
                return Next.StartUpdateWithStartWorkflowAsync<TUpdateResult>(input with { Headers = With(input.Headers) });
            }
        }

        private sealed class Into(WorkflowInboundInterceptor next) : WorkflowInboundInterceptor(next)
        {
            public override void Init(WorkflowOutboundInterceptor outbound) => Next.Init(new OutOf(outbound));

            public override Task<object?> ExecuteWorkflowAsync(ExecuteWorkflowInput input)
            {
                Take(Workflow.Info.Headers);
                return Next.ExecuteWorkflowAsync(input);
            }

            public override Task HandleSignalAsync(HandleSignalInput input)
            {
                Take(input.Headers);
                return Next.HandleSignalAsync(input);
            }

            public override object? HandleQuery(HandleQueryInput input)
            {
                Take(input.Headers);
                return Next.HandleQuery(input);
            }

            public override Task<object?> HandleUpdateAsync(HandleUpdateInput input)
            {
                Take(input.Headers);
                return Next.HandleUpdateAsync(input);
            }
        }

        private sealed class OutOf(WorkflowOutboundInterceptor next) : WorkflowOutboundInterceptor(next)
        {
            public override ContinueAsNewException CreateContinueAsNewException(CreateContinueAsNewExceptionInput input) =>
                Next.CreateContinueAsNewException(input with { Headers = With(input.Headers) });

            public override Task<TResult> ScheduleActivityAsync<TResult>(ScheduleActivityInput input) =>
                Next.ScheduleActivityAsync<TResult>(input with { Headers = With(input.Headers) });

            public override Task<TResult> ScheduleLocalActivityAsync<TResult>(ScheduleLocalActivityInput input) =>
                Next.ScheduleLocalActivityAsync<TResult>(input with { Headers = With(input.Headers) });

            public override Task SignalChildWorkflowAsync(SignalChildWorkflowInput input) =>
                Next.SignalChildWorkflowAsync(input with { Headers = With(input.Headers) });

            public override Task SignalExternalWorkflowAsync(SignalExternalWorkflowInput input) =>
                Next.SignalExternalWorkflowAsync(input with { Headers = With(input.Headers) });

            public override Task<ChildWorkflowHandle<TWorkflow, TResult>> StartChildWorkflowAsync<TWorkflow, TResult>(StartChildWorkflowInput input) =>
                Next.StartChildWorkflowAsync<TWorkflow, TResult>(input with { Headers = With(input.Headers) });
        }

        private sealed class IntoActivity(ActivityInboundInterceptor next) : ActivityInboundInterceptor(next)
        {
            public override Task<object?> ExecuteActivityAsync(ExecuteActivityInput input)
            {
                Take(input.Headers);
                return Next.ExecuteActivityAsync(input);
            }
        }
    }

    public sealed class Clerk
    {
        [Activity]
        public string Who() => User.Value ?? "nobody";
    }

    [Workflow]
    public class Office
    {
        private static readonly ActivityOptions Minute = new() { StartToCloseTimeout = TimeSpan.FromMinutes(1) };
        private string? _signal;
        private bool _asked;

        [WorkflowRun]
        public async Task<string> RunAsync(string? before)
        {
            if (before is not null)
            {
                return $"{before}; continued: {User.Value}; its activity: {await Workflow.ExecuteActivityAsync((Clerk c) => c.Who(), Minute)}";
            }

            var run = $"run: {User.Value}";
            var activity = await Workflow.ExecuteActivityAsync((Clerk c) => c.Who(), Minute);
            var local = await Workflow.ExecuteLocalActivityAsync((Clerk c) => c.Who(), new() { StartToCloseTimeout = TimeSpan.FromMinutes(1) });
            var child = await Workflow.StartChildWorkflowAsync((Desk d) => d.RunAsync());
            await child.SignalAsync(d => d.TellAsync());
            var answer = await child.GetResultAsync();
            await Workflow.GetExternalWorkflowHandle<Desk>("desk").SignalAsync(d => d.TellAsync());
            await Workflow.WaitConditionAsync(() => _signal is not null && _asked && Workflow.AllHandlersFinished);
            var all = $"{run}; activity: {activity}; local: {local}; child: {answer}; signal: {_signal}";
            await Workflow.DelayAsync(TimeSpan.FromHours(1));
            throw Workflow.CreateContinueAsNewException((Office o) => o.RunAsync(all));
        }

        [WorkflowSignal]
        public Task NoteAsync()
        {
            _signal = User.Value;
            return Task.CompletedTask;
        }

        [WorkflowUpdate]
        public async Task<string> AskAsync()
        {
            _asked = true;
            return $"update: {User.Value}, its activity: {await Workflow.ExecuteActivityAsync((Clerk c) => c.Who(), Minute)}";
        }

        [WorkflowQuery]
        public string Look() => $"query: {User.Value}";
    }

    [Workflow]
    public class Desk
    {
        private string? _teller;

        [WorkflowRun]
        public async Task<string> RunAsync()
        {
            var mine = User.Value;
            await Workflow.WaitConditionAsync(() => _teller is not null);
            return $"{mine} told by {_teller}";
        }

        [WorkflowSignal]
        public Task TellAsync()
        {
            _teller = User.Value;
            return Task.CompletedTask;
        }

        [WorkflowUpdate]
        public Task<string> AskAsync() => Task.FromResult($"update: {User.Value}");
    }
}
