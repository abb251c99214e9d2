using System.Text;
using System.Text.Json;
using Serverless.Converters;

namespace Core.Tests.Converters;

[TestClass]
public sealed class DefaultPayloadConverterTests
{
    private static readonly DefaultPayloadConverter s_converter = new();

    [TestMethod]
    public void Null_IsBinaryNullWithoutBytes()
    {
        var payload = s_converter.ToPayload(null);

        Assert.AreEqual("binary/null", EncodingOf(payload));
        Assert.AreEqual(0, payload.Data.Length);
        Assert.IsNull(s_converter.ToValue(payload, typeof(string)));
        Assert.IsNull(s_converter.ToValue(payload, typeof(int?)));
        Assert.ThrowsExactly<ArgumentException>(() => s_converter.ToValue(payload, typeof(int)));
    }

    [TestMethod]
    public void Bytes_AreBinaryPlainAndCopied()
    {
        var bytes = new byte[] { 1, 2, 3 };

        var payload = s_converter.ToPayload(bytes);
        bytes[0] = 9;

        Assert.AreEqual("binary/plain", EncodingOf(payload));
        CollectionAssert.AreEqual(new byte[] { 1, 2, 3 }, s_converter.ToValue<byte[]>(payload));
        CollectionAssert.AreEqual(new byte[] { 1, 2, 3 }, s_converter.ToValue<ReadOnlyMemory<byte>>(payload).ToArray());
        Assert.ThrowsExactly<ArgumentException>(() => s_converter.ToValue<string>(payload));
    }

    [TestMethod]
    public void Objects_AreJsonPlain()
    {
        var payload = s_converter.ToPayload(new Order("a", 2));

        Assert.AreEqual("json/plain", EncodingOf(payload));
        Assert.AreEqual("""{"Id":"a","Count":2}""", Encoding.UTF8.GetString(payload.Data.Span));
        Assert.AreEqual(new Order("a", 2), s_converter.ToValue<Order>(payload));
    }

    [TestMethod]
    public void JsonOptions_AreUsed()
    {
        var converter = new DefaultPayloadConverter(new JsonSerializerOptions { PropertyNamingPolicy = JsonNamingPolicy.CamelCase });

        Assert.AreEqual("""{"id":"a","count":2}""", Encoding.UTF8.GetString(converter.ToPayload(new Order("a", 2)).Data.Span));
    }

    [TestMethod]
    public void RawValues_PassUnconverted()
    {
        var payload = s_converter.ToPayload(5);

        Assert.AreSame(payload, s_converter.ToPayload(new RawValue(payload)));
        Assert.AreSame(payload, s_converter.ToValue<IRawValue>(payload).Payload);
        Assert.AreEqual(5, s_converter.ToValue<int>(s_converter.ToRawValue(5)));
    }

    [TestMethod]
    public void ToValue_UnknownEncoding_NamesItAndTheCure()
    {
        var payload = new Payload { Metadata = { ["encoding"] = ByteString.CopyFromUtf8("binary/encrypted") } };

        var e = Assert.ThrowsExactly<ArgumentException>(() => s_converter.ToValue<int>(payload));

        StringAssert.Contains(e.Message, "binary/encrypted");
        StringAssert.Contains(e.Message, "codec");
    }

    [TestMethod]
    public void ToValue_WithoutEncoding_IsRefused() =>
        Assert.ThrowsExactly<ArgumentException>(() => s_converter.ToValue<int>(new Payload(new MetadataDictionary(), default)));

    [TestMethod]
    public async Task DataConverter_WithACodec_EncodesAndDecodes()
    {
        var converter = DataConverter.Default with { PayloadCodec = new ReversingCodec() };

        var payload = await converter.ToPayloadAsync("abc");

        Assert.AreEqual("\"cba\"", Encoding.UTF8.GetString(payload.Data.Span));
        Assert.AreEqual("abc", await converter.ToValueAsync<string>(payload));
        Assert.AreEqual("abc", await new EncodedRawValue(converter, payload).ToValueAsync<string>());
    }

    [TestMethod]
    public void GeneratedJsonContext_NeedsNoReflection()
    {
        var converter = new DefaultPayloadConverter(new JsonSerializerOptions { TypeInfoResolver = TicketContext.Default, PropertyNamingPolicy = JsonNamingPolicy.CamelCase });

        var payload = converter.ToPayload(new Ticket("a", 2));

        Assert.AreEqual("""{"seat":"a","row":2}""", payload.Data.ToStringUtf8());
        Assert.AreEqual(new Ticket("a", 2), converter.ToValue<Ticket>(payload));
        Assert.IsNull(converter.ToValue<Ticket?>(converter.ToPayload(null)));
        Assert.ThrowsExactly<NotSupportedException>(() => converter.ToPayload(new Order("a", 2)));
    }

    [TestMethod]
    public void GeneratedJsonContext_OptionsOfItsOwn_AreUsed()
    {
        var converter = new DefaultPayloadConverter(TicketContext.Default.Options);

        Assert.AreEqual("""{"Seat":"a","Row":2}""", converter.ToPayload(new Ticket("a", 2)).Data.ToStringUtf8());
    }

    [TestMethod]
    public void OwnEncoding_BeforeTheOthers_TakesItsValues()
    {
        var converter = new DefaultPayloadConverter(new SeatConverter(), new BinaryNullConverter(), new JsonPlainConverter(new JsonSerializerOptions()));

        var payload = converter.ToPayload(new Ticket("a", 2));

        Assert.AreEqual("text/seat", EncodingOf(payload));
        Assert.AreEqual(new Ticket("a", 2), converter.ToValue<Ticket>(payload));
        Assert.AreEqual("json/plain", EncodingOf(converter.ToPayload(new Order("a", 2))));
        Assert.AreEqual("binary/null", EncodingOf(converter.ToPayload(null)));
    }

    [TestMethod]
    public void OwnEncoding_WithAContext_IsAskedForIt()
    {
        var converter = new DefaultPayloadConverter(new SeatConverter());

        var inContext = converter.WithSerializationContext(new ISerializationContext.Workflow("hub", "w1"));

        Assert.AreEqual("w1", inContext.ToPayload(new Ticket("a", 2)).Metadata["for"].ToStringUtf8());
        Assert.AreSame(s_converter, s_converter.WithSerializationContext(new ISerializationContext.Workflow("hub", "w1")));
    }

    [TestMethod]
    public void Subclass_MayAddMetadata()
    {
        var converter = new DefaultPayloadConverter(new SignedJsonConverter());

        var payload = converter.ToPayload(new Order("a", 2));

        Assert.AreEqual("me", payload.Metadata["signed-by"].ToStringUtf8());
        Assert.AreEqual(new Order("a", 2), converter.ToValue<Order>(payload));
    }

    [TestMethod]
    public async Task Codec_ThatReturnsAnotherCount_IsNamed()
    {
        var converter = DataConverter.Default with { PayloadCodec = new ReversingCodec { Drops = true } };

        var e = await Assert.ThrowsExactlyAsync<InvalidOperationException>(() => converter.ToPayloadsAsync([1, 2]));

        StringAssert.Contains(e.Message, nameof(ReversingCodec));
    }

    private static string EncodingOf(Payload payload) => Encoding.UTF8.GetString(payload.Metadata["encoding"].Span);

    private sealed record Order(string Id, int Count);

    private sealed class SignedJsonConverter() : JsonPlainConverter(new JsonSerializerOptions())
    {
        public override bool TryToPayload(object? value, out Payload? payload)
        {
            var converted = base.TryToPayload(value, out payload);
            payload!.Metadata["signed-by"] = ByteString.CopyFromUtf8("me");
            return converted;
        }
    }

    /// <summary>Written as such converters are for the Temporal SDK.</summary>
    private sealed class SeatConverter(string workflowId = "") : IEncodingConverter, IWithSerializationContext<IEncodingConverter>
    {
        public string Encoding => "text/seat";

        public bool TryToPayload(object? value, out Payload? payload)
        {
            payload = null;
            if (value is not Ticket ticket)
            {
                return false;
            }

            payload = new();
            payload.Metadata["encoding"] = ByteString.CopyFromUtf8(Encoding);
            payload.Metadata["for"] = ByteString.CopyFromUtf8(workflowId);
            payload.Data = ByteString.CopyFromUtf8($"{ticket.Seat}/{ticket.Row}");
            return true;
        }

        public object? ToValue(Payload payload, Type type)
        {
            var parts = payload.Data.ToStringUtf8().Split('/');
            return new Ticket(parts[0], int.Parse(parts[1], System.Globalization.CultureInfo.InvariantCulture));
        }

        public IEncodingConverter WithSerializationContext(ISerializationContext context) =>
            new SeatConverter(((ISerializationContext.IHasWorkflow)context).WorkflowId!);
    }
}

internal sealed record Ticket(string Seat, int Row);

[System.Text.Json.Serialization.JsonSerializable(typeof(Ticket))]
internal sealed partial class TicketContext : System.Text.Json.Serialization.JsonSerializerContext;
