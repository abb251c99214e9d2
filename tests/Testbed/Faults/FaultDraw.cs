using System.Collections.Concurrent;

namespace Serverless.Testbed.Faults;

/// <summary>
/// Decides which requests suffer: by a seed, in the order in which they arrive. Counts what it drew, so that a test can say that each kind happened. Thread-safe.
/// </summary>
/// <param name="seed">Of the draws; a test prints it.</param>
/// <param name="rate">Share of requests with a fault, 0..1; each kind is as likely as the others.</param>
internal sealed class FaultDraw(int seed, double rate)
{
    private static readonly HttpFault[] _kinds = Enum.GetValues<HttpFault>();
    private readonly Random _random = new(seed);
    private readonly ConcurrentDictionary<HttpFault, int> _counts = new();
    private readonly Lock _lock = new();

    /// <summary>Faults so far, by kind.</summary>
    public IReadOnlyDictionary<HttpFault, int> Counts => _counts;

    /// <summary>Requests so far.</summary>
    public int Requests { get; private set; }

    /// <summary>False: no request suffers, as in the liveness phase of a test.</summary>
    public bool IsOn { get; set; } = true;

    /// <summary>The next request's fault, and a number below 1 for how bad it is.</summary>
    public (HttpFault? Fault, double Badness) Next()
    {
        lock (_lock)
        {
            Requests++;
            var (hit, kind, badness) = (_random.NextDouble() < rate, _kinds[_random.Next(_kinds.Length)], _random.NextDouble());
            if (!hit || !IsOn)
            {
                return (null, badness);
            }

            _counts.AddOrUpdate(kind, 1, static (_, count) => count + 1);
            return (kind, badness);
        }
    }

    /// <summary>Seed, requests and faults, for a test's output.</summary>
    public override string ToString() =>
        $"seed {seed}: {Requests} requests, {string.Join(", ", _kinds.Select(kind => $"{_counts.GetValueOrDefault(kind)} {kind}"))}";
}
