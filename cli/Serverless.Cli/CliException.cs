namespace Serverless.Cli;

/// <summary>The tool can't do what was asked: the message goes to standard error, the code becomes the exit code.</summary>
internal sealed class CliException(ExitCode code, string message) : Exception(message)
{
    public ExitCode Code { get; } = code;

    /// <summary>Where in the filter the fault is, from 0; null when it is not in a filter.</summary>
    public int? FilterPosition { get; init; }
}
