namespace Serverless.Visibility;

/// <summary>A run's row as it is stored.</summary>
/// <param name="Row">Null: there is none.</param>
/// <param name="Tag">Its tag.</param>
/// <param name="Keys">Its other keys.</param>
internal sealed record StoredRow(ListRow? Row, string Tag, IReadOnlyList<string> Keys)
{
    public static StoredRow None { get; } = new(null, "", []);
}

/// <summary>The rows that were written last, so that the next change of them needs no read. A stale entry costs a conflict and no more. Thread-safe.</summary>
internal sealed class ListMemory(int capacity)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, LinkedListNode<(string Suffix, StoredRow Row)>> _bySuffix = new(StringComparer.Ordinal);
    private readonly LinkedList<(string Suffix, StoredRow Row)> _byUse = [];

    public StoredRow? Find(string suffix)
    {
        lock (_lock)
        {
            return _bySuffix.TryGetValue(suffix, out var node) ? node.Value.Row : null;
        }
    }

    public void Remember(string suffix, StoredRow row)
    {
        lock (_lock)
        {
            ForgetLocked(suffix);
            _bySuffix[suffix] = _byUse.AddFirst((suffix, row));
            if (_bySuffix.Count > capacity)
            {
                ForgetLocked(_byUse.Last!.Value.Suffix);
            }
        }
    }

    public void Forget(string suffix)
    {
        lock (_lock)
        {
            ForgetLocked(suffix);
        }
    }

    private void ForgetLocked(string suffix)
    {
        if (_bySuffix.Remove(suffix, out var node))
        {
            _byUse.Remove(node);
        }
    }
}
