namespace Serverless.History;

/// <summary>
/// The wire format of history segments: an <see cref="Envelope"/> around the id of the first event, its time, and for each event its
/// <see cref="EventKind"/>, the time since the event before, and its length-prefixed fields (<see cref="EventTag"/>). Unknown fields are skipped, unknown
/// kinds refused: an event that is not understood can't be replayed.
/// </summary>
internal static class EventCodec
{
    /// <summary>No segment has more events. They are larger in memory than in it: an event can have three bytes.</summary>
    public const int MaxEvents = 1_000_000;

    /// <summary>Encodes consecutive events; compressed when that is worth it. The same events give the same content.</summary>
    /// <exception cref="ArgumentException">The ids are not consecutive.</exception>
    /// <exception cref="RecordTooLargeException">The events are beyond the limit of a record.</exception>
    public static byte[] Encode(IReadOnlyList<HistoryEvent> events)
    {
        if (events.Count > MaxEvents)
        {
            throw new RecordTooLargeException($"{events.Count} events are above the limit of {MaxEvents} for one segment.");
        }

        var writer = new WireWriter(64 + (events.Count * 48));
        if (events.Count > 0)
        {
            var firstId = events[0].Id;
            var lastTime = events[0].Time.UtcTicks;
            writer.Signed(firstId);
            writer.Signed(lastTime);
            for (var i = 0; i < events.Count; i++)
            {
                var e = events[i];
                if (e.Id != firstId + i)
                {
                    throw new ArgumentException($"Event {e.Id} ({e.GetType().Name}) stands where event {firstId + i} belongs.", nameof(events));
                }

                writer.Number((ulong)EventWriter.KindOf(e));
                writer.Signed(e.Time.UtcTicks - lastTime);
                lastTime = e.Time.UtcTicks;
                var mark = writer.OpenBare();
                EventWriter.WriteFields(writer, e);
                writer.Close(mark);
            }
        }

        return Envelope.Seal(writer.Written.Span);
    }

    /// <summary>
    /// Decodes what <see cref="Encode"/> of this or any released version wrote. Payloads share the memory of <paramref name="segment"/>: it must not change.
    /// </summary>
    /// <exception cref="InvalidDataException">
    /// The bytes are not a segment, are damaged, or hold more than <paramref name="most"/> events or a kind of event that only newer software knows.
    /// </exception>
    public static IReadOnlyList<HistoryEvent> Decode(ReadOnlyMemory<byte> segment, int most = MaxEvents)
    {
        var reader = new WireReader(Envelope.Open(segment));
        var events = new List<HistoryEvent>();
        if (reader.AtEnd)
        {
            return events;
        }

        var firstId = reader.ReadSigned();
        var id = firstId;
        var time = WireReader.ToTime(reader.ReadSigned());
        var kind = default(EventKind);
        try
        {
            for (; !reader.AtEnd; id++)
            {
                if (events.Count == most)
                {
                    throw WireReader.Damaged($"has more than {most} events");
                }

                kind = (EventKind)Math.Min(reader.ReadNumber(), int.MaxValue);
                time = WireReader.ToTime(unchecked(time.UtcTicks + reader.ReadSigned()));
                var fields = new EventFields(id, time);
                fields.Read(reader.ReadBlock());
                events.Add(EventReader.Create(kind, in fields)
                    ?? throw new InvalidDataException("This kind is unknown here: it was written by a newer release. Run that release or a later one."));
            }

            return events;
        }
        catch (InvalidDataException e)
        {
            throw new InvalidDataException($"History segment from event {firstId}, event {id} of kind {(long)kind}: {e.Message}", e);
        }
    }
}
