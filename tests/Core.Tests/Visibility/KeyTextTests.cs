using CsCheck;
using Serverless.Storage;
using Serverless.Visibility;

namespace Core.Tests.Visibility;

[TestClass]
public sealed class KeyTextTests
{
    /// <summary>Texts that share beginnings, with characters that keys must not hold, and some that are cut.</summary>
    private static readonly Gen<string> Texts = Gen.Select(
        Gen.OneOf([.. new[] { "", "a", "aa", "order", "order-", new string('x', 39), new string('ß', 40) }.Select(static text => Gen.Const(text))]),
        Gen.String[Gen.OneOf(Gen.Char, Gen.Char["\0\n !\"#$-./09:?@AZ[\\]_`az{~\u007f\u00ff\ud800\uffff"]), 0, 4],
        static (beginning, end) => beginning + end);

    [TestMethod]
    public void TextsThatAreNotCut_AsKeys_KeepTheirOrder() =>
        Gen.Select(Texts, Texts).Where(static p => p.Item1.Length <= KeyText.MaxUnits && p.Item2.Length <= KeyText.MaxUnits).Sample((x, y) =>
            Math.Sign(string.CompareOrdinal(KeyText.Of(x) + KeyText.End, KeyText.Of(y) + KeyText.End)) == Math.Sign(string.CompareOrdinal(x, y)));

    [TestMethod]
    public void Texts_AsKeys_AreDifferentAndAllowedAndShort() => Gen.Select(Texts, Texts).Sample((x, y) =>
    {
        StorageGuard.Transaction("p", [RowOperation.Insert("a" + KeyText.Of(x), default)]);
        return KeyText.Of(x).Length <= 220 && (KeyText.Of(x) == KeyText.Of(y)) == (x == y);
    });

    [TestMethod]
    public void TextThatBeginsWithAnother_AsKey_LiesInTheRangeOfThatBeginning() => Gen.Select(Texts, Gen.Int[0, 50]).Sample((text, length) =>
    {
        var range = KeySpan.Beginning(KeyText.BeginningOf(text[..Math.Min(length, text.Length)]));
        return range.Contains(KeyText.Of(text));
    });

    [TestMethod]
    public void WholeNumbers_AsKeys_KeepTheirOrder() =>
        Gen.Select(Gen.Long, Gen.Long).Sample((x, y) => Math.Sign(string.CompareOrdinal(KeyText.Of(x), KeyText.Of(y))) == Math.Sign(x.CompareTo(y)));

    [TestMethod]
    public void Numbers_AsKeys_KeepTheirOrder()
    {
        var numbers = Gen.OneOf(
            Gen.Double, Gen.OneOf([.. new[] { 0.0, -0.0, double.NaN, double.PositiveInfinity, double.NegativeInfinity, double.Epsilon, -double.Epsilon, double.MaxValue }.Select(static n => Gen.Const(n))]));
        Gen.Select(numbers, numbers).Sample((x, y) => Math.Sign(string.CompareOrdinal(KeyText.Of(x), KeyText.Of(y))) == Math.Sign(x.CompareTo(y)));
    }

    [TestMethod]
    public void Times_AsKeys_KeepTheirOrderWhateverTheirOffset() => Gen.Select(Gen.DateTimeOffset, Gen.DateTimeOffset).Sample((x, y) =>
        Math.Sign(string.CompareOrdinal(KeyText.Of(x), KeyText.Of(y))) == Math.Sign(x.CompareTo(y)));
}
