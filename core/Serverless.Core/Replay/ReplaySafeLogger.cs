using Microsoft.Extensions.Logging;

namespace Serverless.Replay;

/// <summary>A logger that is silent while history is replayed, and names workflow and run.</summary>
internal sealed class ReplaySafeLogger(ILogger inner, WorkflowRun run) : ILogger
{
    private IReadOnlyDictionary<string, object>? _scope;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => inner.BeginScope(state);

    public bool IsEnabled(LogLevel logLevel) => !run.IsReplaying && inner.IsEnabled(logLevel);

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (IsEnabled(logLevel))
        {
            using var outside = WorkflowScheduler.Leave();
            using var scope = inner.BeginScope(_scope ??= run.Info.CreateLoggerScope());
            inner.Log(logLevel, eventId, state, exception, formatter);
        }
    }
}
