using System.Text;
using System.Text.Json;
using Serverless.Functions.Triggers;

namespace App.Tests.Triggers;

/// <summary>Bodies as the Functions host posts them.</summary>
[TestClass]
public sealed class TriggerMessageTests
{
    [TestMethod]
    public void Parse_TextEncodedTwice_GivesTheBytes()
    {
        var body = JsonSerializer.SerializeToElement(new { Data = new { message = JsonSerializer.Serialize(Convert.ToBase64String([1, 2, 3])) }, Metadata = new { DequeueCount = "2" } });

        var delivery = TriggerMessage.Parse(body);

        CollectionAssert.AreEqual(new byte[] { 1, 2, 3 }, delivery.Body.ToArray());
        Assert.AreEqual(2, delivery.DequeueCount);
        Assert.IsFalse(delivery.IsLastAttempt);
    }

    [TestMethod]
    [DataRow("\"plain text!\"", "plain text!")]
    [DataRow("plain text!", "plain text!")]
    [DataRow("\"unfinished", "\"unfinished")]
    [DataRow("{\"Id\":\"evil\"}", "{\"Id\":\"evil\"}")]
    public void Parse_ForeignText_IsGivenAsItIs(string data, string expected)
    {
        var body = JsonSerializer.SerializeToElement(new { Data = new { message = data } });

        Assert.AreEqual(expected, Encoding.UTF8.GetString(TriggerMessage.Parse(body).Body.Span));
    }

    [TestMethod]
    [DataRow("5", 5, true)]
    [DataRow("\"7\"", 7, true)]
    [DataRow("-3", 1, false)]
    [DataRow("many", 1, false)]
    public void Parse_DequeueCount_IsAHint(string text, int expected, bool isLast)
    {
        var body = JsonSerializer.SerializeToElement(new { Data = new { message = "AAAA" }, Metadata = new { DequeueCount = text } });

        var delivery = TriggerMessage.Parse(body);

        Assert.AreEqual(expected, delivery.DequeueCount);
        Assert.AreEqual(isLast, delivery.IsLastAttempt);
    }

    [TestMethod]
    [DataRow("[]")]
    [DataRow("{}")]
    [DataRow("""{"Data":"x"}""")]
    [DataRow("""{"Data":{}}""")]
    public void Parse_WhatTheHostDoesNotPost_Throws(string json)
    {
        using var document = JsonDocument.Parse(json);

        Assert.ThrowsExactly<FormatException>(() => TriggerMessage.Parse(document.RootElement));
    }
}
