namespace Serverless.Functions.Http;

/// <summary>A request that is refused: becomes problem details with a stable code.</summary>
internal sealed class ApiException(int status, string code, string detail) : Exception(detail)
{
    public int Status { get; } = status;

    public string Code { get; } = code;

    /// <summary>Further members of the problem details.</summary>
    public Dictionary<string, object?> Facts { get; init; } = [];
}
