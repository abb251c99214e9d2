using System.Numerics;

namespace Serverless.Common;

/// <summary>
/// Random numbers that depend on their seed alone, on every platform and in every version (xoshiro256** seeded by splitmix64): what replay needs and
/// <see cref="Random"/> does not promise.
/// </summary>
public class DeterministicRandom : Random
{
    private ulong _a;
    private ulong _b;
    private ulong _c;
    private ulong _d;

    /// <summary>The numbers of a seed.</summary>
    /// <param name="seed">The seed.</param>
    public DeterministicRandom(ulong seed)
    {
        ulong Mix()
        {
            seed += 0x9E3779B97F4A7C15;
            var z = seed;
            z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
            z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
            return z ^ (z >> 31);
        }

        (_a, _b, _c, _d) = (Mix(), Mix(), Mix(), Mix());
    }

    /// <summary>A source of the numbers that this one would give next, which leaves this one alone.</summary>
    internal DeterministicRandom Copy() => (DeterministicRandom)MemberwiseClone();

    /// <inheritdoc/>
    public override int Next() => (int)(NextUInt64() >> 33) is var n && n == int.MaxValue ? Next() : n;

    /// <inheritdoc/>
    public override int Next(int maxValue) => (int)NextInt64(0, maxValue);

    /// <inheritdoc/>
    public override int Next(int minValue, int maxValue) => (int)NextInt64(minValue, maxValue);

    /// <inheritdoc/>
    public override long NextInt64() => (long)(NextUInt64() >> 1) is var n && n == long.MaxValue ? NextInt64() : n;

    /// <inheritdoc/>
    public override long NextInt64(long maxValue) => NextInt64(0, maxValue);

    /// <inheritdoc/>
    public override long NextInt64(long minValue, long maxValue)
    {
        if (minValue > maxValue)
        {
            throw new ArgumentOutOfRangeException(nameof(minValue), minValue, $"The lower bound is above the upper one, {maxValue}.");
        }

        var range = (ulong)maxValue - (ulong)minValue;
        if (range <= 1)
        {
            return minValue;
        }

        // The high part of a product is even over the range when the few low products that fall short are drawn again.
        var threshold = (0 - range) % range;
        while (true)
        {
            var high = Math.BigMul(NextUInt64(), range, out var low);
            if (low >= threshold)
            {
                return (long)((ulong)minValue + high);
            }
        }
    }

    /// <inheritdoc/>
    public override double NextDouble() => (NextUInt64() >> 11) * (1.0 / (1UL << 53));

    /// <inheritdoc/>
    public override float NextSingle() => (NextUInt64() >> 40) * (1.0f / (1U << 24));

    /// <inheritdoc/>
    public override void NextBytes(byte[] buffer) => NextBytes(buffer.AsSpan());

    /// <inheritdoc/>
    public override void NextBytes(Span<byte> buffer)
    {
        while (buffer.Length > 0)
        {
            var value = NextUInt64();
            for (var i = 0; i < 8 && buffer.Length > 0; i++, value >>= 8)
            {
                buffer[0] = (byte)value;
                buffer = buffer[1..];
            }
        }
    }

    /// <summary>A version 4 UUID from these numbers.</summary>
    /// <returns>The UUID.</returns>
    internal Guid NextGuid()
    {
        Span<byte> bytes = stackalloc byte[16];
        NextBytes(bytes);
        bytes[6] = (byte)((bytes[6] & 0x0f) | 0x40);
        bytes[8] = (byte)((bytes[8] & 0x3f) | 0x80);
        return new Guid(bytes, bigEndian: true);
    }

    /// <inheritdoc/>
    protected override double Sample() => NextDouble();

    private ulong NextUInt64()
    {
        var result = BitOperations.RotateLeft(_b * 5, 7) * 9;
        var t = _b << 17;
        _c ^= _a;
        _d ^= _b;
        _b ^= _c;
        _a ^= _d;
        _c ^= t;
        _d = BitOperations.RotateLeft(_d, 45);
        return result;
    }
}
