namespace Serverless.Cli.Commands;

/// <summary>Files that options name; <c>-</c> is standard input.</summary>
internal static class InputFiles
{
    public const string StandardInput = "-";

    /// <exception cref="CliException">There is no such file.</exception>
    public static async Task<string> ReadTextAsync(Session session, string name)
    {
        if (name == StandardInput)
        {
            return await session.Around.In.ReadToEndAsync(session.Cancellation);
        }

        return File.Exists(name)
            ? await File.ReadAllTextAsync(name, session.Cancellation)
            : throw new CliException(ExitCode.NotFound, $"There is no file '{name}'.");
    }

    /// <summary>The file as bytes.</summary>
    /// <exception cref="CliException">There is no such file.</exception>
    public static Stream Open(Session session, string name)
    {
        if (name == StandardInput)
        {
            return session.Around.OpenInput();
        }

        return File.Exists(name) ? File.OpenRead(name) : throw new CliException(ExitCode.NotFound, $"There is no file '{name}'.");
    }
}
