using System.Globalization;

namespace Serverless.Storage.Sqlite;

/// <summary>Queues in the file.</summary>
internal sealed class SqliteQueues(SqliteFile file, TimeProvider time) : IQueueStore
{
    public async ValueTask<MessageReceipt> SendAsync(string queue, ReadOnlyMemory<byte> body, TimeSpan delay, CancellationToken cancellationToken)
    {
        StorageGuard.Message(body, delay);
        return await file.WriteAsync(session =>
        {
            if (session.Scalar(SqliteLayout.QueueExists, ("$queue", queue)) is null)
            {
                throw Missing(queue);
            }

            var now = time.GetUtcNow();
            var receipt = session.NextVersion();
            var id = (long)session.Scalar(
                SqliteLayout.Send,
                ("$queue", queue), ("$visible", (now + delay).UtcTicks), ("$receipt", receipt), ("$sent", now.UtcTicks), ("$body", body.ToArray()))!;
            return new MessageReceipt(queue, Text(id), Text(receipt));
        }, cancellationToken);
    }

    public async ValueTask<IReadOnlyList<ReceivedMessage>> ReceiveAsync(string queue, int max, TimeSpan lease, CancellationToken cancellationToken)
    {
        StorageGuard.Receive(max, lease);
        if (!AnyVisible(queue, cancellationToken))
        {
            return [];
        }

        return await file.WriteAsync(session =>
        {
            var now = time.GetUtcNow();
            var receipt = session.NextVersion();
            using var reader = session.Command(
                SqliteLayout.Receive,
                ("$until", (now + lease).UtcTicks), ("$receipt", receipt), ("$queue", queue), ("$now", now.UtcTicks), ("$max", max)).ExecuteReader();
            var received = new List<ReceivedMessage>();
            while (reader.Read())
            {
                received.Add(new ReceivedMessage(
                    new MessageReceipt(queue, Text(reader.GetInt64(0)), Text(receipt)),
                    (byte[])reader.GetValue(1),
                    reader.GetInt32(2),
                    new DateTimeOffset(reader.GetInt64(3), TimeSpan.Zero)));
            }

            return received;
        }, cancellationToken);
    }

    public async ValueTask<MessageReceipt?> PostponeAsync(MessageReceipt receipt, TimeSpan delay, CancellationToken cancellationToken)
    {
        StorageGuard.Message(default, delay);
        return await file.WriteAsync<MessageReceipt?>(session =>
        {
            var fresh = session.NextVersion();
            return session.Execute(
                SqliteLayout.Postpone,
                ("$until", (time.GetUtcNow() + delay).UtcTicks),
                ("$receipt", fresh),
                ("$id", Number(receipt.MessageId)),
                ("$old", Number(receipt.PopReceipt)),
                ("$queue", receipt.Queue)) == 1
                ? receipt with { PopReceipt = Text(fresh) }
                : null;
        }, cancellationToken);
    }

    public async ValueTask<bool> DeleteAsync(MessageReceipt receipt, CancellationToken cancellationToken) =>
        await file.WriteAsync(session => session.Execute(
            SqliteLayout.DeleteMessage, ("$id", Number(receipt.MessageId)), ("$old", Number(receipt.PopReceipt)), ("$queue", receipt.Queue)) == 1, cancellationToken);

    public async ValueTask CreateAsync(string queue, CancellationToken cancellationToken)
    {
        StorageGuard.Queue(queue);
        await file.WriteAsync(session => session.Execute(SqliteLayout.CreateQueue, ("$queue", queue)), cancellationToken);
    }

    public ValueTask<int?> CountAsync(string queue, CancellationToken cancellationToken) => new(file.Read(session =>
        session.Scalar(SqliteLayout.QueueExists, ("$queue", queue)) is null
            ? (int?)null
            : Convert.ToInt32(session.Scalar(SqliteLayout.CountMessages, ("$queue", queue)), CultureInfo.InvariantCulture), cancellationToken));

    // An idle poller must cost neither the write lock nor a flush.
    private bool AnyVisible(string queue, CancellationToken cancellationToken) => file.Read(
        session => session.Scalar(SqliteLayout.QueueExists, ("$queue", queue)) is null
            ? throw Missing(queue)
            : session.Scalar(SqliteLayout.AnyVisible, ("$queue", queue), ("$now", time.GetUtcNow().UtcTicks)) is not null,
        cancellationToken);

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);

    private static long Number(string text) => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : -1;

    private static StorageException Missing(string queue) =>
        new($"There is no queue '{queue}'. Initialize the hub, or create the queue.", StorageOutcome.NoSuchQueue);
}
