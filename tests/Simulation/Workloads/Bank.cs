using Serverless.Activities;
using Serverless.Simulation.Hosts;
using Serverless.Simulation.Kernel;

namespace Serverless.Simulation.Workloads;

/// <summary>A system outside of the hub. It does what it is asked once per key, and remembers; now and then its answer is lost.</summary>
internal sealed class Bank(SimWorld world, Random random)
{
    private readonly SortedDictionary<string, long> _balances = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, long> _effects = new(StringComparer.Ordinal);

    /// <summary>What was done, by key.</summary>
    public IReadOnlyDictionary<string, long> Effects => _effects;

    public long Sum => _balances.Values.Sum();

    public void Open(string account, long balance) => _balances[account] = balance;

    [Activity]
    public async Task<long> BookAsync(string account, long amount, string key)
    {
        // Attempts take time, so that processes die over them.
        await Task.Delay(TimeSpan.FromMilliseconds(random.Next(0, 200)), Lane.Current.Time);
        if (!world.IsHealed && random.Next(8) == 0)
        {
            throw new TimeoutException("The bank did not answer.");
        }

        if (_effects.TryAdd(key, amount))
        {
            _balances[account] += amount;
        }

        return !world.IsHealed && random.Next(8) == 0 ? throw new TimeoutException("The bank's answer was lost.") : _balances[account];
    }
}
