using Serverless.History;

namespace Core.Tests.History;

/// <summary>Segments whose fields a test writes by hand: what older, newer or broken software could have written.</summary>
internal static class HandWritten
{
    /// <summary>Event 1, at <see cref="EventSamples.Start"/>, of the fields that are written.</summary>
    public static HistoryEvent Decode(EventKind kind, Action<WireWriter> write)
    {
        var writer = new WireWriter();
        writer.Signed(1);
        writer.Signed(EventSamples.Start.UtcTicks);
        writer.Number((ulong)kind);
        writer.Signed(0);
        var mark = writer.OpenBare();
        write(writer);
        writer.Close(mark);
        return EventCodec.Decode(Envelope.Seal(writer.Written.Span)).Single();
    }

    public static T Decode<T>(Action<WireWriter> write)
        where T : HistoryEvent => (T)Decode(Enum.Parse<EventKind>(typeof(T).Name), write);

    /// <summary>What is wrong with the fields, without the place.</summary>
    public static string Refused<T>(Action<WireWriter> write)
        where T : HistoryEvent => Refused(Enum.Parse<EventKind>(typeof(T).Name), write);

    /// <summary>What is wrong with the fields, without the place.</summary>
    public static string Refused(EventKind kind, Action<WireWriter> write)
    {
        var message = Assert.ThrowsExactly<InvalidDataException>(() => Decode(kind, write)).Message;
        var place = $"History segment from event 1, event 1 of kind {(long)kind}: ";
        Assert.StartsWith(place, message);
        return message[place.Length..];
    }

    /// <summary>Writes a nested message.</summary>
    public static void Message(this WireWriter writer, int tag, Action<WireWriter> write)
    {
        var mark = writer.Open(tag);
        write(writer);
        writer.Close(mark);
    }
}
