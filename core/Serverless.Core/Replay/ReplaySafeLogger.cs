using Microsoft.Extensions.Logging;

namespace Serverless.Replay;

/// <summary>A logger that is silent while history is replayed, and names workflow, run and update.</summary>
internal sealed class ReplaySafeLogger(ILogger inner, WorkflowRun run) : ILogger
{
    private IReadOnlyDictionary<string, object>? _scope;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => inner.BeginScope(state);

    /// <summary>The same in replay: code may ask.</summary>
    public bool IsEnabled(LogLevel logLevel) => inner.IsEnabled(logLevel);

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (!run.IsReplaying && IsEnabled(logLevel))
        {
            using var outside = WorkflowScheduler.Leave();
            using var scope = inner.BeginScope(_scope ??= run.Info.CreateLoggerScope());
            using var update = run.Handlers.CurrentUpdate is { } info ? inner.BeginScope(info.CreateLoggerScope()) : null;
            inner.Log(logLevel, eventId, state, exception, formatter);
        }
    }
}
