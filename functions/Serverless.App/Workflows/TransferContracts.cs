namespace Serverless.App.Workflows;

/// <summary>What to transfer.</summary>
/// <param name="From">The account that pays.</param>
/// <param name="To">The account that receives.</param>
/// <param name="Amount">How much; above zero.</param>
/// <param name="Reference">A line for people.</param>
/// <param name="Fault">Goes wrong on purpose, to see what happens.</param>
internal sealed record TransferRequest(string From, string To, decimal Amount, string? Reference = null, TransferFault Fault = TransferFault.None);

/// <summary>How a transfer ended.</summary>
internal sealed record TransferResult(TransferStatus Status, decimal Amount, decimal FromBalance, decimal? ToBalance, string? Reason = null);

/// <summary>Ways in which a transfer ends well.</summary>
internal enum TransferStatus
{
    /// <summary>The money arrived.</summary>
    Completed,

    /// <summary>It could not be deposited and went back.</summary>
    Compensated,
}

/// <summary>Faults that the sample bank can be asked for.</summary>
internal enum TransferFault
{
    /// <summary>None.</summary>
    None,

    /// <summary>The first withdrawal is booked, but its answer is lost.</summary>
    WithdrawAnswerLost,

    /// <summary>The first deposit is booked, but its answer is lost.</summary>
    DepositAnswerLost,

    /// <summary>The first two attempts to deposit find no bank.</summary>
    DepositUnavailable,

    /// <summary>The receiving account is closed.</summary>
    DepositRefused,
}
