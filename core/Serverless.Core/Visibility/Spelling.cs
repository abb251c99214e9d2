namespace Serverless.Visibility;

/// <summary>How near two spellings are. Pure.</summary>
internal static class Spelling
{
    /// <summary>Letters that must be added, removed or replaced to get from one word to the other; null when they are more than the limit.</summary>
    public static int? Changes(string from, string to, int limit)
    {
        if (Math.Abs(from.Length - to.Length) > limit)
        {
            return null;
        }

        var row = Enumerable.Range(0, to.Length + 1).ToArray();
        for (var i = 1; i <= from.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= to.Length; j++)
            {
                var replaced = diagonal + (from[i - 1] == to[j - 1] ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(replaced, 1 + Math.Min(row[j], row[j - 1]));
            }
        }

        return row[^1] <= limit ? row[^1] : null;
    }
}
