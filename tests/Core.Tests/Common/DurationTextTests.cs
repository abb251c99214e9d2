using Serverless.Common;

namespace Core.Tests.Common;

[TestClass]
public sealed class DurationTextTests
{
    [TestMethod]
    [DataRow("2h30m", 2.5)]
    [DataRow("1.5d", 36)]
    [DataRow("1w1h", 169)]
    public void TryParse_DigitsAndUnits_IsTheirSum(string text, double hours)
    {
        Assert.IsTrue(DurationText.TryParse(text, out var value));
        Assert.AreEqual(TimeSpan.FromHours(hours), value);
    }

    [TestMethod]
    [DataRow("")]
    [DataRow("5")]
    [DataRow("5x")]
    [DataRow("1.2.3s")]
    [DataRow("999999999999999999w")]
    [DataRow("15250284w1w")]
    public void TryParse_WhatIsNoDuration_IsFalse(string text) => Assert.IsFalse(DurationText.TryParse(text, out _));
}
