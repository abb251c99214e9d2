using Microsoft.Extensions.Logging;
using Serverless.Workflows;

namespace Serverless.Tests.Replay;

[TestClass]
public sealed partial class LoggerTests
{
    private const string Run = "Attempt=1 FirstExecutionRunId=run-1 Namespace=default RunId=run-1 TaskQueue=default WorkflowId=wf WorkflowType=Diarist";

    [TestMethod]
    public void Lines_name_workflow_run_and_update_and_are_not_written_in_replay()
    {
        var log = new ScopedLog();
        using var run = new ExecutorHarness(WorkflowDefinition.Create<Diarist>(), [], options: o => o with { Loggers = log });

        run.Run();
        run.Run(ExecutorHarness.Update("u1", "Write", "note"));
        run.Query<string>("Look");

        // The harness runs every task in a second executor too.
        CollectionAssert.AreEqual(
            new[]
            {
                $"Serverless.Workflow:Diarist [{Run}] begun",
                $"Serverless.Workflow:Diarist [{Run}] begun",
                $"Serverless.Workflow:Diarist [{Run} UpdateId=u1 UpdateName=Write] checking note as u1",
                $"Serverless.Workflow:Diarist [{Run} UpdateId=u1 UpdateName=Write] writing note",
                $"Serverless.Workflow:Diarist [{Run} UpdateId=u1 UpdateName=Write] checking note as u1",
                $"Serverless.Workflow:Diarist [{Run} UpdateId=u1 UpdateName=Write] writing note",
                $"Serverless.Workflow:Diarist [{Run}] asked in no update",
                $"Serverless.Workflow:Diarist [{Run}] asked in no update",
            },
            log.Lines);
        log.Lines.Clear();
        run.Replayed().Dispose();
        Assert.IsEmpty(log.Lines);
    }

    [TestMethod]
    public void Code_may_ask_whether_a_level_is_enabled()
    {
        var log = new ScopedLog();
        using var run = ExecutorHarness.Of(
            async () =>
            {
                if (Workflow.Logger.IsEnabled(LogLevel.Information))
                {
                    await Workflow.DelayAsync(1);
                }

                return "done";
            },
            o => o with { Loggers = log });

        run.Run();
        run.Fire(3);

        Assert.AreEqual("done", run.Result<string>());
    }

    [TestMethod]
    public void Code_outside_of_the_tracer_gives_its_value()
    {
        using var run = ExecutorHarness.Of(() =>
        {
            var done = false;
            Workflow.Unsafe.WithTracingEventListenerDisabled(() => done = true);
            return Task.FromResult<object?>($"{done} {Workflow.Unsafe.WithTracingEventListenerDisabled(() => 5)} {Workflow.Unsafe.IsReplayingHistoryEvents}");
        });

        run.Run();

        Assert.AreEqual("True 5 False", run.Result<string>());
    }

    private sealed class ScopedLog : ILoggerFactory
    {
        public List<string> Lines { get; } = [];

        public void AddProvider(ILoggerProvider provider)
        {
        }

        public ILogger CreateLogger(string categoryName) => new Named(categoryName, Lines);

        public void Dispose()
        {
        }

        private sealed class Named(string name, List<string> lines) : ILogger
        {
            private readonly Stack<string> _scopes = new();

            public IDisposable BeginScope<TState>(TState state)
                where TState : notnull
            {
                _scopes.Push(string.Join(' ', ((IReadOnlyDictionary<string, object>)state).Select(pair => $"{pair.Key}={pair.Value}")));
                return new Scope(_scopes);
            }

            public bool IsEnabled(LogLevel logLevel) => true;

            public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
                lines.Add($"{name} [{string.Join(' ', _scopes.Reverse())}] {formatter(state, exception)}");

            private sealed class Scope(Stack<string> scopes) : IDisposable
            {
                public void Dispose() => scopes.Pop();
            }
        }
    }

    [Workflow]
    public partial class Diarist
    {
        [WorkflowRun]
        public async Task RunAsync()
        {
            Say(Workflow.Logger, "begun");
            await Workflow.WaitConditionAsync(() => false);
        }

        [WorkflowUpdateValidator(nameof(WriteAsync))]
        public void CheckWrite(string text) => Say(Workflow.Logger, $"checking {text} as {Workflow.CurrentUpdateInfo?.Id}");

        [WorkflowUpdate]
        public async Task WriteAsync(string text)
        {
            Say(Workflow.Logger, $"writing {text}");
            await Workflow.DelayAsync(1);
        }

        [WorkflowQuery]
        public string Look()
        {
            Say(Workflow.Logger, $"asked in {Workflow.CurrentUpdateInfo?.Id ?? "no update"}");
            return "yes";
        }

        [LoggerMessage(EventId = 1, Level = LogLevel.Information, Message = "{What}")]
        private static partial void Say(ILogger logger, string what);
    }
}
