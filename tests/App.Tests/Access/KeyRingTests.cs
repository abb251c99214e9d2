using Serverless.Functions;
using Serverless.Functions.Access;
using Serverless.Testbed;

namespace App.Tests.Access;

[TestClass]
public sealed class KeyRingTests
{
    private static readonly ServerlessWorkflowsOptions _options = Options();

    [TestMethod]
    public void Find_Key_GivesItsEntryWithoutTheKey()
    {
        var ring = new KeyRing(_options);

        Assert.AreEqual((ApiRole.Admin, null), (ring.Find("single-0123456789")!.Role, ring.Find("single-0123456789")!.Name));
        Assert.AreEqual((ApiRole.Reader, "first"), (ring.Find("first-0123456789")!.Role, ring.Find("first-0123456789")!.Name));
        Assert.AreEqual((ApiRole.Operator, "", "last (Operator)"), (ring.Find("last-0123456789")!.Role, ring.Find("last-0123456789")!.Key, $"{ring.Find("last-0123456789")}"));
        Assert.IsNull(ring.Find(""));
        Assert.IsNull(ring.Find("first-012345678"));
    }

    [TestMethod]
    public void NoKeys_LetNobodyIn()
    {
        var ring = new KeyRing(new ServerlessWorkflowsOptions());

        Assert.IsTrue(ring.IsEmpty);
        Assert.IsNull(ring.Find(""));
    }

    /// <summary>Time can't be measured well enough in a test: it looks at how keys are compared.</summary>
    [TestMethod]
    public async Task Find_LooksAtEveryKeyWholly()
    {
        var source = await File.ReadAllTextAsync(RepositoryRoot.PathOf("functions", "Serverless.Functions", "Access", "KeyRing.cs"));
        var find = source[source.IndexOf("public ApiKeys.Entry? Find(", StringComparison.Ordinal)..source.IndexOf("private static byte[] Hash(", StringComparison.Ordinal)];

        StringAssert.Contains(find, "CryptographicOperations.FixedTimeEquals(hash, known.Hash)");
        foreach (var early in new[] { "break", "==", "SequenceEqual", ".Equals(" })
        {
            Assert.DoesNotContain(early, find);
        }

        Assert.AreEqual(1, find.Split("return").Length - 1);
    }

    private static ServerlessWorkflowsOptions Options()
    {
        var options = new ServerlessWorkflowsOptions { ApiKey = "single-0123456789" };
        options.ApiKeys.Add(ApiRole.Reader, "first-0123456789", "first").Add(ApiRole.Operator, "last-0123456789", "last");
        return options;
    }
}
