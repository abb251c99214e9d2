using Serverless.Storage.Memory;

namespace Serverless.Simulation.Storage;

/// <summary>Decides about each storage call of each process.</summary>
internal interface IFaultPlan
{
    Fate Decide(string process, InterceptedCall call);
}

/// <summary>Nothing fails and everything is quick.</summary>
internal sealed class NoFaults : IFaultPlan
{
    public static NoFaults Instance { get; } = new();

    public Fate Decide(string process, InterceptedCall call) => new(FateKind.Done, TimeSpan.FromMilliseconds(2), TimeSpan.FromMilliseconds(2));
}

/// <summary>One call of one process meets one fault; the others are quick.</summary>
internal sealed class SingleFault(string process, long at, FateKind kind) : IFaultPlan
{
    /// <summary>Calls of the process so far.</summary>
    public long Calls { get; private set; }

    /// <summary>The call that was hit; null when it was never made.</summary>
    public string? Hit { get; private set; }

    public Fate Decide(string caller, InterceptedCall call)
    {
        var fate = NoFaults.Instance.Decide(caller, call);
        if (caller != process || ++Calls != at)
        {
            return fate;
        }

        Hit = $"{call.Operation} {call.Table} {call.Target}";
        return fate with { Kind = kind, Late = TimeSpan.FromSeconds(20) };
    }
}

/// <summary>Faults at random, each kind at a rate of its own.</summary>
internal sealed class RandomFaults(FaultRates rates, Random storage, Random delivery) : IFaultPlan
{
    public Fate Decide(string process, InterceptedCall call)
    {
        var kind = Draw(storage, rates.Storage);
        if (kind == FateKind.Done && call.Operation is StorageOperation.SendMessage or StorageOperation.ReceiveMessages)
        {
            kind = Draw(delivery, rates.Delivery);
        }

        var isSlow = storage.NextDouble() < rates.Slow;
        var latency = isSlow ? rates.SlowLatency : rates.Latency;
        return new Fate(kind, latency * storage.NextDouble(), (latency * storage.NextDouble()) + TimeSpan.FromMilliseconds(1))
        {
            Late = rates.Late * (storage.NextDouble() * storage.NextDouble()),
        };
    }

    private static FateKind Draw(Random random, IReadOnlyList<FaultRate> rates)
    {
        var at = random.NextDouble();
        foreach (var rate in rates)
        {
            at -= rate.Rate;
            if (at < 0)
            {
                return rate.Kind;
            }
        }

        return FateKind.Done;
    }
}

/// <summary>How often what fails. Rates are shares of all calls, 0..1.</summary>
/// <param name="Storage">Kinds that any call can meet.</param>
/// <param name="Delivery">Kinds that sends and receives can meet.</param>
/// <param name="Slow">Share of slow calls.</param>
/// <param name="Latency">Longest time of an ordinary call, each way.</param>
/// <param name="SlowLatency">Longest time of a slow call, each way.</param>
/// <param name="Late">Longest delay of a late call or message.</param>
internal sealed record FaultRates(
    IReadOnlyList<FaultRate> Storage, IReadOnlyList<FaultRate> Delivery, double Slow, TimeSpan Latency, TimeSpan SlowLatency, TimeSpan Late);

/// <summary>How often one kind happens.</summary>
internal sealed record FaultRate(FateKind Kind, double Rate);
