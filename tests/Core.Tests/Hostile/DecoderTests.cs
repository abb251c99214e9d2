using CsCheck;

namespace Core.Tests.Hostile;

/// <summary>
/// Whatever the bytes are, each decoder reads them or refuses them with its own exception, and takes no more memory than a stated multiple of what it was given
/// (see <see cref="Decoder.Try"/>).
/// </summary>
[TestClass]
public sealed class DecoderTests
{
    private const int Samples = 4_000;

    private static IEnumerable<object[]> Names => Decoders.All.Select(static d => new object[] { d.Name });

    [TestMethod]
    [DynamicData(nameof(Names))]
    public void Records_as_they_are_written_are_read(string name)
    {
        var decoder = Find(name);
        Assert.IsTrue(decoder.Valid.All(decoder.Try), $"A valid {name} is refused.");
    }

    [TestMethod]
    [DynamicData(nameof(Names))]
    public void Random_bytes_are_read_or_refused(string name)
    {
        var decoder = Find(name);
        var first = decoder.Valid[0][0];
        Gen.Byte.Array[0, 200].Sample(bytes => Done(decoder.Try(bytes), decoder.Try([first, .. bytes])), iter: Samples, threads: 1);
    }

    [TestMethod]
    [DynamicData(nameof(Names))]
    public void Every_truncation_is_read_or_refused(string name)
    {
        var decoder = Find(name);
        foreach (var valid in decoder.Valid)
        {
            for (var length = 0; length < valid.Length; length++)
            {
                decoder.Try(valid[..length]);
            }
        }
    }

    [TestMethod]
    [DynamicData(nameof(Names))]
    public void Damaged_records_are_read_or_refused(string name)
    {
        var decoder = Find(name);
        Gen.Select(Gen.OneOf([.. decoder.Valid]), Damage.Some).Sample((valid, damage) => Done(decoder.Try(damage(valid))), iter: Samples, threads: 1);
    }

    /// <summary>A checksum is no secret: who changes a record can make it right again.</summary>
    [TestMethod]
    [DynamicData(nameof(Names))]
    public void Damage_behind_a_right_checksum_is_read_or_refused(string name)
    {
        var decoder = Find(name);
        byte[][] guarded = [.. decoder.Valid.Where(static valid => Envelopes.Find(valid) is not null)];
        if (guarded.Length > 0)
        {
            Gen.Select(Gen.OneOf(guarded), Damage.Some)
                .Sample((valid, damage) => Done(decoder.Try(Envelopes.Change(valid, damage)!)), iter: Samples, threads: 1);
        }
    }

    private static Decoder Find(string name) => Decoders.All.Single(d => d.Name == name);

    private static bool Done(params ReadOnlySpan<bool> read) => read.Length > 0;
}
