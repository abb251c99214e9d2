using CsCheck;

namespace Core.Tests.Hostile;

/// <summary>What happens to bytes on their way, and what somebody does to them who knows how they are made.</summary>
internal static class Damage
{
    /// <summary>Numbers that stand for lengths, counts and times where there should be others.</summary>
    private static readonly byte[][] Numbers =
    [
        [0x00], [0x7F], [0xFF, 0x7F], [0xFF, 0xFF, 0x7F], [0xFF, 0xFF, 0xFF, 0x7F], [0xFF, 0xFF, 0xFF, 0xFF, 0x07], [0xFF, 0xFF, 0xFF, 0xFF, 0x0F], [0x80, 0x80, 0x80, 0x80, 0x08],
        [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F], [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01], [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01],
        [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F], [0, 0, 0, 0, 0, 0, 0, 0x80],
    ];

    private static readonly Gen<Func<byte[], byte[]>> Flip =
        Gen.Select(Gen.Int[0, int.MaxValue], Gen.Int[0, 7], (at, bit) => Of(at, 1, old => [(byte)(old[0] ^ (1 << bit))]));

    private static readonly Gen<Func<byte[], byte[]>> Put =
        Gen.Select(Gen.Int[0, int.MaxValue], Gen.Byte.Array[0, 8], Gen.Int[0, 8], (at, put, length) => Of(at, length, _ => put));

    private static readonly Gen<Func<byte[], byte[]>> Number =
        Gen.Select(Gen.Int[0, int.MaxValue], Gen.OneOf(Numbers), Gen.Int[0, 2], (at, number, length) => Of(at, length, _ => number));

    private static readonly Gen<Func<byte[], byte[]>> Cut =
        Gen.Int[0, int.MaxValue].Select(at => (Func<byte[], byte[]>)(bytes => bytes[..(at % (bytes.Length + 1))]));

    private static readonly Gen<Func<byte[], byte[]>> Repeat =
        Gen.Select(Gen.Int[0, int.MaxValue], Gen.Int[1, 40], Gen.Int[1, 30], (at, length, times) =>
            Of(at, length, old => [.. Enumerable.Repeat(old.ToArray(), times).SelectMany(static part => part)]));

    /// <summary>One to four changes.</summary>
    public static readonly Gen<Func<byte[], byte[]>> Some = Gen.OneOf(Flip, Put, Number, Number, Cut, Repeat).Array[1, 4]
        .Select(changes => (Func<byte[], byte[]>)(bytes => changes.Aggregate(bytes, static (b, change) => change(b))));

    private delegate byte[] Part(ReadOnlySpan<byte> old);

    private static Func<byte[], byte[]> Of(int position, int length, Part change) => bytes =>
    {
        if (bytes.Length == 0)
        {
            return bytes;
        }

        var start = position % bytes.Length;
        var end = Math.Min(start + length, bytes.Length);
        return [.. bytes[..start], .. change(bytes.AsSpan(start..end)), .. bytes[end..]];
    };
}
