using Serverless.Exceptions;
using Serverless.History;

namespace Serverless.Replay;

/// <summary>Something that the code asked for in the present task. It leaves with the task's end, unless it is taken back before.</summary>
internal sealed class Command(CommandEvent e, Func<CommandEvent, CommandEvent>? complete, Action<long>? recorded)
{
    /// <summary>Id of the recorded event; 0 as long as the task has not ended.</summary>
    public long EventId { get; private set; }

    public CommandEvent Event { get; private set; } = e;

    /// <summary>True once it was withdrawn before it left.</summary>
    public bool IsTakenBack { get; private set; }

    /// <summary>True when the command had not left and now never will.</summary>
    public bool TakeBack() => IsTakenBack = EventId == 0;

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
    private Command? _closing;
    private string? _readOnly;
    private InvalidWorkflowOperationException? _refused;

    /// <summary>True once the run's fate is decided. The first decision counts.</summary>
    public bool IsClosed { get; private set; }

    /// <summary>True when nothing was asked for.</summary>
    public bool IsEmpty => _commands.Count == 0 && _closing is null;

    /// <summary>True while code runs that may only look.</summary>
    public bool IsReadOnly => _readOnly is not null;

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

    /// <summary>Closes the run with the task's end, after everything else that the task asks for.</summary>
    public void Close(CommandEvent e)
    {
        if (!IsClosed)
        {
            IsClosed = true;
            _closing = new Command(e, null, null);
        }
    }

    /// <summary>Runs code that may only look.</summary>
    /// <exception cref="InvalidWorkflowOperationException">It asked for something, even if it caught or ignored the refusal.</exception>
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
            _refused = new InvalidWorkflowOperationException($"Nothing can be changed in {why}: it only looks.");
            throw _refused;
        }
    }

    /// <summary>Moves all commands, the closing one last, into an empty list; none are left here.</summary>
    public void MoveTo(List<Command> target)
    {
        foreach (var command in _commands)
        {
            if (!command.IsTakenBack)
            {
                target.Add(command);
            }
        }

        if (_closing is { } closing)
        {
            target.Add(closing);
        }

        _commands.Clear();
        _closing = null;
    }
}
