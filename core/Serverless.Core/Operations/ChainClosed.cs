using Serverless.Api.Enums.V1;

namespace Serverless.Operations;

/// <summary>How a chain of runs ended: what a signal of a <see cref="History.CloseNotice"/> says.</summary>
internal sealed record ChainClosed
{
    /// <summary>The largest closing event that is sent along, in bytes.</summary>
    public const int MaxEventBytes = 16 * 1024;

    public string Correlation { get; init; } = "";

    public WorkflowExecutionStatus Status { get; init; }

    /// <summary>The closing event in wire form, not encoded by the codec; null when it is larger than <see cref="MaxEventBytes"/> or can't be decoded.</summary>
    public byte[]? Event { get; init; }
}
