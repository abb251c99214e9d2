using System.Globalization;
using Serverless.Storage;

namespace Serverless.Engine;

/// <summary>
/// Places for the attempts of one activity type that all processes of the hub share: rows with a lease, never more than the limit. A place is held while an
/// attempt runs; that of a process that died is free once its lease is over. A process that stood still for longer goes on when it wakes, so the limit can
/// be passed for a moment.
/// </summary>
internal sealed class SharedPlaces(EngineServices services, string activityType, int places)
{
    private const int MaxTries = 3;
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan RenewAfter = Lease / 3;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(2);
    private readonly string _partition = PartitionOf(activityType);
    private readonly Lock _lock = new();
    private readonly LinkedList<TaskCompletionSource<HeldPlace>> _line = new();
    private bool _asking;

    /// <summary>How the names begin of the partitions that hold places.</summary>
    public const string PartitionPrefix = "places-";

    /// <summary>Where the rows are: among what waits for its time.</summary>
    public static string PartitionOf(string activityType) => $"{PartitionPrefix}{WorkflowKey.Escape(activityType)}";

    /// <summary>Runs an attempt in a place. False when none became free in time: it was not run.</summary>
    public async Task<bool> TryRunAsync(Func<Task> attempt)
    {
        if (await EnterAsync() is not { } place)
        {
            return false;
        }

        var running = attempt();
        while (!running.IsCompleted)
        {
            await services.Time.WaitAsync(running, place.RenewAt - services.Time.GetUtcNow());
            if (!running.IsCompleted)
            {
                await RenewAsync(place);
            }
        }

        await LeaveAsync(place);
        await running;
        return true;
    }

    private async Task<HeldPlace?> EnterAsync()
    {
        var turn = new TaskCompletionSource<HeldPlace>(TaskCreationOptions.RunContinuationsAsynchronously);
        bool first;
        lock (_lock)
        {
            _line.AddLast(turn);
            first = !_asking;
            _asking = true;
        }

        if (first)
        {
            _ = AskAsync();
        }

        await services.Time.WaitAsync(turn.Task, Patience);
        lock (_lock)
        {
            if (_line.Remove(turn))
            {
                return null;
            }
        }

        return await turn.Task;
    }

    /// <summary>Asks for all that wait here, as long as somebody does.</summary>
    private async Task AskAsync()
    {
        while (true)
        {
            var place = await TryTakeAsync();
            if (place is not null)
            {
                await GiveAsync(place);
            }

            lock (_lock)
            {
                _asking = _line.Count > 0;
                if (!_asking)
                {
                    return;
                }
            }

            if (place is null)
            {
                await Task.Delay(LongestPause * services.Ids.NextJitter(), services.Time);
            }
        }
    }

    /// <summary>Who waits here goes on in the place, for one lease's time; then others have a chance.</summary>
    private Task LeaveAsync(HeldPlace place) =>
        services.Time.GetUtcNow() - place.Since < Lease ? GiveAsync(place) : GiveUpAsync(place);

    private Task GiveAsync(HeldPlace place)
    {
        TaskCompletionSource<HeldPlace>? turn = null;
        lock (_lock)
        {
            if (!place.IsLost && _line.First is { } first)
            {
                turn = first.Value;
                _line.RemoveFirst();
            }
        }

        turn?.SetResult(place);
        return turn is null ? GiveUpAsync(place) : Task.CompletedTask;
    }

    private async Task<HeldPlace?> TryTakeAsync()
    {
        try
        {
            for (var i = 0; i < MaxTries; i++)
            {
                var rows = await ReadAsync("", null);
                var now = services.Time.GetUtcNow();
                if (rows.Count(r => PlaceRow.Of(r).Until > now) >= places)
                {
                    return null;
                }

                var holder = services.Ids.NextUlid();
                var operation = Vacant(rows, now, new PlaceRow(holder, now + Lease).Encode());
                if (await CommitAsync(operation) is { Committed: true } outcome)
                {
                    return new HeldPlace(operation.Key, holder, now) { Tag = outcome.Tags[0]!, RenewAt = now + RenewAfter };
                }
            }
        }
        catch (Exception e) when (e is StorageException or OperationCanceledException)
        {
            // The next look may succeed; a place that was taken all the same is free again after its lease.
        }

        return null;
    }

    /// <summary>Takes over what a lease has left, if there is anything; else a place without a row, by chance, so that processes seldom meet.</summary>
    private RowOperation Vacant(IReadOnlyList<Row> rows, DateTimeOffset now, byte[] data)
    {
        foreach (var row in rows)
        {
            if (PlaceRow.Of(row).Until <= now)
            {
                return RowOperation.Replace(row.Key, data, row.Tag);
            }
        }

        var taken = rows.Select(static r => r.Key).ToHashSet(StringComparer.Ordinal);
        var free = Enumerable.Range(0, places).Select(static i => i.ToString("x4", CultureInfo.InvariantCulture)).Where(k => !taken.Contains(k)).ToList();
        return RowOperation.Insert(free[(int)(((services.Ids.NextJitter() * 2) - 1) * free.Count)], data);
    }

    private async Task RenewAsync(HeldPlace place)
    {
        var now = services.Time.GetUtcNow();
        place.RenewAt = now + RenewAfter;
        if (place.IsLost)
        {
            return;
        }

        try
        {
            var operation = RowOperation.Replace(place.Key, new PlaceRow(place.Holder, now + Lease).Encode(), place.Tag);
            if (await CommitAsync(operation) is { Committed: true } outcome)
            {
                place.Tag = outcome.Tags[0]!;
                return;
            }

            // Taken by another process that took this one for dead; or an answer of before was lost.
            var row = (await ReadAsync(place.Key, place.Key + "\0")).Select(static r => (Row?)r).FirstOrDefault();
            place.IsLost = row is not { } found || PlaceRow.Of(found).Holder != place.Holder;
            place.Tag = row?.Tag ?? "";
            place.RenewAt = place.IsLost ? place.RenewAt : now;
        }
        catch (Exception e) when (e is StorageException or OperationCanceledException)
        {
            // Tried again before the lease is over.
        }
    }

    private async Task GiveUpAsync(HeldPlace place)
    {
        if (place.IsLost)
        {
            return;
        }

        try
        {
            await CommitAsync(RowOperation.Delete(place.Key, place.Tag));
        }
        catch (Exception e) when (e is StorageException or OperationCanceledException)
        {
            // Free after its lease.
        }
    }

    private async Task<IReadOnlyList<Row>> ReadAsync(string from, string? to)
    {
        var rows = new List<Row>();
        await foreach (var row in services.Rows(new RowQuery(RowTable.Timers, _partition, from, to), services.Shutdown))
        {
            rows.Add(row);
        }

        return rows;
    }

    private Task<TransactionOutcome> CommitAsync(RowOperation operation) => services.Retry.WriteAsync(
        () => services.Store.Rows.CommitAsync(RowTable.Timers, _partition, [operation], services.Shutdown), services.Shutdown);

    private sealed record HeldPlace(string Key, string Holder, DateTimeOffset Since)
    {
        public required string Tag { get; set; }

        public required DateTimeOffset RenewAt { get; set; }

        public bool IsLost { get; set; }
    }
}

/// <summary>A place that is taken: by whom, until when at most.</summary>
internal sealed record PlaceRow(string Holder, DateTimeOffset Until)
{
    private const byte Version = 1;

    public byte[] Encode()
    {
        using var stream = new MemoryStream(64);
        using var writer = new BinaryWriter(stream);
        writer.Write(Version);
        writer.Write(Holder);
        writer.Write(Until);
        return stream.ToArray();
    }

    /// <summary>What a row says; one that can't be read is nobody's.</summary>
    public static PlaceRow Of(Row row)
    {
        try
        {
            return RecordCodec.Decode(row.Data, Version, "place row", static reader => new PlaceRow(reader.ReadString(), reader.ReadTime()));
        }
        catch (InvalidDataException)
        {
            return new PlaceRow("", DateTimeOffset.MinValue);
        }
    }
}
