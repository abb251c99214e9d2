using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Serverless.Converters;

namespace Core.Tests.History;

/// <summary>How payloads look in an exported history.</summary>
[TestClass]
public sealed class PayloadJsonTests
{
    private static readonly JsonSerializerOptions Relaxed = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static readonly string DeepestShown = new string('[', 32) + new string(']', 32);

    public static IEnumerable<object[]> Values =>
    [
        [EventSamples.Json("{\"a\":[1, 2]}"), "{\"json\":{\"a\":[1, 2]}}"],
        [EventSamples.Json("1"), "{\"json\":1}"],
        [EventSamples.Json("\"ü\""), "{\"json\":\"ü\"}"],
        [EventSamples.Json(DeepestShown), "{\"json\":" + DeepestShown + "}"],
        [EventSamples.Json($"[{DeepestShown}]"), Bytes($"[{DeepestShown}]")],
        [EventSamples.Json(" 1"), Bytes(" 1")],
        [EventSamples.Json("1 "), Bytes("1 ")],
        [EventSamples.Json("\n1"), Bytes("\n1")],
        [EventSamples.Json("1\n"), Bytes("1\n")],
        [EventSamples.Json("1 2"), Bytes("1 2")],
        [EventSamples.Json("{}x"), Bytes("{}x")],
        [EventSamples.Json("{"), Bytes("{")],
        [EventSamples.Json("x"), Bytes("x")],
        [EventSamples.Json(""), "{\"metadata\":{\"encoding\":\"json/plain\"}}"],
        [EventSamples.Typed, "{\"metadata\":{\"encoding\":\"json/plain\",\"type\":\"Keyword\"},\"json\":\"gold\"}"],
        [EventSamples.Payload("1", ("encoding", "binary/plain")), "{\"metadata\":{\"encoding\":\"binary/plain\"},\"data\":\"MQ==\"}"],
        [EventSamples.Payload("1", ("type", "json/plain")), "{\"metadata\":{\"type\":\"json/plain\"},\"data\":\"MQ==\"}"],
        [EventSamples.Payload("1"), "{\"data\":\"MQ==\"}"],
        [EventSamples.Payload(""), "{}"],
        [EventSamples.Payload("", ("b", ""), ("a", "1"), ("B", "2")), "{\"metadata\":{\"B\":\"2\",\"a\":\"1\",\"b\":\"\"}}"],
        [new Payload(MetadataDictionary.Fixed(new() { ["k"] = ByteString.CopyFrom([0xFF, 0]) }), default), "{\"metadata\":{\"k\":{\"base64\":\"/wA=\"}}}"],
        [new Payload(EventSamples.Json("").Metadata, new byte[] { (byte)'"', 0xFF, (byte)'"' }), "{\"metadata\":{\"encoding\":\"json/plain\"},\"data\":\"Iv8i\"}"],
        [EventSamples.InBlob, "{\"metadata\":{\"encoding\":\"json/plain\"},\"blob\":\"0a1b2c3d-order-1/run/7\",\"size\":250000}"],
        [new Payload(MetadataDictionary.Fixed([]), default) { BlobName = "b", OriginalSize = 0 }, "{\"blob\":\"b\"}"],
    ];

    [TestMethod]
    [DynamicData(nameof(Values))]
    public void Payload_LooksSoAndComesBack(object value, string json)
    {
        var payload = (Payload)value;
        Assert.AreEqual(json, JsonSerializer.Serialize(payload, Relaxed));
        Assert.AreEqual(Dump.Of(payload), Dump.Of(JsonSerializer.Deserialize<Payload>(json)));
    }

    [TestMethod]
    public void Read_MetadataBesideJson_IsTheMetadata()
    {
        var payload = JsonSerializer.Deserialize<Payload>("{\"json\": 1, \"metadata\": {\"type\": \"t\"}}")!;
        Assert.AreEqual("1", payload.Data.ToStringUtf8());
        CollectionAssert.AreEqual(new[] { "type" }, payload.Metadata.Keys.ToArray());
    }

    [TestMethod]
    public void Read_ValueAndBytes_TakesTheValue() =>
        Assert.AreEqual("1", JsonSerializer.Deserialize<Payload>("{\"data\": \"Mg==\", \"json\": 1}")!.Data.ToStringUtf8());

    [TestMethod]
    public void Read_SizeOfNothing_IsTaken() =>
        Assert.AreEqual(0, JsonSerializer.Deserialize<Payload>("{\"data\": \"Mg==\", \"blob\": \"b\", \"size\": 0}")!.OriginalSize);

    [TestMethod]
    public void Read_NegativeSize_IsRefused() =>
        Assert.AreEqual(
            "The size of a payload is not negative.",
            Assert.ThrowsExactly<JsonException>(static () => JsonSerializer.Deserialize<Payload>("{\"blob\": \"b\", \"size\": -1}")).Message);

    [TestMethod]
    [DataRow("7")]
    [DataRow("[]")]
    [DataRow("\"text\"")]
    public void Read_WhatIsNoObject_IsRefused(string json) =>
        Assert.AreEqual("A payload is an object with json, data or blob.", Assert.ThrowsExactly<JsonException>(() => JsonSerializer.Deserialize<Payload>(json)).Message);

    private static string Bytes(string data) =>
        "{\"metadata\":{\"encoding\":\"json/plain\"},\"data\":\"" + Convert.ToBase64String(Encoding.UTF8.GetBytes(data)) + "\"}";
}
