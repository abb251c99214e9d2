using System.Text;
using Serverless.History;

namespace Core.Tests.History;

[TestClass]
public sealed class NamePoolTests
{
    [TestMethod]
    [DataRow(1)]
    [DataRow(100)]
    public void Get_SameName_IsTheSameString(int length)
    {
        var name = new string('n', length);
        Assert.AreEqual(name, Get(name));
        Assert.AreSame(Get(name), Get(name));
    }

    [TestMethod]
    public void Get_VeryLongName_IsNotKept()
    {
        var name = new string('n', 101);
        Assert.AreEqual(name, Get(name));
        Assert.AreNotSame(Get(name), Get(name));
    }

    [TestMethod]
    public void Get_EmptyOrNotAscii_IsTheText()
    {
        Assert.AreEqual("", Get(""));
        Assert.AreEqual("Zahlung ü", Get("Zahlung ü"));
        Assert.AreEqual("Zahlung ö", Get("Zahlung ö"));
    }

    [TestMethod]
    public void Get_MoreNamesThanSlots_NeverMixesThem()
    {
        for (var i = 0; i < 10_000; i++)
        {
            Assert.AreEqual($"name-{i}", Get($"name-{i}"));
        }
    }

    [TestMethod]
    public void Get_ManyNames_MostlyHaveSlotsOfTheirOwn()
    {
        // Of 1,000 names in 2,048 slots an even spread gives about 610 a slot of their own.
        var first = Enumerable.Range(0, 1_000).Select(static i => Get($"activity-{i}")).ToList();
        Assert.IsGreaterThan(600, first.Count(static name => ReferenceEquals(name, Get(name))));
    }

    private static string Get(string name) => NamePool.Get(Encoding.UTF8.GetBytes(name));
}
