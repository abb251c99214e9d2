using System.Runtime.ExceptionServices;
using Serverless.Engine;
using Serverless.Simulation.Hosts;
using Serverless.Simulation.Kernel;
using Serverless.Storage;
using Serverless.Storage.Memory;

namespace Serverless.Simulation.Storage;

/// <summary>
/// One process's way to the storage account: every call takes time there and back, and meets the fate that the plan decides on. The account goes on without the caller: what was sent is
/// done, whether anybody still waits for it or not.
/// </summary>
internal sealed class SimConnection(SimWorld world, SimProcess process) : IHubStore, IRowStore, IQueueStore, IBlobStore
{
    private static readonly TimeSpan Extra = TimeSpan.FromSeconds(1);
    private readonly SimKernel _kernel = world.Kernel;
    private readonly SimService _service = world.Service;
    private long _number;

    public IRowStore Rows => this;

    public IQueueStore Queues => this;

    public IBlobStore Blobs => this;

    public string Description => "simulated";

    public async ValueTask InitializeAsync(IReadOnlyList<string> queues, CancellationToken cancellationToken) =>
        await CallAsync(Of(StorageOperation.Initialize, ""), () => Nothing(_service.Store.InitializeAsync(queues, default)), cancellationToken);

    public async ValueTask DestroyAsync(CancellationToken cancellationToken) =>
        await CallAsync(Of(StorageOperation.Destroy, ""), () => Nothing(_service.Store.DestroyAsync(default)), cancellationToken);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    public ValueTask<RowPage> QueryAsync(RowQuery query, CancellationToken cancellationToken) =>
        CallAsync(Of(StorageOperation.QueryRows, query.Partition, query.Table), () => _service.Query(query), cancellationToken);

    public ValueTask<TransactionOutcome> CommitAsync(
        RowTable table, string partition, IReadOnlyList<RowOperation> operations, CancellationToken cancellationToken)
    {
        // Checked by the caller's own adapter, before anything is sent.
        StorageGuard.Transaction(partition, operations);
        return CallAsync(
            new InterceptedCall(0, StorageOperation.CommitRows, partition, table, operations),
            fate =>
            {
                if (fate.Kind == FateKind.Conflict)
                {
                    _service.Overtake(table, partition, operations);
                }

                return _service.Commit(table, partition, operations);
            },
            cancellationToken);
    }

    public ValueTask<RowScanPage> ScanAsync(RowTable table, string? fromPartition, string? continuation, CancellationToken cancellationToken) => CallAsync(
        Of(StorageOperation.ScanRows, fromPartition ?? "", table), () => _service.Scan(table, fromPartition, continuation), cancellationToken);

    public ValueTask<MessageReceipt> SendAsync(string queue, ReadOnlyMemory<byte> body, TimeSpan delay, CancellationToken cancellationToken)
    {
        StorageGuard.Message(body, delay);
        _kernel.Trace.Detail(() => $"in {delay}: {Describe(body)}");
        return CallAsync(Of(StorageOperation.SendMessage, queue), fate =>
        {
            var late = fate.Kind == FateKind.Delayed && delay + fate.Late < StorageLimits.MaxDelay ? delay + fate.Late : delay;
            var receipt = SimService.Now(_service.Store.Queues.SendAsync(queue, body, late, default));
            if (fate.Kind == FateKind.Duplicate)
            {
                SimService.Now(_service.Store.Queues.SendAsync(queue, body, delay, default));
            }

            _service.Bell.Changed(queue);
            return receipt;
        }, cancellationToken);
    }

    public ValueTask<IReadOnlyList<ReceivedMessage>> ReceiveAsync(string queue, int max, TimeSpan lease, CancellationToken cancellationToken)
    {
        StorageGuard.Receive(max, lease);
        return CallAsync(Of(StorageOperation.ReceiveMessages, queue), fate =>
        {
            // A lease of a second: it ends while the work is going on.
            var granted = fate.Kind is FateKind.Duplicate ? Extra : lease;
            var received = SimService.Now(_service.Store.Queues.ReceiveAsync(queue, max, granted, default));
            _service.Bell.Changed(queue);
            foreach (var message in received)
            {
                _kernel.Trace.Detail(() => $"{process.Name} receives {message.DequeueCount}. time {Describe(message.Body)}");
            }

            return received;
        }, cancellationToken);
    }

    public ValueTask<MessageReceipt?> PostponeAsync(MessageReceipt receipt, TimeSpan delay, CancellationToken cancellationToken) =>
        CallAsync(Of(StorageOperation.PostponeMessage, receipt.Queue), () =>
        {
            var renewed = SimService.Now(_service.Store.Queues.PostponeAsync(receipt, delay, default));
            _service.Bell.Changed(receipt.Queue);
            return renewed;
        }, cancellationToken);

    public ValueTask<bool> DeleteAsync(MessageReceipt receipt, CancellationToken cancellationToken) => CallAsync(
        Of(StorageOperation.DeleteMessage, receipt.Queue), () => SimService.Now(_service.Store.Queues.DeleteAsync(receipt, default)), cancellationToken);

    public async ValueTask CreateAsync(string queue, CancellationToken cancellationToken) =>
        await CallAsync(Of(StorageOperation.CreateQueue, queue), () => Nothing(_service.Store.Queues.CreateAsync(queue, default)), cancellationToken);

    public ValueTask<int?> CountAsync(string queue, CancellationToken cancellationToken) => CallAsync(
        Of(StorageOperation.CountMessages, queue), () => SimService.Now(_service.Store.Queues.CountAsync(queue, default)), cancellationToken);

    public async ValueTask PutAsync(string name, ReadOnlyMemory<byte> data, CancellationToken cancellationToken) =>
        await CallAsync(Of(StorageOperation.PutBlob, name), () => Nothing(_service.Store.Blobs.PutAsync(name, data, default)), cancellationToken);

    public ValueTask<ReadOnlyMemory<byte>?> GetAsync(string name, CancellationToken cancellationToken) =>
        CallAsync(Of(StorageOperation.GetBlob, name), () => SimService.Now(_service.Store.Blobs.GetAsync(name, default)), cancellationToken);

    public ValueTask<(IReadOnlyList<string> Names, string? Continuation)> ListAsync(string prefix, string? continuation, CancellationToken cancellationToken) =>
        CallAsync(Of(StorageOperation.ListBlobs, prefix), () => SimService.Now(_service.Store.Blobs.ListAsync(prefix, continuation, default)), cancellationToken);

    public async ValueTask DeleteAsync(string name, CancellationToken cancellationToken) =>
        await CallAsync(Of(StorageOperation.DeleteBlob, name), () => Nothing(_service.Store.Blobs.DeleteAsync(name, default)), cancellationToken);

    private static InterceptedCall Of(StorageOperation operation, string target, RowTable? table = null) => new(0, operation, target, table, []);

    private static string Describe(ReadOnlyMemory<byte> body)
    {
        var message = WorkMessage.Decode(body);
        return $"{message.Kind} of {message.WorkflowId} event {message.EventId} token {message.Token}";
    }

    private static bool Nothing(ValueTask call)
    {
        call.GetAwaiter().GetResult();
        return true;
    }

    private ValueTask<T> CallAsync<T>(InterceptedCall call, Func<T> apply, CancellationToken cancellationToken) =>
        CallAsync(call, _ => apply(), cancellationToken);

    private async ValueTask<T> CallAsync<T>(InterceptedCall call, Func<Fate, T> apply, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        call = call with { Number = ++_number };
        world.StorageCalls++;
        var fate = world.Faults.Decide(process.Name, call);
        world.Note(process.Name, $"{call.Operation} {call.Table}{(call.Table is null ? "" : " ")}{call.Target} {(fate.Kind == FateKind.Done ? "" : fate.Kind.ToString())}");
        if (call.Rows.Count > 0)
        {
            _kernel.Trace.Detail(() => string.Join(", ", call.Rows.Select(static r => r is { Key: JournalKeys.Head, Kind: RowOperationKind.Insert or RowOperationKind.Replace }
                ? $"{(WorkflowHead.Decode(r.Data) is var head ? r.Kind : r.Kind)} head of run {head.RunNumber} event {head.LastEventId} marks {string.Join(" ", head.Marks.Select(static m => $"{m.Token[^4..]}:{m.RunNumber}:{m.FirstEventId}-{m.LastEventId}"))}"
                : $"{r.Kind} {r.Key}")));
        }

        var answer = new TaskCompletionSource<T>();
        Send(call, fate, answer, () => apply(fate));
        await using var registration = cancellationToken.Register(() => answer.TrySetCanceled(cancellationToken));
        return await answer.Task;
    }

    /// <summary>Has the call meet its fate.</summary>
    private void Send<T>(InterceptedCall call, Fate fate, TaskCompletionSource<T> answer, Func<T> apply)
    {
        var lost = call.IsWrite ? StorageOutcome.Unknown : StorageOutcome.NotApplied;
        switch (fate.Kind)
        {
            case FateKind.Refused:
            case FateKind.Conflict when call.Operation != StorageOperation.CommitRows:
                Answer(fate.Out + fate.Back, () => Fail(answer, call, StorageOutcome.NotApplied, null));
                break;
            case FateKind.Throttled:
                Answer(fate.Out + fate.Back, () => Fail(answer, call, StorageOutcome.NotApplied, Extra));
                break;
            case FateKind.AnswerLost:
                Apply(fate.Out, apply, _ => Answer(fate.Back, () => Fail(answer, call, lost, null)));
                break;
            case FateKind.LateSuccess:
                Answer(fate.Out + fate.Back, () => Fail(answer, call, lost, null));
                Apply(fate.Out + fate.Back + fate.Late, apply, static _ => { });
                break;
            case FateKind.CrashBefore:
                _kernel.After(fate.Out, process.Crash);
                break;
            case FateKind.CrashAfter:
                Apply(fate.Out, apply, _ => process.Crash());
                break;
            case FateKind.PauseBefore:
                process.Pause(fate.Late);
                Apply(fate.Out + fate.Late, apply, settle => Answer(fate.Back, () => settle(answer)));
                break;
            case FateKind.PauseAfter:
                Apply(fate.Out, apply, settle =>
                {
                    process.Pause(fate.Late);
                    Answer(fate.Back, () => settle(answer));
                });
                break;
            default:
                Apply(fate.Out, apply, settle => Answer(fate.Back, () => settle(answer)));
                break;
        }
    }

    private void Answer(TimeSpan after, Action answer) => _kernel.After(after, answer);

    private void Apply<T>(TimeSpan after, Func<T> apply, Action<Action<TaskCompletionSource<T>>> then) => _kernel.After(after, () =>
    {
        try
        {
            var result = apply();
            then(answer => answer.TrySetResult(result));
        }
        catch (Exception e) when (e is StorageException or ArgumentException)
        {
            then(answer => answer.TrySetException(ExceptionDispatchInfo.Capture(e).SourceException));
        }
    });

    private static void Fail<T>(TaskCompletionSource<T> answer, InterceptedCall call, StorageOutcome outcome, TimeSpan? retryAfter) =>
        answer.TrySetException(new StorageException($"Simulated fault: {call.Operation} on '{call.Target}', outcome {outcome}.", outcome, retryAfter));
}
