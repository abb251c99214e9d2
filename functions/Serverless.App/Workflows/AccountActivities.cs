using Serverless.Activities;
using Serverless.App.Accounts;
using Serverless.Exceptions;

namespace Serverless.App.Workflows;

/// <summary>The bank as workflows see it. Each call carries a key, so that an attempt after a lost answer has no second effect.</summary>
internal sealed class AccountActivities(IAccountStore accounts)
{
    private static int Attempt => ActivityExecutionContext.Current.Info.Attempt;

    [Activity]
    public decimal Withdraw(string account, decimal amount, string key, TransferFault fault)
    {
        try
        {
            var balance = accounts.Apply(account, -amount, key);
            return fault == TransferFault.WithdrawAnswerLost && Attempt == 1 ? throw new TimeoutException("The bank did not answer.") : balance;
        }
        catch (InsufficientFundsException e)
        {
            throw new ApplicationFailureException(e.Message, errorType: "InsufficientFunds", nonRetryable: true);
        }
    }

    [Activity]
    public decimal Deposit(string account, decimal amount, string key, TransferFault fault)
    {
        if (fault == TransferFault.DepositRefused)
        {
            throw new ApplicationFailureException($"Account {account} is closed.", errorType: "AccountClosed", nonRetryable: true);
        }

        if (fault == TransferFault.DepositUnavailable && Attempt <= 2)
        {
            throw new TimeoutException("The bank can't be reached.");
        }

        var balance = accounts.Apply(account, amount, key);
        return fault == TransferFault.DepositAnswerLost && Attempt == 1 ? throw new TimeoutException("The bank did not answer.") : balance;
    }
}
