using System.CommandLine;

namespace Serverless.Cli.Commands;

/// <summary>Asks before what can't be undone. Where nobody can be asked, <c>--yes</c> must have said so.</summary>
internal static class Confirmation
{
    public static Option<bool> Option() => new("--yes", "-y") { Description = "Does not ask; required where there is no terminal." };

    /// <exception cref="CliException">There is nobody to ask, or the answer is no.</exception>
    public static async Task AskAsync(Session session, Option<bool> yes, string what)
    {
        if (session.Value(yes))
        {
            return;
        }

        if (!session.Around.InIsTerminal || !session.Around.ErrorIsTerminal)
        {
            throw new CliException(ExitCode.Usage, $"{what} can't be undone, and there is no terminal to ask at. Say --yes.");
        }

        await session.Around.Error.WriteAsync($"{what} can't be undone. Go on? [y/N] ");
        await session.Around.Error.FlushAsync();
        var answer = await session.Around.In.ReadLineAsync(session.Cancellation);
        if (answer?.Trim().ToUpperInvariant() is not ("Y" or "YES"))
        {
            throw new CliException(ExitCode.Cancelled, "Nothing was done.");
        }
    }
}
