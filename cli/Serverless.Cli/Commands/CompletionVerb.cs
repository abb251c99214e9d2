using System.CommandLine;

namespace Serverless.Cli.Commands;

/// <summary><c>completion</c>: the script by which a shell asks this tool what could come next.</summary>
internal static class CompletionVerb
{
    private static readonly string[] _shells = ["bash", "zsh", "fish", "pwsh"];

    public static Command Create(Verbs verbs)
    {
        var shell = new Argument<string>("shell") { Description = $"The shell: {string.Join(", ", _shells)}." }.AcceptOnlyFromAmong(_shells);
        return verbs.Verb("completion", "Print the script that completes command lines of this tool; its first lines say where it goes.", [shell], async session =>
        {
            await session.Around.Out.WriteAsync(await ScriptAsync(session.Required(shell)));
            return ExitCode.Ok;
        });
    }

    private static async Task<string> ScriptAsync(string shell)
    {
        await using var stream = typeof(CompletionVerb).Assembly.GetManifestResourceStream(shell)
            ?? throw new InvalidOperationException($"The script for {shell} is missing from the assembly.");
        using var reader = new StreamReader(stream);
        return await reader.ReadToEndAsync();
    }
}
