using CsCheck;
using Serverless.History;

namespace Core.Tests.History;

[TestClass]
public sealed class EventCodecPropertyTests
{
    [TestMethod]
    public void Decode_AfterEncode_GivesTheSameEvents() =>
        EventGens.Events.Sample(
            events =>
            {
                // Some things have one form only: an empty list of error types is none, for instance.
                var once = EventCodec.Decode(EventCodec.Encode(events));
                return once.Count == events.Count && Dump.Of(EventCodec.Decode(EventCodec.Encode(once))) == Dump.Of(once);
            },
            iter: 1_000,
            threads: 1);

    [TestMethod]
    public void Encode_AfterDecode_GivesTheSameBytes() =>
        EventGens.Events.Sample(
            events =>
            {
                var bytes = EventCodec.Encode(events);
                return bytes.AsSpan().SequenceEqual(EventCodec.Encode(EventCodec.Decode(bytes)));
            },
            iter: 500,
            threads: 1);
}
