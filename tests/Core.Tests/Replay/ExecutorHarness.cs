using System.Globalization;
using Core.Tests.History;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Serverless.Converters;
using Serverless.History;
using Serverless.Replay;
using Serverless.Workflows;

namespace Serverless.Tests.Replay;

/// <summary>A workflow whose run method is a test's lambda.</summary>
[Workflow]
public class Scripted
{
    internal Func<Task<object?>> Body { get; init; } = static () => Task.FromResult<object?>(null);

    [WorkflowRun]
    public Task<object?> RunAsync() => Body();
}

/// <summary>
/// Drives one executor with scripted inputs and keeps the history. Each task also runs in a second executor that has just replayed the history before it, and
/// both must ask for the same; so every prefix of every test's history is replayed (invariant I2), after a trip through the wire format.
/// </summary>
internal sealed class ExecutorHarness : IDisposable
{
    public static readonly DateTimeOffset Begin = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);
    private readonly WorkflowDefinition _definition;
    private readonly WorkflowStarted _started;
    private readonly ExecutorOptions _options;
    private readonly List<HistoryEvent> _history = [];
    private WorkflowExecutor _live;

    public ExecutorHarness(WorkflowDefinition definition, object?[] args, Func<WorkflowStarted, WorkflowStarted>? started = null, Func<ExecutorOptions, ExecutorOptions>? options = null)
    {
        _definition = definition;
        var plain = new WorkflowStarted(definition.Name ?? "Anything", "default", [.. args.Select(Value)])
        {
            Time = Begin, RunId = "run-1", FirstRunId = "run-1", RandomSeed = 42,
        };
        _started = started?.Invoke(plain) ?? plain;
        _options = options?.Invoke(Options) ?? Options;
        _live = new WorkflowExecutor("wf", _definition, _started, _options);
    }

    public static ExecutorOptions Options { get; } = new(DataConverter.Default.PayloadConverter, DataConverter.Default.FailureConverter, NullLoggerFactory.Instance);

    public DateTimeOffset Now { get; set; } = Begin;

    public long HistoryBytes { get; set; }

    public string? BuildId { get; set; }

    public bool OtherBuildSeen { get; set; }

    public IReadOnlyList<HistoryEvent> History => _history;

    public IReadOnlyList<RejectedUpdate> Rejected { get; private set; } = [];

    public WorkflowExecutor Live => _live;

    public static ExecutorHarness Of(Func<Task<object?>> body, Func<ExecutorOptions, ExecutorOptions>? options = null) => new(Scripting(body), [], null, options);

    public static ExecutorHarness Of(Func<Task> body) => Of(async () =>
    {
        await body();
        return null;
    });

    public static ExecutorHarness Of<TWorkflow>(params object?[] args) => new(WorkflowDefinition.Create<TWorkflow>(), args);

    public static WorkflowDefinition Scripting(Func<Task<object?>> body) =>
        WorkflowDefinition.Create(typeof(Scripted), null, _ => new Scripted { Body = body });

    public static Payload Value(object? value) => DataConverter.Default.PayloadConverter.ToPayload(value);

    public static T Of<T>(Payload? payload) => DataConverter.Default.PayloadConverter.ToValue<T>(payload!);

    public static WorkflowSignaled Signal(string name, params object?[] args) => new(name, [.. args.Select(Value)]);

    public static WorkflowUpdateAccepted Update(string id, string name, params object?[] args) => new(id, name, [.. args.Select(Value)]);

    public static WorkflowCancelRequested Cancel() => new("enough", null);

    /// <summary>What the code throws; for use in workflow code, which may not leave its scheduler as MSTest's assertions do.</summary>
    public static async Task<Exception> CaughtAsync(Func<Task> code)
    {
        try
        {
            await code();
        }
        catch (Exception e)
        {
            return e;
        }

        throw new InvalidOperationException("Nothing was thrown.");
    }

    /// <summary>Runs one task and tells what the code asked for in it, one line each.</summary>
    public string[] Run(params InputEvent[] inputs)
    {
        var input = Input(inputs);
        using var second = Replayed();
        var outcome = _live.RunTask(input);
        var repeated = second.RunTask(input);
        CollectionAssert.AreEqual(Lines(outcome.Events), Lines(repeated.Events), "a replayed executor went another way");
        CollectionAssert.AreEqual(outcome.RejectedUpdates.Select(static r => r.UpdateId).ToArray(), repeated.RejectedUpdates.Select(static r => r.UpdateId).ToArray());
        Rejected = outcome.RejectedUpdates;
        _history.AddRange(outcome.Events);
        Replayed().Dispose();
        return [.. outcome.Events.OfType<CommandEvent>().Select(CommandComparer.Describe)];
    }

    /// <summary>Runs one task that fails, and builds the executor anew as the engine does.</summary>
    public WorkflowTaskFailedException Fails(params InputEvent[] inputs)
    {
        var failure = Assert.ThrowsExactly<WorkflowTaskFailedException>(() => _live.RunTask(Input(inputs)));
        _live.Dispose();
        _live = Replayed();
        return failure;
    }

    /// <summary>Lets time pass and the timer of an event fire.</summary>
    public string[] Fire(long startedEventId)
    {
        Now += Event<TimerStarted>(startedEventId).Delay;
        return Run(new TimerFired(startedEventId));
    }

    public T Event<T>(long id)
        where T : HistoryEvent => (T)_history[(int)id - 1];

    /// <summary>The last command, which must be of the type.</summary>
    public T Last<T>()
        where T : HistoryEvent => _history[^1] as T ?? throw new AssertFailedException($"The history ends with {_history[^1]}, not with {typeof(T).Name}.");

    public T Result<T>() => Of<T>(Last<WorkflowCompleted>().Result);

    public T Query<T>(string name, params object?[] args)
    {
        var answer = Of<T>(_live.Query(name, [.. args.Select(Value)], WorkflowStarted.Empty));
        using var second = Replayed();
        Assert.AreEqual(Dump.Of(answer), Dump.Of(Of<T>(second.Query(name, [.. args.Select(Value)], WorkflowStarted.Empty))), "a replayed executor answers otherwise");
        return answer;
    }

    /// <summary>A new executor of other code that replays this history.</summary>
    public void ReplayWith(Func<Task<object?>> body) => ReplayWith(Scripting(body)).Dispose();

    public WorkflowExecutor ReplayWith(WorkflowDefinition definition)
    {
        var executor = new WorkflowExecutor("wf", definition, _started, _options);
        if (_history.Count > 0)
        {
            executor.Replay(EventCodec.Decode(EventCodec.Encode(_history)));
        }

        return executor;
    }

    public WorkflowExecutor Replayed()
    {
        var executor = ReplayWith(_definition);
        Assert.AreEqual((long)_history.Count, executor.LastEventId);
        return executor;
    }

    public void Dispose() => _live.Dispose();

    private static string[] Lines(IReadOnlyList<HistoryEvent> events) =>
        [.. events.Select(static e => string.Create(CultureInfo.InvariantCulture, $"{e.Id} {e.Time:O} {(e is CommandEvent c ? Content(c) : e.GetType().Name)}"))];

    // Stack traces differ between runs and are nothing that a decision depends on.
    private static string Content(CommandEvent e) => e is WorkflowFailed or WorkflowUpdateCompleted { Failure: not null }
        ? CommandComparer.Describe(e)
        : Dump.Of(e);

    private WorkflowTaskInput Input(InputEvent[] inputs) => new(
        [.. (_history.Count == 0 ? inputs.Prepend(_started) : inputs).Select(e => e.Time == default ? e with { Time = Now } : e)], Now, "test", BuildId, HistoryBytes)
    {
        OtherBuildSeen = OtherBuildSeen,
    };
}

/// <summary>Keeps what workflows log.</summary>
internal sealed class LogLines : ILoggerFactory, ILogger
{
    public List<string> Lines { get; } = [];

    public void AddProvider(ILoggerProvider provider)
    {
    }

    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        Lines.Add($"{logLevel}: {formatter(state, exception)}");

    public void Dispose()
    {
    }
}
