using System.Text.Json.Nodes;
using Serverless.Functions.Http;

namespace Serverless.Cli.Api;

/// <summary>What an error of the HTTP API means for the caller of the tool.</summary>
internal static class ApiProblems
{
    public static CliException Exception(ApiAnswer answer, string where)
    {
        var code = answer.ProblemCode;
        var detail = (string?)answer.Body["detail"];
        if (code.Length == 0 || detail is null)
        {
            return new CliException(CodeOf(answer), $"{where} answered with status {answer.Status}, and not as a Serverless application does. Is the address right?");
        }

        return code == ProblemCodes.NoSuchRoute
            ? new CliException(ExitCode.Failed, $"The application at {where} can't do this: it is of an older version than this tool. ({code})")
            : new CliException(CodeOf(answer), $"{detail} ({code})") { FilterPosition = (int?)answer.Body["position"] };
    }

    /// <param name="error">Code and detail of an error that came after the answer had begun.</param>
    public static CliException Exception(JsonObject error) =>
        new(CodeOf(new ApiAnswer(500, error)), $"{(string?)error["detail"]} ({(string?)error["code"]})");

    public static ExitCode CodeOf(ApiAnswer answer) => answer.ProblemCode switch
    {
        ProblemCodes.WorkflowFailed or ProblemCodes.WorkflowCanceled or ProblemCodes.WorkflowTerminated or ProblemCodes.WorkflowTimedOut => ExitCode.WorkflowFailed,
        ProblemCodes.QueryFailed or ProblemCodes.UpdateFailed or ProblemCodes.UpdateRejected => ExitCode.WorkflowFailed,
        ProblemCodes.NotReady or ProblemCodes.StorageUnavailable or ProblemCodes.Stopping => ExitCode.Unreachable,
        ProblemCodes.NoSuchRoute => ExitCode.Failed,
        _ => answer.Status switch
        {
            400 => ExitCode.Usage,
            401 or 403 => ExitCode.Unauthorized,
            404 when answer.ProblemCode.Length > 0 => ExitCode.NotFound,
            409 => ExitCode.Conflict,
            502 or 503 or 504 => ExitCode.Unreachable,
            _ => ExitCode.Failed,
        },
    };
}
