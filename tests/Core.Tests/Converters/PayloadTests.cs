using System.Text.Json;
using System.Text;
using Serverless.Converters;
using Serverless.History;

namespace Core.Tests.Converters;

[TestClass]
public class PayloadTests
{
    [TestMethod]
    public void ToByteArray_MetadataAndData_IsTheProtobufForm()
    {
        var payload = new Payload { Metadata = { ["encoding"] = ByteString.CopyFromUtf8("json/plain") }, Data = ByteString.CopyFromUtf8("{}") };

        // As protobuf writes temporal.api.common.v1.Payload: 0A len { 0A len key, 12 len value }, 12 len data.
        Assert.AreEqual("0A160A08656E636F64696E67120A6A736F6E2F706C61696E12027B7D", Convert.ToHexString(payload.ToByteArray()));
    }

    [TestMethod]
    public void Json_OfAPayload_ShowsJsonValuesAndComesBack()
    {
        Payload[] payloads = [DataConverter.Default.PayloadConverter.ToPayload(new { a = 1 }), new() { Metadata = { ["encoding"] = ByteString.CopyFromUtf8("x") }, Data = ByteString.CopyFrom(1, 2) }];

        var json = JsonSerializer.Serialize(payloads);
        var back = JsonSerializer.Deserialize<Payload[]>(json)!;

        Assert.AreEqual("""[{"json":{"a":1}},{"metadata":{"encoding":"x"},"data":"AQI="}]""", json);
        CollectionAssert.AreEqual(payloads.Select(static p => p.ToByteString()).ToArray(), back.Select(static p => p.ToByteString()).ToArray());
    }

    [TestMethod]
    public void ParseFrom_WhatWasWritten_IsTheSame()
    {
        var payload = new Payload { Metadata = { { "b", ByteString.CopyFrom(1, 2) }, { "a", ByteString.Empty } }, Data = ByteString.CopyFrom(new byte[300]) };

        var read = Payload.Parser.ParseFrom(payload.ToByteString());

        CollectionAssert.AreEqual(new[] { "a", "b" }, read.Metadata.Keys.ToArray());
        Assert.AreEqual(ByteString.Empty, read.Metadata["a"]);
        Assert.AreEqual(ByteString.CopyFrom(1, 2), read.Metadata["b"]);
        Assert.AreEqual(payload.Data, read.Data);
    }

    [TestMethod]
    [DataRow("0A")]
    [DataRow("12057B7D")]
    [DataRow("0A020A0861")]
    [DataRow("1001")]
    public void ParseFrom_OtherBytes_Throws(string hex) =>
        Assert.ThrowsExactly<InvalidDataException>(() => Payload.Parser.ParseFrom(Convert.FromHexString(hex)));

    [TestMethod]
    public void Change_OfWhatWasReadFromStorage_IsRefusedAndOfItsCloneNot()
    {
        var writer = new WireWriter();
        writer.Field(1, new DefaultPayloadConverter().ToPayload("a"));
        var reader = new WireReader(writer.Written);
        Assert.IsTrue(reader.TryNext(out _));
        var stored = reader.ReadPayload();

        Assert.ThrowsExactly<InvalidOperationException>(() => stored.Metadata["x"] = ByteString.Empty);
        Assert.ThrowsExactly<InvalidOperationException>(() => stored.Data = ByteString.Empty);
        var clone = stored.Clone();
        clone.Metadata["x"] = ByteString.Empty;
        clone.Data = ByteString.Empty;

        Assert.AreEqual(1, stored.Metadata.Count);
        Assert.AreEqual("\"a\"", stored.Data.ToStringUtf8());
        Assert.AreEqual(2, clone.Metadata.Count);
    }

    [TestMethod]
    public void Change_OfAConvertedPayload_DoesNotReachTheNextOne()
    {
        var converter = new DefaultPayloadConverter();
        var first = converter.ToPayload("a");
        first.Metadata["x"] = ByteString.Empty;
        first.Metadata.Remove("encoding");

        CollectionAssert.AreEqual(new[] { "encoding" }, converter.ToPayload("b").Metadata.Keys.ToArray());
        CollectionAssert.AreEqual(new[] { "x" }, first.Metadata.Keys.ToArray());
    }

    [TestMethod]
    public void Bytes_OfTheSameContent_AreEqual()
    {
        var one = ByteString.CopyFromUtf8("binary/encrypted");
        ByteString? none = new Payload().Metadata.GetValueOrDefault("encoding");

        Assert.IsTrue(one == ByteString.CopyFrom(Encoding.UTF8.GetBytes("binary/encrypted")));
        Assert.IsTrue(one != ByteString.CopyFromUtf8("binary/plain"));
        Assert.IsTrue(none != one);
        Assert.AreEqual(one.GetHashCode(), ByteString.CopyFromUtf8("binary/encrypted").GetHashCode());
        Assert.AreEqual((byte)'b', one[0]);
        Assert.AreEqual("YmluYXJ5", ByteString.CopyFromUtf8("binary").ToBase64());
    }
}
