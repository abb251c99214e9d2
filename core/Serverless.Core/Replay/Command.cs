using Serverless.History;

namespace Serverless.Replay;

/// <summary>Something that the code asked for in the present task. It leaves with the task's end, unless it is taken back before.</summary>
internal sealed class Command(CommandEvent e, Func<CommandEvent, CommandEvent>? complete, Action<long>? recorded)
{
    /// <summary>Id of the recorded event; 0 as long as the task has not ended.</summary>
    public long EventId { get; private set; }

    public CommandEvent Event { get; private set; } = e;

    /// <summary>Gives the command its place in the history.</summary>
    public CommandEvent Record(long id, DateTimeOffset time)
    {
        EventId = id;
        Event = (complete?.Invoke(Event) ?? Event) with { Id = id, Time = time };
        recorded?.Invoke(id);
        return Event;
    }
}

/// <summary>The commands of the present task, in the order in which the code asked for them.</summary>
internal sealed class CommandList
{
    private readonly List<Command> _commands = [];
    private string? _readOnly;
    private Exceptions.InvalidWorkflowOperationException? _refused;

    /// <summary>The first command that closes the run; it leaves last.</summary>
    public Command? Closing { get; private set; }

    /// <summary>True while code runs that may only look.</summary>
    public bool IsReadOnly => _readOnly is not null;

    public IEnumerable<CommandEvent> Events => _commands.Select(static c => c.Event);

    /// <param name="e">What is asked for, without id and time.</param>
    /// <param name="recorded">Told the id when the task ends.</param>
    /// <param name="complete">Fills in what is known only then.</param>
    public Command Add(CommandEvent e, Action<long>? recorded = null, Func<CommandEvent, CommandEvent>? complete = null)
    {
        CheckWritable();
        var command = new Command(e, complete, recorded);
        _commands.Add(command);
        return command;
    }

    public void Close(CommandEvent e) => Closing ??= new Command(e, null, null);

    /// <summary>True when the command had not left and now never will.</summary>
    public bool TakeBack(Command command)
    {
        CheckWritable();
        return command.EventId == 0 && _commands.Remove(command);
    }

    /// <summary>Runs code that may only look.</summary>
    /// <exception cref="Exceptions.InvalidWorkflowOperationException">It asked for something, even if it caught or ignored the refusal.</exception>
    public T Look<T>(string what, Func<T> look)
    {
        var (before, refusedBefore) = (_readOnly, _refused);
        (_readOnly, _refused) = (what, null);
        try
        {
            var seen = look();
            return _refused is null ? seen : throw _refused;
        }
        finally
        {
            (_readOnly, _refused) = (before, refusedBefore);
        }
    }

    public void CheckWritable()
    {
        if (_readOnly is { } why)
        {
            _refused ??= new Exceptions.InvalidWorkflowOperationException($"Nothing can be changed in {why}: it only looks.");
            throw _refused;
        }
    }

    /// <summary>All commands with their places; the list is empty afterwards.</summary>
    /// <param name="firstId">Id of the first.</param>
    /// <param name="time">Time of the task.</param>
    /// <param name="recorded">When replaying: the recorded commands, whose ids count.</param>
    public List<CommandEvent> Record(long firstId, DateTimeOffset time, List<CommandEvent>? recorded = null)
    {
        var events = new List<CommandEvent>(_commands.Count + 1);
        foreach (var command in Closing is null ? _commands : [.. _commands, Closing])
        {
            var place = events.Count;
            events.Add(command.Record(recorded is not null && place < recorded.Count ? recorded[place].Id : firstId + place, time));
        }

        _commands.Clear();
        return events;
    }
}
