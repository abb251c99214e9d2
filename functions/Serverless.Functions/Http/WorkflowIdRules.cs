namespace Serverless.Functions.Http;

/// <summary>Which workflow ids the HTTP API takes: what fits into a URL, a row key and a line of a log.</summary>
internal static class WorkflowIdRules
{
    public const int MaxLength = 200;

    /// <exception cref="ApiException">The id is none.</exception>
    public static void Check(string id)
    {
        if (id.Length is 0 or > MaxLength)
        {
            throw new ApiException(400, ProblemCodes.InvalidRequest, $"A workflow id has 1 to {MaxLength} characters; this one has {id.Length}.");
        }

        foreach (var c in id)
        {
            if (char.IsControl(c) || c is '/' or '\\' or '#' or '?' || char.IsSurrogate(c))
            {
                throw new ApiException(400, ProblemCodes.InvalidRequest,
                    $"The workflow id contains the character U+{(int)c:X4}. Not allowed are / \\ # ?, control characters and characters outside the basic plane.");
            }
        }
    }
}
