using Serverless.Converters;

namespace Core.Tests.Converters;

[TestClass]
public sealed class ChainedPayloadCodecTests
{
    [TestMethod]
    public async Task CompressThenEncrypt_LargeText_IsSmallAndUnreadableAndComesBack()
    {
        var chain = new ChainedPayloadCodec(new CompressionPayloadCodec(), new AesGcmPayloadCodec("k1", new byte[32]));
        var payload = new DefaultPayloadConverter().ToPayload(new string('x', 10_000));

        var encoded = await chain.EncodeSingleAsync(payload);

        Assert.AreEqual("binary/encrypted", encoded.Metadata["encoding"].ToStringUtf8());
        Assert.IsLessThan(200, encoded.Data.Length);
        CollectionAssert.AreEqual(payload.ToByteArray(), (await chain.DecodeSingleAsync(encoded)).ToByteArray());
    }

    [TestMethod]
    public async Task EncodesInOrderAndDecodesInReverse()
    {
        var calls = new List<string>();
        var chain = new ChainedPayloadCodec(new Noting("a", calls), new Noting("b", calls));
        var payload = new Payload();

        await chain.DecodeAsync(await chain.EncodeAsync([payload]));

        Assert.AreEqual("encode a, encode b, decode b, decode a", string.Join(", ", calls));
    }

    [TestMethod]
    public async Task Context_ReachesTheCodecsThatAskForIt()
    {
        var calls = new List<string>();
        var chain = new ChainedPayloadCodec(new Noting("a", calls), new Aware("b", calls));

        var inContext = chain.WithSerializationContext(new ISerializationContext.Workflow("hub", "w1"));
        await inContext.EncodeAsync([]);

        Assert.AreEqual("encode a, encode b w1", string.Join(", ", calls));
        var without = new ChainedPayloadCodec(new Noting("a", calls));
        Assert.AreSame(without, without.WithSerializationContext(new ISerializationContext.Workflow("hub", "w1")));
    }

    private class Noting(string name, List<string> calls) : IPayloadCodec
    {
        public Task<IReadOnlyCollection<Payload>> EncodeAsync(IReadOnlyCollection<Payload> payloads) => Note("encode", payloads);

        public Task<IReadOnlyCollection<Payload>> DecodeAsync(IReadOnlyCollection<Payload> payloads) => Note("decode", payloads);

        private Task<IReadOnlyCollection<Payload>> Note(string what, IReadOnlyCollection<Payload> payloads)
        {
            calls.Add($"{what} {name}");
            return Task.FromResult(payloads);
        }
    }

    private sealed class Aware(string name, List<string> calls) : Noting(name, calls), IWithSerializationContext<IPayloadCodec>
    {
        private readonly string _name = name;
        private readonly List<string> _calls = calls;

        public IPayloadCodec WithSerializationContext(ISerializationContext context) =>
            new Noting($"{_name} {((ISerializationContext.IHasWorkflow)context).WorkflowId}", _calls);
    }
}
