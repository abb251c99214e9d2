using System.Globalization;

namespace Serverless.Simulation.Kernel;

/// <summary>What happened, as a hash: two runs of one seed must have the same. Keeps the last lines for people.</summary>
internal sealed class Trace
{
    private const int Kept = 400;
    private readonly Queue<string> _last = new();
    private ulong _hash = 14695981039346656037;

    /// <summary>The hash so far.</summary>
    public string Hash => _hash.ToString("x16", CultureInfo.InvariantCulture);

    /// <summary>The last lines, the oldest first.</summary>
    public IReadOnlyCollection<string> Last => _last;

    /// <summary>Takes every line, not only the last; null for none.</summary>
    public Action<string>? Sink { get; set; }

    /// <summary>A choice of the scheduler.</summary>
    public void Add(string lane, int choice)
    {
        Mix(lane);
        Mix(choice);
    }

    /// <summary>Something that people want to read.</summary>
    public void Add(TimeSpan at, string lane, string line)
    {
        Mix((ulong)at.Ticks);
        Mix(lane);
        Mix(line);
        var text = $"{at:c} {lane,-10} {line}";
        Sink?.Invoke(text);
        if (_last.Count == Kept)
        {
            _last.Dequeue();
        }

        _last.Enqueue(text);
    }

    /// <summary>More about the line before, for people who look at every line.</summary>
    public void Detail(Func<string> line) => Sink?.Invoke($"{"",32}{line()}");

    private void Mix(string text)
    {
        foreach (var c in text)
        {
            Mix((ulong)c);
        }
    }

    private void Mix(int number) => Mix((ulong)number);

    private void Mix(ulong number) => _hash = (_hash ^ number) * 1099511628211;
}
