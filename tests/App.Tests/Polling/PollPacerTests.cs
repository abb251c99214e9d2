using Serverless.Functions.Polling;

namespace App.Tests.Polling;

[TestClass]
public sealed class PollPacerTests
{
    private const double NoJitter = 0.5;
    private static readonly DateTimeOffset _now = new(2026, 11, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan _first = TimeSpan.FromMilliseconds(100);

    [TestMethod]
    public void NextPause_Idle_DoublesUpToTheMaximum()
    {
        var pacer = new PollPacer(_first, TimeSpan.FromMilliseconds(500));

        CollectionAssert.AreEqual(new double[] { 100, 200, 400, 500, 500 }, Pauses(pacer, 5));
    }

    [TestMethod]
    public void NextPause_AfterAFind_StartsOver()
    {
        var pacer = new PollPacer(_first, TimeSpan.FromSeconds(10));
        Pauses(pacer, 3);

        pacer.Found();

        CollectionAssert.AreEqual(new double[] { 100 }, Pauses(pacer, 1));
    }

    [TestMethod]
    public void NextPause_ExpectedMessage_EndsThePauseThen()
    {
        var pacer = new PollPacer(_first, TimeSpan.FromSeconds(10));
        pacer.Expect(_now.AddMilliseconds(150));

        CollectionAssert.AreEqual(new double[] { 100, 150, 150 }, Pauses(pacer, 3));
    }

    [TestMethod]
    public void NextPause_ExpectedMomentHasPassed_LooksOftenAgain()
    {
        var pacer = new PollPacer(_first, TimeSpan.FromSeconds(10));
        Pauses(pacer, 6);
        pacer.Expect(_now.AddMilliseconds(-1));

        CollectionAssert.AreEqual(new double[] { 100, 200 }, Pauses(pacer, 2));
    }

    [TestMethod]
    public void Expect_TellsWhetherAWaitMustBeCutShort()
    {
        var pacer = new PollPacer(_first, TimeSpan.FromSeconds(10));

        Assert.IsTrue(pacer.Expect(_now.AddSeconds(5)));
        Assert.IsFalse(pacer.Expect(_now.AddSeconds(6)));
        Assert.IsTrue(pacer.Expect(_now.AddSeconds(4)));
    }

    private static double[] Pauses(PollPacer pacer, int count) =>
        [.. Enumerable.Range(0, count).Select(_ => pacer.NextPause(_now, NoJitter).TotalMilliseconds)];
}
