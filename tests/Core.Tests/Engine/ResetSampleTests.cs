using Serverless.App.Accounts;
using Serverless.App.Workflows;
using Serverless.Client;
using Serverless.Engine;
using Serverless.History;

namespace Serverless.Tests.Engine;

/// <summary>Every event of the sample workflows' histories is a point from which they go on to the same end, as a reset and as a fork.</summary>
[TestClass]
public sealed class ResetSampleTests
{
    private static readonly Type[] Types = [typeof(MoneyTransferWorkflow), typeof(GreetingWorkflow), typeof(SubscriptionWorkflow)];

    [TestMethod]
    [DataRow("None", 1000)]
    [DataRow("None", 0)]
    [DataRow("DepositRefused", 1000)]
    [DataRow("DepositRefused", 0)]
    [DataRow("DepositUnavailable", 0)]
    public async Task Transfer(string fault, int cached)
    {
        var request = new TransferRequest("a", "b", 10, null, Enum.Parse<TransferFault>(fault));
        await FromEveryEventAsync("MoneyTransfer", cached, static _ => Task.CompletedTask, request);
    }

    [TestMethod]
    [DataRow(1000)]
    [DataRow(0)]
    public async Task Greeting(int cached) => await FromEveryEventAsync(
        "Greeting",
        cached,
        static async host =>
        {
            await host.QueryAsync<string>("w", "greeting");
            await host.SignalAsync("w", "setSalutation", "Good evening");
            await host.QueryAsync<string>("w", "greeting");
            await host.SignalAsync("w", "finish");
        },
        "Ada");

    [TestMethod]
    [DataRow(1000)]
    [DataRow(0)]
    public async Task Subscription(int cached) =>
        await FromEveryEventAsync("Subscription", cached, static _ => Task.CompletedTask, new SubscriptionRequest("a", 1, MaxPeriods: 3));

    private static async Task FromEveryEventAsync(string type, int cached, Func<EngineHost, Task> drive, object arg)
    {
        await using var host = new EngineHost(Types, new AccountActivities(new Books()), EngineHost.Options with { CachedRuns = cached });
        var run = (await host.StartAsync(type, "w", false, arg)).RunId;
        await drive(host);
        var expected = await EndAsync(host, "w");
        var history = await host.Engine.Reader.ReadHistoryAsync(new WorkflowRef("w", run), 0, TimeSpan.Zero, default);
        for (var at = 1; at <= history.Count; at++)
        {
            var request = new ResetRequest(WorkflowResetPoint.AtEvent(at));
            await host.Engine.Resets.ResetAsync(new WorkflowRef("w", run), request, default);
            Assert.AreEqual(expected, await EndAsync(host, "w"), $"{type}, reset at {at}");
            var fork = await host.Engine.Resets.ForkAsync(new WorkflowRef("w", run), null, request, default);
            Assert.AreEqual(expected, await EndAsync(host, fork.WorkflowId), $"{type}, fork at {at}");
        }
    }

    /// <summary>How it ended, without the balances, which each repetition changes.</summary>
    private static async Task<string> EndAsync(EngineHost host, string id) => (await host.CloseAsync(id)).Closed switch
    {
        WorkflowCompleted { Result: { } result } completed when completed.Result.Data.ToStringUtf8().Contains("fromBalance", StringComparison.OrdinalIgnoreCase) =>
            EngineHost.Of<TransferResult>(result).Status.ToString(),
        WorkflowCompleted completed => completed.Result!.Data.ToStringUtf8(),
        var other => $"{other}",
    };

    /// <summary>Books that know which keys they have.</summary>
    private sealed class Books : IAccountStore
    {
        private readonly Dictionary<string, decimal> _balances = new(StringComparer.Ordinal);
        private readonly Dictionary<string, decimal> _booked = new(StringComparer.Ordinal);

        public IReadOnlyDictionary<string, decimal> Balances() => _balances;

        public decimal Apply(string account, decimal amount, string key)
        {
            lock (_balances)
            {
                if (!_booked.TryGetValue(key, out var balance))
                {
                    balance = _booked[key] = _balances[account] = _balances.GetValueOrDefault(account, IAccountStore.OpeningBalance) + amount;
                }

                return balance;
            }
        }
    }
}
