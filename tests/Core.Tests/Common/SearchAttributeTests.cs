using System.Text;
using Serverless.Common;

namespace Core.Tests.Common;

[TestClass]
public sealed class SearchAttributeTests
{
    private static readonly SearchAttributeKey<string> s_text = SearchAttributeKey.CreateText("Text");
    private static readonly SearchAttributeKey<string> s_word = SearchAttributeKey.CreateKeyword("Word");
    private static readonly SearchAttributeKey<long> s_long = SearchAttributeKey.CreateLong("Long");
    private static readonly SearchAttributeKey<double> s_double = SearchAttributeKey.CreateDouble("Double");
    private static readonly SearchAttributeKey<bool> s_bool = SearchAttributeKey.CreateBool("Bool");
    private static readonly SearchAttributeKey<DateTimeOffset> s_moment = SearchAttributeKey.CreateDateTimeOffset("Moment");
    private static readonly SearchAttributeKey<IReadOnlyCollection<string>> s_words = SearchAttributeKey.CreateKeywordList("Words");

    [TestMethod]
    public void AllTypes_ThereAndBack_KeepValuesAndTypes()
    {
        var moment = new DateTimeOffset(2026, 11, 23, 10, 0, 0, 123, TimeSpan.FromHours(2));
        var before = new SearchAttributeCollection.Builder()
            .Set(s_text, "a b").Set(s_word, "c").Set(s_long, long.MaxValue).Set(s_double, 1.5).Set(s_bool, true).Set(s_moment, moment)
            .Set(s_words, ["x", "y"]).ToSearchAttributeCollection();

        var after = SearchAttributeCollection.FromPayloads(before.ToPayloads());

        Assert.AreEqual(7, after.Count);
        Assert.AreEqual("a b", after.Get(s_text));
        Assert.AreEqual("c", after.Get(s_word));
        Assert.AreEqual(long.MaxValue, after.Get(s_long));
        Assert.AreEqual(1.5, after.Get(s_double));
        Assert.IsTrue(after.Get(s_bool));
        Assert.AreEqual(moment, after.Get(s_moment));
        CollectionAssert.AreEqual(new[] { "x", "y" }, after.Get(s_words).ToArray());
    }

    [TestMethod]
    public void Keys_AreEqualByNameAndType()
    {
        Assert.IsTrue(s_text.Equals(SearchAttributeKey.CreateText("Text")));
        Assert.IsFalse(s_text.Equals(SearchAttributeKey.CreateKeyword("Text")));
        Assert.IsFalse(s_text.Equals(null));
        Assert.AreEqual(s_text.GetHashCode(), SearchAttributeKey.CreateText("Text").GetHashCode());
    }

    [TestMethod]
    public void Payload_CarriesItsTypeName()
    {
        var payload = new SearchAttributeCollection.Builder().Set(s_long, 5).ToSearchAttributeCollection().ToPayloads()["Long"];

        Assert.AreEqual("Int", Encoding.UTF8.GetString(payload.Metadata["type"].Span));
        Assert.AreEqual("5", Encoding.UTF8.GetString(payload.Data.Span));
    }

    [TestMethod]
    public void Get_OfAnotherTypeOrName_Throws()
    {
        var attributes = new SearchAttributeCollection.Builder().Set(s_long, 5).ToSearchAttributeCollection();

        Assert.ThrowsExactly<KeyNotFoundException>(() => attributes.Get(SearchAttributeKey.CreateKeyword("Long")));
        Assert.IsFalse(attributes.TryGetValue(s_word, out _));
        Assert.IsTrue(attributes.ContainsKey("Long"));
        Assert.IsFalse(attributes.ContainsKey(s_double));
    }

    [TestMethod]
    public void With_Updates_SetsReplacesAndRemoves()
    {
        var before = new SearchAttributeCollection.Builder().Set(s_long, 5).Set(s_word, "a").ToSearchAttributeCollection();

        var after = before.With([s_long.ValueSet(6), s_word.ValueUnset(), s_bool.ValueSet(false)]);

        CollectionAssert.AreEqual(new SearchAttributeKey[] { s_bool, s_long }, after.ToArray());
        Assert.AreEqual(6, after.Get(s_long));
        Assert.AreEqual(5, before.Get(s_long));
        Assert.IsNull(s_word.ValueUnset().ToPayload());
        Assert.ThrowsExactly<ArgumentException>(() => before.With([s_long.ValueSet(6), s_long.ValueUnset()]));
    }

    [TestMethod]
    public void Builder_SameNameOtherType_Replaces()
    {
        var attributes = new SearchAttributeCollection.Builder().Set(s_long, 5).Set(SearchAttributeKey.CreateKeyword("Long"), "x").ToSearchAttributeCollection();

        Assert.AreEqual("x", attributes.Get(SearchAttributeKey.CreateKeyword("Long")));
        Assert.AreEqual(1, attributes.Count);
    }

    [TestMethod]
    public void Version_CanonicalText_ThereAndBack()
    {
        Assert.AreEqual(new WorkerDeploymentVersion("shop", "1.2"), WorkerDeploymentVersion.FromCanonicalString("shop.1.2"));
        Assert.AreEqual("shop.1.2", new WorkerDeploymentVersion("shop", "1.2").ToCanonicalString());
        Assert.ThrowsExactly<ArgumentException>(() => WorkerDeploymentVersion.FromCanonicalString("shop"));
    }
}
