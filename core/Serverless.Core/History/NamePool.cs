using System.Text;

namespace Serverless.History;

/// <summary>
/// Gives repeated names (activity types, task queues, identities) the same string. A small table that forgets on collision and is shared by
/// all threads without a lock: a slot holds a whole string or none, and a lost write costs one allocation later.
/// </summary>
internal static class NamePool
{
    private const int LongestName = 100;
    private static readonly string?[] Slots = new string?[2048];

    public static string Get(ReadOnlySpan<byte> utf8)
    {
        if (utf8.Length is 0 or > LongestName)
        {
            return Encoding.UTF8.GetString(utf8);
        }

        ref var slot = ref Slots[Hash(utf8) & (uint)(Slots.Length - 1)];
        var known = slot;
        if (known is not null && Ascii.Equals(utf8, known))
        {
            return known;
        }

        return slot = Encoding.UTF8.GetString(utf8);
    }

    private static uint Hash(ReadOnlySpan<byte> bytes)
    {
        var hash = 2166136261u;
        foreach (var b in bytes)
        {
            hash = (hash ^ b) * 16777619u;
        }

        return hash;
    }
}
