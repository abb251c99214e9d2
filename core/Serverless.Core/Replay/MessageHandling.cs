using Microsoft.Extensions.Logging;
using Serverless.Common;
using Serverless.Converters;
using Serverless.Exceptions;
using Serverless.History;
using Serverless.Workflows;

namespace Serverless.Replay;

/// <summary>Signals, queries and updates of a run: who handles them, which still run.</summary>
internal sealed partial class MessageHandling
{
    private readonly WorkflowRun _run;
    private readonly ILogger _logger;
    private readonly List<WorkflowSignaled> _unhandled = [];
    private readonly AsyncLocal<WorkflowUpdateInfo?> _currentUpdate = new();
    private int _runningSignals;
    private int _runningUpdates;
    private int _warnedSignals;
    private int _warnedUpdates;
    private WorkflowSignalDefinition? _dynamicSignal;
    private WorkflowQueryDefinition? _dynamicQuery;
    private WorkflowUpdateDefinition? _dynamicUpdate;

    public MessageHandling(WorkflowRun run)
    {
        _run = run;
        _logger = run.Logger;
        Signals = new HandlerMap<WorkflowSignalDefinition>(run.Definition.Signals, run.CheckWritable, DeliverUnhandled);
        Queries = new HandlerMap<WorkflowQueryDefinition>(run.Definition.Queries, run.CheckWritable, static () => { });
        Updates = new HandlerMap<WorkflowUpdateDefinition>(run.Definition.Updates, run.CheckWritable, static () => { });
        _dynamicSignal = run.Definition.DynamicSignal;
        _dynamicQuery = run.Definition.DynamicQuery;
        _dynamicUpdate = run.Definition.DynamicUpdate;
    }

    public IDictionary<string, WorkflowSignalDefinition> Signals { get; }

    public IDictionary<string, WorkflowQueryDefinition> Queries { get; }

    public IDictionary<string, WorkflowUpdateDefinition> Updates { get; }

    public WorkflowSignalDefinition? DynamicSignal
    {
        get => _dynamicSignal;
        set
        {
            _run.CheckWritable();
            _dynamicSignal = value;
            DeliverUnhandled();
        }
    }

    public WorkflowQueryDefinition? DynamicQuery
    {
        get => _dynamicQuery;
        set
        {
            _run.CheckWritable();
            _dynamicQuery = value;
        }
    }

    public WorkflowUpdateDefinition? DynamicUpdate
    {
        get => _dynamicUpdate;
        set
        {
            _run.CheckWritable();
            _dynamicUpdate = value;
        }
    }

    public bool AllFinished => _runningSignals + _runningUpdates == 0;

    public WorkflowUpdateInfo? CurrentUpdate => _currentUpdate.Value;

    /// <summary>Starts a signal's handler, or keeps the signal until there is one.</summary>
    public void Signal(WorkflowSignaled signal)
    {
        var definition = Signals.TryGetValue(signal.Name, out var named) ? named : MemberNames.IsReserved(signal.Name) ? null : DynamicSignal;
        if (definition is null)
        {
            _unhandled.Add(signal);
            return;
        }

        object?[] args;
        try
        {
            args = ArgumentDecoding.Decode(_run.Payloads, signal.Args, definition.Call.Parameters, definition.Dynamic, signal.Name);
        }
        catch (Exception e)
        {
            LogDropped(signal.Name, e);
            return;
        }

        var warns = definition.UnfinishedPolicy == HandlerUnfinishedPolicy.WarnAndAbandon ? 1 : 0;
        _runningSignals++;
        _warnedSignals += warns;
        _run.Scheduler.Enqueue(() => _ = RunSignalAsync(signal, definition, args, warns));
    }

    /// <summary>
    /// Validates an update if asked to, then starts its handler; a rejection is added to the list. Queued, so that it sees what came before it.
    /// </summary>
    public void Update(WorkflowUpdateAccepted update, bool validate, List<RejectedUpdate> rejected, Dictionary<string, long> acceptedEventIds)
    {
        _runningUpdates++;
        _run.Scheduler.Enqueue(() =>
        {
            _currentUpdate.Value = new WorkflowUpdateInfo(update.UpdateId, update.Name);
            if (Admit(update, validate, out var definition, out var args) is { } refusal)
            {
                _runningUpdates--;
                rejected.Add(new RejectedUpdate(update.UpdateId, refusal));
                return;
            }

            _ = RunUpdateAsync(definition!, update, args, e => _run.Commands.Add(
                e, complete: added => (WorkflowUpdateCompleted)added with { AcceptedEventId = acceptedEventIds[update.UpdateId] }));
        });
    }

    /// <summary>Answers a query on the present state.</summary>
    /// <exception cref="QueryFailedException">Unknown, undecodable, or the handler threw.</exception>
    public Payload? Query(string name, IReadOnlyList<Payload> payloads, IReadOnlyDictionary<string, Payload> headers)
    {
        if (name == WorkflowMetadata.QueryName)
        {
            return WorkflowMetadata.Of(_run);
        }

        var definition = Queries.TryGetValue(name, out var named) ? named : MemberNames.IsReserved(name) ? null : DynamicQuery;
        if (definition is null)
        {
            throw new QueryFailedException(
                $"There is no handler for query '{name}'. Known queries: {string.Join(", ", Queries.Keys.Order(StringComparer.Ordinal))}.");
        }

        try
        {
            var args = ArgumentDecoding.Decode(_run.Payloads, payloads, definition.Call.Parameters, definition.Dynamic, name);
            var result = _run.Commands.Look($"query '{name}'", () => _run.Inbound.HandleQuery(new("", name, definition, args, headers)));
            return _run.EncodeOne(result);
        }
        catch (Exception e)
        {
            throw new QueryFailedException(e.Message, e);
        }
    }

    /// <summary>Says once for each kind that the workflow ended before its handlers did.</summary>
    public void WarnUnfinished()
    {
        if (_warnedSignals > 0)
        {
            LogUnfinished("signal", _warnedSignals);
        }

        if (_warnedUpdates > 0)
        {
            LogUnfinished("update", _warnedUpdates);
        }
    }

    /// <summary>Finds the handler, asks the validator and decodes the arguments. The rejection, or null.</summary>
    private Failure? Admit(WorkflowUpdateAccepted update, bool validate, out WorkflowUpdateDefinition? definition, out object?[] args)
    {
        args = [];
        definition = Updates.TryGetValue(update.Name, out var named) ? named : MemberNames.IsReserved(update.Name) ? null : DynamicUpdate;
        if (definition is null)
        {
            return Reject(new InvalidOperationException(
                $"There is no handler for update '{update.Name}'. Known updates: {string.Join(", ", Updates.Keys.Order(StringComparer.Ordinal))}."));
        }

        try
        {
            if (validate)
            {
                // The validator gets values of its own: what it changes in them must not reach the handler.
                var handler = definition;
                var copies = ArgumentDecoding.Decode(_run.Payloads, update.Args, handler.Call.Parameters, handler.Dynamic, update.Name);
                _run.Commands.Look<object?>($"the validator of update '{update.Name}'", () =>
                {
                    _run.Inbound.ValidateUpdate(new(update.UpdateId, update.Name, handler, copies, update.Headers));
                    return null;
                });
            }

            args = ArgumentDecoding.Decode(_run.Payloads, update.Args, definition.Call.Parameters, definition.Dynamic, update.Name);
            return null;
        }
        catch (InvalidWorkflowOperationException e)
        {
            _run.TaskFailure ??= e;
            return Reject(e);
        }
        catch (Exception e)
        {
            return Reject(e);
        }
    }

    private Failure Reject(Exception e) => _run.Failures.ToFailure(e, _run.Payloads);

    private async Task RunSignalAsync(WorkflowSignaled signal, WorkflowSignalDefinition definition, object?[] args, int warns)
    {
        try
        {
            await _run.TopLevelAsync(() => _run.Inbound.HandleSignalAsync(new(signal.Name, definition, args, signal.Headers)));
        }
        finally
        {
            _runningSignals--;
            _warnedSignals -= warns;
        }
    }

    private async Task RunUpdateAsync(
        WorkflowUpdateDefinition definition,
        WorkflowUpdateAccepted update,
        object?[] args,
        Action<WorkflowUpdateCompleted> complete)
    {
        var warns = definition.UnfinishedPolicy == HandlerUnfinishedPolicy.WarnAndAbandon ? 1 : 0;
        _warnedUpdates += warns;
        try
        {
            var result = await _run.Inbound.HandleUpdateAsync(new(update.UpdateId, update.Name, definition, args, update.Headers));
            var hasResult = TaskResults.TypeOf(definition.Call.ReturnType) is not null;
            complete(new WorkflowUpdateCompleted(update.UpdateId, 0, hasResult ? _run.EncodeOne(result) : null, null));
        }
        catch (Exception e) when (_run.FailsWorkflow(e))
        {
            complete(new WorkflowUpdateCompleted(update.UpdateId, 0, null, Reject(e)));
        }
        catch (Exception e)
        {
            _run.TaskFailure ??= e;
        }
        finally
        {
            _runningUpdates--;
            _warnedUpdates -= warns;
        }
    }

    private void DeliverUnhandled()
    {
        var waiting = _unhandled.ToList();
        _unhandled.Clear();
        waiting.ForEach(Signal);
    }

    [LoggerMessage(EventId = 10, Level = LogLevel.Error, Message = "Signal '{Name}' was dropped: its arguments can't be decoded")]
    private partial void LogDropped(string name, Exception e);

    [LoggerMessage(
        EventId = 11,
        Level = LogLevel.Warning,
        Message = "The workflow ended while {Count} {Kind} handlers were still running: what they were doing is abandoned. Await Workflow.AllHandlersFinished, or set UnfinishedPolicy to Abandon")]
    private partial void LogUnfinished(string kind, int count);
}

/// <summary>Handlers by name, which code may add and remove where it may change anything.</summary>
internal sealed class HandlerMap<T>(IReadOnlyDictionary<string, T> initial, Action check, Action added)
    : SortedDictionary<string, T>(new Dictionary<string, T>(initial), StringComparer.Ordinal), IDictionary<string, T>
{
    T IDictionary<string, T>.this[string key]
    {
        get => base[key];
        set
        {
            check();
            base[key] = value;
            added();
        }
    }

    void IDictionary<string, T>.Add(string key, T value)
    {
        check();
        Add(key, value);
        added();
    }

    bool IDictionary<string, T>.Remove(string key)
    {
        check();
        return Remove(key);
    }
}
