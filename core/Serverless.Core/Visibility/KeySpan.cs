namespace Serverless.Visibility;

/// <summary>A range of values as keys write them, after the prefix of their index.</summary>
/// <param name="From">First text, inclusive.</param>
/// <param name="To">Last text, exclusive.</param>
internal readonly record struct KeySpan(string From, string To)
{
    public static KeySpan All { get; } = new("", KeyText.AfterAll);

    /// <summary>True when it holds one value: then its keys are in order of their suffixes, the newest start first.</summary>
    public bool IsPoint => From.Length > 0 && From[^1] == KeyText.End && To.Length == From.Length && To[^1] == KeyText.AfterEnd && From.AsSpan(0, From.Length - 1).SequenceEqual(To.AsSpan(0, To.Length - 1));

    /// <summary>The keys of one value.</summary>
    public static KeySpan Point(string value) => new(value + KeyText.End, value + KeyText.AfterEnd);

    /// <summary>The keys of values that begin so.</summary>
    public static KeySpan Beginning(string text) => new(text, text + KeyText.AfterAll);

    /// <summary>True when the keys of a value lie in it.</summary>
    public bool Contains(string value) =>
        string.CompareOrdinal(From, value + KeyText.End) <= 0 && string.CompareOrdinal(value + KeyText.End, To) < 0;

    /// <summary>Overlapping and touching spans as one; in order.</summary>
    public static IReadOnlyList<KeySpan> Union(IEnumerable<KeySpan> spans)
    {
        var united = new List<KeySpan>();
        foreach (var span in spans.OrderBy(static s => s.From, StringComparer.Ordinal))
        {
            if (united.Count > 0 && string.CompareOrdinal(span.From, united[^1].To) < 0)
            {
                united[^1] = united[^1] with { To = Max(united[^1].To, span.To) };
            }
            else if (string.CompareOrdinal(span.From, span.To) < 0)
            {
                united.Add(span);
            }
        }

        return united;
    }

    public static IReadOnlyList<KeySpan> Intersection(IReadOnlyList<KeySpan> first, IReadOnlyList<KeySpan> second) =>
        Union(first.SelectMany(f => second.Select(s => new KeySpan(Max(f.From, s.From), string.CompareOrdinal(f.To, s.To) < 0 ? f.To : s.To))));

    private static string Max(string x, string y) => string.CompareOrdinal(x, y) > 0 ? x : y;
}

/// <summary>A range of keys of a list's partition.</summary>
/// <param name="From">First key, inclusive.</param>
/// <param name="To">Last key, exclusive.</param>
internal readonly record struct KeyRange(string From, string To)
{
    public override string ToString() => $"{From} .. {To}";
}
