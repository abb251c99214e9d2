using Serverless.History;

namespace Serverless.Engine;

/// <summary>
/// What reached a chain directly: the message that brought it is its durable form, and is deleted when the chain ends. So it is used in a task, or it is
/// put into the inbox.
/// </summary>
internal sealed class LocalInputs(EngineServices services, string workflowId)
{
    private readonly List<(InputEvent Event, string? RunId)> _inputs = [];

    /// <summary>Inputs with the run they are meant for; null for the current one.</summary>
    public IReadOnlyList<(InputEvent Event, string? RunId)> All => _inputs;

    public bool Any => _inputs.Count > 0;

    /// <summary>What an activity that ran here came to, if that is the end of it.</summary>
    public void Add(LocalResult result)
    {
        if (result.Closed is { } closed)
        {
            Add(closed, result.RunId);
        }
    }

    public void Add(InputEvent e, string? runId) => _inputs.Add((e, runId));

    public void AddRange(IEnumerable<InputEvent> events, string? runId) => _inputs.AddRange(events.Select(e => (e, runId)));

    public void AddRange(IEnumerable<(InputEvent Event, string? RunId)> inputs) => _inputs.AddRange(inputs);

    public void Clear() => _inputs.Clear();

    /// <summary>Puts inputs into the inbox, for the try that is going to be made.</summary>
    public async Task KeepAsync(IReadOnlyList<InputEvent> inputs, string runId)
    {
        Clear();
        await PostAsync(inputs, runId);
    }

    /// <summary>Puts further inputs into the inbox.</summary>
    public async Task PostAsync(IReadOnlyList<InputEvent> inputs, string runId)
    {
        foreach (var e in inputs)
        {
            await services.Journal.PostAsync(workflowId, Key(e, runId), new InboxItem(e, runId), null, services.Shutdown);
        }
    }

    /// <summary>Puts inputs into the inbox of a run that waits; another process may have got it going since this one looked.</summary>
    public async Task PutAsideAsync(IReadOnlyList<InputEvent> inputs, LiveRun run)
    {
        await KeepAsync(inputs, run.Head.RunId);
        if (inputs.Count > 0)
        {
            await services.NudgeAsync(workflowId, services.Shutdown, run.PinnedBuildId);
        }
    }

    // A repeated delivery must find the first one.
    private string Key(InputEvent e, string runId) => e switch
    {
        ActivityClosed x => JournalKeys.ActivityResult(runId, x.ScheduledEventId),
        TimerFired x => JournalKeys.Answer('t', runId, x.StartedEventId),
        ChildWorkflowStarted x => JournalKeys.Answer('s', runId, x.InitiatedEventId),
        ChildWorkflowStartFailed x => JournalKeys.Answer('s', runId, x.InitiatedEventId),
        ExternalSignalClosed x => JournalKeys.Answer('x', runId, x.InitiatedEventId),
        ExternalCancelClosed x => JournalKeys.Answer('x', runId, x.InitiatedEventId),
        _ => services.Ids.NextUlid(),
    };
}
