using System.ComponentModel;

namespace Serverless.Cli;

/// <summary>How the tool ends: the only place that gives numbers a meaning. Numbers never change it.</summary>
internal enum ExitCode
{
    [Description("done")]
    Ok = 0,

    [Description("it failed for a reason that has no code of its own; the message tells")]
    Failed = 1,

    [Description("the command line, a filter or an argument is wrong, or a confirmation is missing")]
    Usage = 2,

    [Description("there is no such workflow, run, batch, schedule, file or hub")]
    NotFound = 3,

    [Description("it exists already, is closed, or is still open")]
    Conflict = 4,

    [Description("the workflow failed, was cancelled, was terminated or timed out, or refused the query or update")]
    WorkflowFailed = 5,

    [Description("it still runs, or did not end in time")]
    StillRunning = 6,

    [Description("the application or its storage can't be reached")]
    Unreachable = 7,

    [Description("the API key or token is missing or wrong, or its role is not enough")]
    Unauthorized = 8,

    [Description("done in part: something was found that is not repaired, or failed for some of many")]
    Incomplete = 9,

    [Description("stopped by Ctrl+C or by the answer 'no'")]
    Cancelled = 130,
}

/// <summary>The exit codes with their meaning, for help and documentation.</summary>
internal static class ExitCodes
{
    public static IReadOnlyList<(ExitCode Code, string Meaning)> All { get; } =
    [
        .. Enum.GetValues<ExitCode>().Select(static code =>
            (code, typeof(ExitCode).GetField(code.ToString())!.GetCustomAttributes(false).OfType<DescriptionAttribute>().Single().Description)),
    ];
}
