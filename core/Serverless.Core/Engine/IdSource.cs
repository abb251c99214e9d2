namespace Serverless.Engine;

/// <summary>
/// Makes ids from a clock and a random source that are handed in. Ids of one source sort in the order they were made, even when the clock steps back.
/// Thread-safe.
/// </summary>
internal sealed class IdSource(TimeProvider time, Random random)
{
    private const string Alphabet = "0123456789abcdefghjkmnpqrstvwxyz";
    private readonly Lock _lock = new();
    private long _lastMilliseconds;
    private UInt128 _lastRandom;

    /// <summary>A ULID: 26 characters, 48 bits of time, 80 bits that grow within a millisecond.</summary>
    public string NextUlid()
    {
        lock (_lock)
        {
            var now = time.GetUtcNow().ToUnixTimeMilliseconds();
            if (now > _lastMilliseconds)
            {
                _lastMilliseconds = now;
                _lastRandom = ((UInt128)(ulong)random.NextInt64() << 15) ^ (UInt128)random.Next(1 << 15);
            }
            else
            {
                _lastRandom++;
            }

            var value = ((UInt128)(ulong)_lastMilliseconds << 80) | (_lastRandom & ((UInt128.One << 80) - 1));
            return string.Create(26, value, static (span, v) =>
            {
                for (var i = span.Length - 1; i >= 0; i--)
                {
                    span[i] = Alphabet[(int)(ulong)(v & 31)];
                    v >>= 5;
                }
            });
        }
    }

    /// <summary>When a ULID was made, by its maker's clock; null when the text is none.</summary>
    public static DateTimeOffset? TimeOf(string ulid)
    {
        if (ulid.Length != 26)
        {
            return null;
        }

        long milliseconds = 0;
        foreach (var c in ulid.AsSpan(0, 10))
        {
            var digit = Alphabet.IndexOf(c, StringComparison.Ordinal);
            if (digit < 0)
            {
                return null;
            }

            milliseconds = (milliseconds << 5) | (long)digit;
        }

        return milliseconds < DateTimeOffset.MaxValue.ToUnixTimeMilliseconds() ? DateTimeOffset.FromUnixTimeMilliseconds(milliseconds) : null;
    }

    /// <summary>A run id: a random UUID.</summary>
    public string NextRunId()
    {
        Span<byte> bytes = stackalloc byte[16];
        lock (_lock)
        {
            random.NextBytes(bytes);
        }

        bytes[6] = (byte)((bytes[6] & 0x0f) | 0x40);
        bytes[8] = (byte)((bytes[8] & 0x3f) | 0x80);
        return new Guid(bytes, bigEndian: true).ToString();
    }

    /// <summary>A seed for a run's own random numbers.</summary>
    public ulong NextSeed()
    {
        lock (_lock)
        {
            return (ulong)random.NextInt64(long.MinValue, long.MaxValue);
        }
    }

    /// <summary>A factor in [0.5, 1): spreads repeated tries.</summary>
    public double NextJitter()
    {
        lock (_lock)
        {
            return 0.5 + (random.NextDouble() / 2);
        }
    }
}
