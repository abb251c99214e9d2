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

    /// <summary>The first command that closes the run; it leaves last.</summary>
    public Command? Closing { get; private set; }

    /// <summary>Why the code may not ask for anything now; null when it may.</summary>
    public string? ReadOnly { get; set; }

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

    public void CheckWritable()
    {
        if (ReadOnly is { } why)
        {
            throw new Exceptions.InvalidWorkflowOperationException($"Nothing can be changed in {why}: it only looks.");
        }
    }

    /// <summary>All commands with their places; the list is empty afterwards.</summary>
    public List<CommandEvent> Record(long firstId, DateTimeOffset time)
    {
        var events = new List<CommandEvent>(_commands.Count + 1);
        foreach (var command in Closing is null ? _commands : [.. _commands, Closing])
        {
            events.Add(command.Record(firstId + events.Count, time));
        }

        _commands.Clear();
        return events;
    }
}
