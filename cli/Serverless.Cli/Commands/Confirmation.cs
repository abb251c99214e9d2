using System.CommandLine;
using Serverless.Cli.Printing;

namespace Serverless.Cli.Commands;

/// <summary>Asks before what can't be undone. Where nobody can be asked, <c>--yes</c> must have said so.</summary>
internal static class Confirmation
{
    public static Option<bool> Option() => new("--yes", "-y") { Description = "Does not ask; required where there is no terminal." };

    /// <exception cref="CliException">There is nobody to ask, or the answer is no.</exception>
    public static Task AskAsync(Session session, Option<bool> yes, string what) => AskAsync(session, yes, what, static () => Task.FromResult(""));

    /// <param name="session">The run of the verb.</param>
    /// <param name="yes">The option that answers in advance.</param>
    /// <param name="what">What can't be undone.</param>
    /// <param name="extent">How much it is; only asked for when a person is.</param>
    /// <exception cref="CliException">There is nobody to ask, or the answer is no.</exception>
    public static async Task AskAsync(Session session, Option<bool> yes, string what, Func<Task<string>> extent)
    {
        if (session.Value(yes))
        {
            return;
        }

        if (!session.Around.InIsTerminal || !session.Around.ErrorIsTerminal)
        {
            throw new CliException(ExitCode.Usage, $"{what} can't be undone, and there is no terminal to ask at. Say --yes.");
        }

        await session.Around.Error.WriteAsync(VisibleText.Of($"{what}{await extent()} can't be undone. Go on? [y/N] "));
        await session.Around.Error.FlushAsync();
        var answer = await session.Around.In.ReadLineAsync(session.Cancellation);
        if (answer?.Trim().ToUpperInvariant() is not ("Y" or "YES"))
        {
            throw new CliException(ExitCode.Cancelled, "Nothing was done.");
        }
    }
}
