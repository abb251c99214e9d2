using CsCheck;
using Serverless.History;

namespace Core.Tests.History;

[TestClass]
public sealed class HistoryJsonPropertyTests
{
    [TestMethod]
    public void AnyEvents_ComeBackWithTheSameBytes() =>
        EventGens.Events.Sample(
            events =>
            {
                var bytes = EventCodec.Encode(events);
                return bytes.AsSpan().SequenceEqual(EventCodec.Encode(HistoryJsonTests.Through(EventCodec.Decode(bytes))));
            },
            iter: 1_000,
            threads: 1);
}
