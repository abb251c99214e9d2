namespace Serverless.Engine;

/// <summary>
/// Works on one workflow id in this process: takes what arrived, takes turns on it, and goes on as long as its activities finish here.
/// See ARCHITECTURE.md, "The commit protocol". One chain per workflow id and process; other processes may run one too: the head's tag decides.
/// </summary>
internal sealed class WorkflowChain
{
    private readonly EngineServices _services;
    private readonly Mailbox _mailbox;
    private readonly ChainActivities _activities;
    private readonly MessageBackup _backup;
    private readonly ChainBacking _backing;
    private readonly ChainTurns _turns;
    private readonly List<Delivery> _held = [];
    private readonly List<Delivery> _current = [];
    private bool _predecessorSought;

    public WorkflowChain(EngineServices services, ChainParts parts, Mailbox mailbox, Delivery first, LiveRun? unsaved)
    {
        _services = services;
        _mailbox = mailbox;
        _activities = new ChainActivities(services, parts, mailbox);
        _backup = new MessageBackup(services, new WorkMessage(WorkKind.Nudge, first.Token, mailbox.WorkflowId));
        _backing = new ChainBacking(_backup, first.Token);
        _turns = new ChainTurns(services, parts, mailbox.WorkflowId, _activities, _backing);
        if (unsaved is not null)
        {
            _turns.BeginUnsaved(unsaved);
        }
    }

    /// <summary>Runs until there is nothing left to do here. Never throws: what fails, fails its deliveries.</summary>
    public async Task RunAsync()
    {
        try
        {
            do
            {
                await StepAsync();
                _turns.Rest();
            }
            while (!_mailbox.TryClose() && await WaitAsync());

            await Task.WhenAll(_turns.Projections);
            await _backup.EndAsync();
            _held.ForEach(static d => d.Complete());
        }
        catch (Exception e)
        {
            _turns.Drop();
            foreach (var delivery in _held.Concat(_current).Concat(_mailbox.CloseNow()))
            {
                delivery.Fail(e);
            }
        }
    }

    private async Task<bool> WaitAsync()
    {
        var wake = _mailbox.WaitAsync();
        while (!wake.IsCompleted)
        {
            var next = _backup.NextAt is { } backup && (_activities.SpillAt is null || backup < _activities.SpillAt) ? backup : _activities.SpillAt;
            if (next is null)
            {
                await wake;
                break;
            }

            await _services.Time.WaitAsync(wake, next.Value - _services.Time.GetUtcNow());
            await _activities.SpillAsync();
            await _backup.TickAsync();
        }

        if (_mailbox.Outstanding > 0 && _services.Options.GroupCommitDelay > TimeSpan.Zero)
        {
            // Others are about to finish: one commit for all of them.
            await Task.Delay(_services.Options.GroupCommitDelay, _services.Time);
        }

        return true;
    }

    private async Task StepAsync()
    {
        var (deliveries, results) = _mailbox.Take();
        foreach (var result in results)
        {
            _activities.LocalOf(result.RunId).Remove(result.ScheduledEventId);
            if (result.Error is { } error)
            {
                throw new InvalidOperationException($"Activity {result.ScheduledEventId} could not be settled: {error.Message}", error);
            }

            _turns.Add(result);
        }

        TakeIn(deliveries);

        // The first message may be a redelivery: its marks in the head are those of a process that died.
        var foreign = new HashSet<string>(
            deliveries.Select(static d => d.Token).Where(t => !_backing.Owns(t) || !_predecessorSought), StringComparer.Ordinal);
        _predecessorSought = true;
        while (await _turns.NextAsync(foreign))
        {
            var closing = _mailbox.TakeClosing();
            TakeIn(closing);
            foreign.UnionWith(closing.Select(static d => d.Token).Where(t => !_backing.Owns(t)));
        }

        foreach (var delivery in deliveries)
        {
            await delivery.UseAsync(_turns.Run);
        }

        _current.ForEach(static d => d.Complete());
        _current.Clear();
    }

    private void TakeIn(IReadOnlyList<Delivery> deliveries)
    {
        foreach (var delivery in deliveries)
        {
            (delivery.HasMessage && _backing.Owns(delivery.Token) ? _held : _current).Add(delivery);
            _turns.Add(delivery);
        }
    }
}

/// <summary>What chains of one process share.</summary>
internal sealed record ChainParts(
    RunLoader Loader, Dispatcher Dispatcher, ClosingDispatch Closing, ActivityRunner Runner, ActivitySlots Slots, SharedLimits Limits, ActivityQueues Queues);

/// <summary>A start that was to be stored together with its first task could not be: it must be stored in the ordinary way.</summary>
internal sealed class StartConflictException : Exception
{
    public StartConflictException()
        : base("The workflow id is in use, or the first task failed.")
    {
    }
}
