using Serverless.Simulation.Kernel;
using Serverless.Storage.Memory;

namespace Serverless.Simulation.Storage;

/// <summary>
/// Wakes the pollers of a queue when a message becomes visible, so that idle time costs no step. Real pollers look again and again; what they find is the same.
/// </summary>
internal sealed class QueueBell(SimKernel kernel, MemoryHubStore store)
{
    private readonly Dictionary<string, List<TaskCompletionSource>> _waiting = new(StringComparer.Ordinal);

    /// <summary>Completes when there is something to receive. A hint: others may be faster.</summary>
    public Task WaitAsync(string queue)
    {
        var waiter = new TaskCompletionSource();
        if (!_waiting.TryGetValue(queue, out var waiting))
        {
            _waiting[queue] = waiting = [];
        }

        waiting.Add(waiter);
        Changed(queue);
        return waiter.Task;
    }

    /// <summary>Messages were sent, received or postponed.</summary>
    public void Changed(string queue)
    {
        if (_waiting.TryGetValue(queue, out var waiting) && waiting.Count > 0 && store.NextVisibleIn(queue) is { } next)
        {
            kernel.After(next - kernel.Now, () => Ring(queue));
        }
    }

    private void Ring(string queue)
    {
        if (store.NextVisibleIn(queue) > kernel.Now)
        {
            Changed(queue);
        }
        else if (_waiting.Remove(queue, out var waiting))
        {
            waiting.ForEach(static waiter => waiter.TrySetResult());
        }
    }
}
