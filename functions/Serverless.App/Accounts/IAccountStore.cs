namespace Serverless.App.Accounts;

/// <summary>The books of the sample bank. Every effect has a key: applying it again changes nothing.</summary>
internal interface IAccountStore
{
    /// <summary>
    /// Adds <paramref name="amount"/> (negative: takes it) to an account, once per <paramref name="key"/>. An account that is new begins with
    /// <see cref="OpeningBalance"/>. Balance and key are written together or not at all.
    /// </summary>
    /// <returns>The balance afterwards.</returns>
    /// <exception cref="InsufficientFundsException">The balance would fall below zero.</exception>
    decimal Apply(string account, decimal amount, string key);

    /// <summary>All accounts with their balances, by name.</summary>
    IReadOnlyDictionary<string, decimal> Balances();

    /// <summary>What a new account begins with.</summary>
    const decimal OpeningBalance = 1_000m;
}

/// <summary>An account does not hold what is to be taken from it.</summary>
internal sealed class InsufficientFundsException(string account, decimal balance, decimal amount)
    : Exception(FormattableString.Invariant($"Account {account} holds {balance:0.00}, which is less than {amount:0.00}."));
