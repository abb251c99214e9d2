using System.Collections.Concurrent;

namespace Serverless.Functions.Polling;

/// <summary>Tells the pollers of this process when messages that it sends itself become visible.</summary>
internal sealed class QueueWakeups(TimeProvider time)
{
    private readonly ConcurrentDictionary<string, Action<DateTimeOffset>> _listeners = new(StringComparer.Ordinal);

    public void Listen(string queue, Action<DateTimeOffset> onVisible) => _listeners[queue] = onVisible;

    public void Sent(string queue, TimeSpan delay)
    {
        if (_listeners.TryGetValue(queue, out var listener))
        {
            listener(time.GetUtcNow() + delay);
        }
    }
}
