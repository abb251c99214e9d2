using System.Collections.Concurrent;
using App.Tests.Running;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Serverless.Activities;
using Serverless.Client;
using Serverless.Client.Interceptors;
using Serverless.Common;
using Serverless.Converters;
using Serverless.Exceptions;
using Serverless.Functions;
using Serverless.Worker.Interceptors;
using Serverless.Workflows;

namespace App.Tests.Hosting;

/// <summary>What the code that registers workflows can ask for.</summary>
[TestClass]
public sealed class OptionsTests
{
    [TestMethod]
    public async Task Registrations_OfTypesInstancesAndStatics_AllRun()
    {
        var found = typeof(Caller).Assembly.GetTypes().Single(type => type.Name == nameof(Caller));
        await using var app = await TestApp.StartAsync(o => o
            .AddWorkflow(found)
            .AddAllActivities(new Shelf("shared"))
            .AddAllActivities(typeof(Fixed), null)
            .AddActivities((object)new Box("boxed")));

        Assert.AreEqual("shared fixed boxed", await app.Client.ExecuteWorkflowAsync((Caller c) => c.RunAsync(), new("calls", "default")));
    }

    [TestMethod]
    public void AddAllActivities_WithoutTheObjectThatIsNeeded_IsRefused() =>
        Assert.ThrowsExactly<InvalidOperationException>(() => new ServerlessWorkflowsOptions().AddAllActivities<Shelf>(null));

    [TestMethod]
    public void SearchAttributes_OfAnotherTypeOrOfTheSystem_AreRefused()
    {
        var attributes = new ServerlessWorkflowsOptions().SearchAttributes.Add(SearchAttributeKey.CreateKeyword("Customer")).Add(SearchAttributeKey.CreateKeyword("Customer"));

        var twice = Assert.ThrowsExactly<ArgumentException>(() => attributes.Add(SearchAttributeKey.CreateText("Customer")));
        var system = Assert.ThrowsExactly<ArgumentException>(() => attributes.Add(SearchAttributeKey.CreateKeyword("WorkflowId")));

        StringAssert.Contains(twice.Message, "'Customer' is declared as Keyword already and can't be Text as well.");
        StringAssert.Contains(system.Message, "'WorkflowId' is a name of a system attribute");
    }

    [TestMethod]
    [DataRow(true)]
    [DataRow(false)]
    public async Task AnInterceptorOfBothKinds_AddedOnce_SurroundsClientAndCodeOnce(bool asClientInterceptor)
    {
        var both = new Both();
        await using var app = await TestApp.StartAsync(o =>
        {
            o.AddWorkflow<Caller>().AddAllActivities(new Shelf("s")).AddAllActivities(typeof(Fixed), null).AddActivities(new Box("b"));
            if (asClientInterceptor)
            {
                o.ClientInterceptors.Add(both);
            }
            else
            {
                o.Interceptors.Add(both);
            }
        });

        await app.Client.ExecuteWorkflowAsync((Caller c) => c.RunAsync(), new("both", "default"));

        Assert.AreEqual("Box, Fixed, Shelf, run, start", string.Join(", ", both.Calls.Order(StringComparer.Ordinal)));
    }

    [TestMethod]
    public async Task AnInterceptorInBothLists_SurroundsOnce()
    {
        var both = new Both();
        await using var app = await TestApp.StartAsync(o =>
        {
            o.AddWorkflow<Refused>();
            o.ClientInterceptors.Add(both);
            o.Interceptors.Add(both);
        });

        await Assert.ThrowsExactlyAsync<WorkflowFailedException>(
            () => app.Client.ExecuteWorkflowAsync((Refused r) => r.RunAsync(true), new("once", "default")));

        Assert.AreEqual("run, start", string.Join(", ", both.Calls.Order(StringComparer.Ordinal)));
    }

    [TestMethod]
    public async Task WorkflowFailureExceptionTypes_FailAWorkflow()
    {
        await using var app = await TestApp.StartAsync(o =>
        {
            o.AddWorkflow<Refused>();
            o.WorkflowFailureExceptionTypes = [typeof(ArgumentException)];
        });

        var failed = await Assert.ThrowsExactlyAsync<WorkflowFailedException>(
            () => app.Client.ExecuteWorkflowAsync((Refused r) => r.RunAsync(false), new("refused", "default")));

        Assert.AreEqual(nameof(ArgumentOutOfRangeException), ((ApplicationFailureException)failed.InnerException!).ErrorType);
    }

    [TestMethod]
    public async Task Activities_AreGivenTheClientAndLoggers()
    {
        var log = new LogLines();
        await using var app = await TestApp.StartAsync(
            o => o.AddWorkflow<Asker>().AddActivities<Clerk>(),
            builder => builder.Services.AddSingleton<ILoggerProvider>(log));

        Assert.AreEqual("Asker Asker", await app.Client.ExecuteWorkflowAsync((Asker a) => a.RunAsync(), new("asker", "default")));

        CollectionAssert.AreEquivalent(
            new[]
            {
                "Serverless.Workflow:Asker: from the workflow",
                "Serverless.Activity:Look: from the context",
                $"{typeof(Clerk).FullName}: from the constructor",
            },
            log.Lines.Where(line => line.Contains(": from the ", StringComparison.Ordinal)).ToArray());
    }

    [TestMethod]
    public async Task ACodec_IsUndoneForTheHttpApi()
    {
        await using var app = await TestApp.StartAsync(o =>
        {
            o.AddWorkflow<Refused>();
            o.DataConverter = new DataConverter(
                new DefaultPayloadConverter(), new DefaultFailureConverter(new() { EncodeCommonAttributes = true }), new AesGcmPayloadCodec("k1", new byte[32]));
        });

        var (_, failed) = await app.Http.PostAsync("api/workflows?wait=20s", """{"type":"Refused","id":"coded","args":[true]}""");
        Assert.AreEqual("told to fail", failed["failure"]!["message"]!.GetValue<string>());
        await app.Http.PostAsync("api/workflows", """{"type":"Refused","id":"blocked","args":[false]}""");
        var (_, described) = await app.Http.ReadAsync("api/workflows/blocked");
        for (var look = 0; described["blocked"] is null && look < 1000; look++)
        {
            (_, described) = await app.Http.ReadAsync("api/workflows/blocked");
        }

        StringAssert.Contains(described["blocked"]!["message"]!.GetValue<string>(), "out of range");
        Assert.IsNull(described["blocked"]!["encoded"]);
    }

    private sealed class Both : IClientInterceptor, IWorkerInterceptor
    {
        public ConcurrentQueue<string> Calls { get; } = [];

        public ClientOutboundInterceptor InterceptClient(ClientOutboundInterceptor nextInterceptor) => new ForClient(nextInterceptor, Calls);

        public WorkflowInboundInterceptor InterceptWorkflow(WorkflowInboundInterceptor nextInterceptor) => new ForWorkflow(nextInterceptor, Calls);

        public ActivityInboundInterceptor InterceptActivity(ActivityInboundInterceptor nextInterceptor) => new ForActivity(nextInterceptor, Calls);

        private sealed class ForClient(ClientOutboundInterceptor next, ConcurrentQueue<string> calls) : ClientOutboundInterceptor(next)
        {
            public override Task<WorkflowHandle<TWorkflow, TResult>> StartWorkflowAsync<TWorkflow, TResult>(StartWorkflowInput input)
            {
                calls.Enqueue("start");
                return base.StartWorkflowAsync<TWorkflow, TResult>(input);
            }
        }

        private sealed class ForWorkflow(WorkflowInboundInterceptor next, ConcurrentQueue<string> calls) : WorkflowInboundInterceptor(next)
        {
            public override Task<object?> ExecuteWorkflowAsync(ExecuteWorkflowInput input)
            {
                if (!Workflow.Unsafe.IsReplaying)
                {
                    calls.Enqueue("run");
                }

                return base.ExecuteWorkflowAsync(input);
            }
        }

        private sealed class ForActivity(ActivityInboundInterceptor next, ConcurrentQueue<string> calls) : ActivityInboundInterceptor(next)
        {
            public override Task<object?> ExecuteActivityAsync(ExecuteActivityInput input)
            {
                calls.Enqueue(input.Activity.MethodInfo!.DeclaringType!.Name);
                return base.ExecuteActivityAsync(input);
            }
        }
    }

    private sealed class LogLines : ILoggerProvider
    {
        private readonly ConcurrentQueue<string> _lines = [];

        public IReadOnlyCollection<string> Lines => _lines;

        public ILogger CreateLogger(string categoryName) => new Named(categoryName, _lines);

        public void Dispose()
        {
        }

        private sealed class Named(string name, ConcurrentQueue<string> lines) : ILogger
        {
            public IDisposable? BeginScope<TState>(TState state)
                where TState : notnull => null;

            public bool IsEnabled(LogLevel logLevel) => true;

            public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
                lines.Enqueue($"{name}: {formatter(state, exception)}");
        }
    }
}

public sealed class Shelf(string name)
{
    [Activity]
    public string Take() => name;
}

public static class Fixed
{
    [Activity]
    public static string Fetch() => "fixed";
}

public sealed class Box(string name)
{
    [Activity]
    public string Open() => name;
}

public sealed partial class Clerk(IWorkflowClient client, ILogger<Clerk> logger)
{
    private readonly ILogger _logger = logger;

    [Activity]
    public async Task<string> LookAsync()
    {
        var context = ActivityExecutionContext.Current;
        FromConstructor();
        FromContext(context.Logger);
        var type = (await client.GetWorkflowHandle(context.Info.WorkflowId!).DescribeAsync()).WorkflowType;
        return $"{type} {(await context.TemporalClient.GetWorkflowHandle(context.Info.WorkflowId!).DescribeAsync()).WorkflowType}";
    }

    [LoggerMessage(EventId = 1, Level = LogLevel.Information, Message = "from the constructor")]
    private partial void FromConstructor();

    [LoggerMessage(EventId = 2, Level = LogLevel.Information, Message = "from the context")]
    private static partial void FromContext(ILogger logger);
}

[Workflow]
public class Caller
{
    [WorkflowRun]
    public async Task<string> RunAsync()
    {
        var options = new ActivityOptions { StartToCloseTimeout = TimeSpan.FromMinutes(1) };
        var shelf = await Workflow.ExecuteActivityAsync((Shelf s) => s.Take(), options);
        var fetched = await Workflow.ExecuteActivityAsync(() => Fixed.Fetch(), options);
        return $"{shelf} {fetched} {await Workflow.ExecuteActivityAsync((Box b) => b.Open(), options)}";
    }
}

[Workflow]
public class Refused
{
    [WorkflowRun]
    public Task RunAsync(bool properly) => throw (properly ? new ApplicationFailureException("told to fail") : new ArgumentOutOfRangeException(nameof(properly), "out of range"));
}

[Workflow]
public partial class Asker
{
    [WorkflowRun]
    public async Task<string> RunAsync()
    {
        FromWorkflow(Workflow.Logger);
        return await Workflow.ExecuteActivityAsync((Clerk c) => c.LookAsync(), new() { StartToCloseTimeout = TimeSpan.FromMinutes(1) });
    }

    [LoggerMessage(EventId = 3, Level = LogLevel.Information, Message = "from the workflow")]
    private static partial void FromWorkflow(ILogger logger);
}
