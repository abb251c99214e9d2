using System.CommandLine;

namespace Serverless.Cli.Commands;

/// <summary>Makes the commands of verbs: each runs in a <see cref="Session"/> of its own.</summary>
internal sealed class Verbs(Surroundings around, GlobalOptions globals)
{
    public Surroundings Around { get; } = around;

    public GlobalOptions Globals { get; } = globals;

    /// <param name="name">How it is called.</param>
    /// <param name="description">What it does, in one sentence.</param>
    /// <param name="symbols">Its arguments, in their order, and its options.</param>
    /// <param name="run">Does it.</param>
    public Command Verb(string name, string description, IEnumerable<Symbol> symbols, Func<Session, Task<ExitCode>> run)
    {
        var command = new Command(name, description);
        foreach (var symbol in symbols)
        {
            if (symbol is Argument argument)
            {
                command.Arguments.Add(argument);
            }
            else
            {
                command.Options.Add((Option)symbol);
            }
        }

        command.SetAction(async (parsed, cancellationToken) =>
        {
            await using var session = new Session(parsed, Around, Globals, cancellationToken);
            return (int)await run(session);
        });
        return command;
    }

    public static Command Group(string name, string description, IEnumerable<Command> verbs)
    {
        var group = new Command(name, description);
        foreach (var verb in verbs)
        {
            group.Subcommands.Add(verb);
        }

        return group;
    }
}
