namespace Serverless.Storage.Memory;

/// <summary>
/// Decides how long pages are. The services may end a page anywhere and may answer with none of what there is; so that callers expect it, this does so often.
/// Used under its owner's lock.
/// </summary>
internal sealed class HostilePages(Random random, bool hostile)
{
    private bool _lastWasEmpty;

    /// <summary>The length of the next page: 0..<paramref name="limit"/>, never 0 twice in a row.</summary>
    public int Next(int limit)
    {
        if (!hostile)
        {
            return limit;
        }

        var length = random.Next(8) switch
        {
            0 when !_lastWasEmpty => 0,
            1 => Math.Max(1, limit / 2),
            2 => Math.Min(limit, 3),
            _ => limit,
        };
        _lastWasEmpty = length == 0;
        return length;
    }

    /// <summary>How many of the visible messages one request brings: 1..<paramref name="limit"/>.</summary>
    public int NextReceive(int limit) => hostile && random.Next(4) == 0 ? random.Next(1, limit + 1) : limit;
}
