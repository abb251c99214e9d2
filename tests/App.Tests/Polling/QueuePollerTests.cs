using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Serverless.Engine;
using Serverless.Functions.Polling;
using Serverless.Storage.Memory;

namespace App.Tests.Polling;

/// <summary>A poller over the strict memory store, on a clock that the test moves.</summary>
[TestClass]
public sealed class QueuePollerTests : IDisposable
{
    private const string Queue = "work";
    private static readonly TimeSpan _lease = TimeSpan.FromSeconds(30);

    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 11, 1, 0, 0, 0, TimeSpan.Zero));
#pragma warning disable CA2213 // It holds nothing.
    private readonly MemoryHubStore _store;
#pragma warning restore CA2213
    private readonly QueueWakeups _wakeups;
    private readonly CancellationTokenSource _stop = new();

    public QueuePollerTests()
    {
        _store = new MemoryHubStore(_time);
        _wakeups = new QueueWakeups(_time);
    }

    [TestInitialize]
    public async Task InitializeAsync() => await _store.InitializeAsync([Queue], CancellationToken.None);

    public void Dispose() => _stop.Dispose();

    [TestMethod]
    public async Task Message_Handled_IsDeleted()
    {
        var handled = new TaskCompletionSource<QueueDelivery>();
        using var poller = Poller((delivery, _) =>
        {
            handled.TrySetResult(delivery);
            return Task.CompletedTask;
        });
        await _store.Queues.SendAsync(Queue, new byte[] { 7 }, TimeSpan.Zero, CancellationToken.None);
        var running = poller.RunAsync(_stop.Token);

        var delivery = await AdvanceUntilAsync(handled.Task);
        await _stop.CancelAsync();
        await running;

        CollectionAssert.AreEqual(new byte[] { 7 }, delivery.Body.ToArray());
        Assert.AreEqual(0, await _store.Queues.CountAsync(Queue, CancellationToken.None));
    }

    [TestMethod]
    public async Task Message_FailingAlways_IsToldItsLastAttemptAndPutAside()
    {
        List<(int Count, bool IsLast)> seen = [];
        using var poller = Poller((delivery, _) =>
        {
            lock (seen)
            {
                seen.Add((delivery.DequeueCount, delivery.IsLastAttempt));
            }

            throw new InvalidDataException("garbage");
        });
        await _store.Queues.SendAsync(Queue, new byte[] { 7 }, TimeSpan.Zero, CancellationToken.None);
        var running = poller.RunAsync(_stop.Token);

        while (await _store.Queues.CountAsync($"{Queue}-poison", CancellationToken.None) is not 1)
        {
            await AdvanceAsync();
        }

        await _stop.CancelAsync();
        await running;

        CollectionAssert.AreEqual(new[] { (1, false), (2, false), (3, false), (4, false), (5, true) }, seen);
        Assert.AreEqual(0, await _store.Queues.CountAsync(Queue, CancellationToken.None));
    }

    [TestMethod]
    public async Task Message_HandledForLong_KeepsItsLease()
    {
        var release = new TaskCompletionSource();
        var calls = 0;
        using var poller = Poller((_, _) =>
        {
            Interlocked.Increment(ref calls);
            return release.Task;
        });
        await _store.Queues.SendAsync(Queue, new byte[] { 7 }, TimeSpan.Zero, CancellationToken.None);
        var running = poller.RunAsync(_stop.Token);

        for (var passed = TimeSpan.Zero; passed < 4 * _lease; passed += TimeSpan.FromMilliseconds(500))
        {
            await AdvanceAsync();
        }

        release.SetResult();
        await _stop.CancelAsync();
        await running;

        Assert.AreEqual(1, calls);
        Assert.AreEqual(0, await _store.Queues.CountAsync(Queue, CancellationToken.None));
    }

    [TestMethod]
    public async Task Stop_HandlerGivesUp_MessageIsVisibleAtOnce()
    {
        var entered = new TaskCompletionSource<bool>();
        using var poller = Poller(async (_, stopping) =>
        {
            entered.TrySetResult(true);
            await Task.Delay(Timeout.Infinite, stopping);
        });
        await _store.Queues.SendAsync(Queue, new byte[] { 7 }, TimeSpan.Zero, CancellationToken.None);
        var running = poller.RunAsync(_stop.Token);
        await AdvanceUntilAsync(entered.Task);

        await _stop.CancelAsync();
        await running;

        Assert.IsNotNull(_store.NextVisible);
        Assert.IsLessThanOrEqualTo(_time.GetUtcNow(), _store.NextVisible.Value);
    }

    private QueuePoller Poller(Func<QueueDelivery, CancellationToken, Task> handler) =>
        new(_store.Queues, new PollerSettings(Queue, 8, TimeSpan.FromSeconds(1), _lease), handler, _wakeups, _time, NullLogger.Instance);

    private async Task<T> AdvanceUntilAsync<T>(Task<T> task)
    {
        while (!task.IsCompleted)
        {
            await AdvanceAsync();
        }

        return await task;
    }

    /// <summary>Lets the poller do what is due, then moves the clock.</summary>
    private async Task AdvanceAsync()
    {
        await Task.Delay(2);
        _time.Advance(TimeSpan.FromMilliseconds(500));
    }
}
