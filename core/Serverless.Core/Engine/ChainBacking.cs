namespace Serverless.Engine;

/// <summary>
/// The messages whose work a chain does, and whether one stands behind what it is about to commit: one with its token that brings the work back if this process dies. It is enough that there is one
/// when the commit is sent: whoever gets it later replaces the head before it is deleted, so that the commit either fails or is found. See ARCHITECTURE.md, "Who takes over fences".
/// </summary>
internal sealed class ChainBacking(MessageBackup backup, string token)
{
    private readonly List<Delivery> _messages = [];
    private readonly SortedSet<string> _returned = new(StringComparer.Ordinal);
    private readonly HashSet<string> _own = new(StringComparer.Ordinal);
    private bool _isOvertaken;

    /// <summary>The chain's token: its commits are marked with it.</summary>
    public string Token => token;

    /// <summary>True when a message is going to be deleted once the chain is done.</summary>
    public bool HasMessage => _messages.Exists(static d => d.HasMessage);

    /// <summary>Tokens of messages that came back: who had them before may still be about to commit.</summary>
    public IReadOnlyCollection<string> Returned => _returned;

    /// <summary>True when the chain has taken over the work behind this token.</summary>
    public bool Owns(string other) => other == token || _own.Contains(other);

    public void TakeOver(IEnumerable<string> tokens) => _own.UnionWith(tokens);

    public void Add(Delivery delivery)
    {
        if (delivery.Fences)
        {
            _returned.Add(delivery.Token);
        }

        if (delivery.Token == token)
        {
            _messages.Add(delivery);
        }
    }

    /// <summary>The chain replaced the head: who had the messages before learns it. Or somebody else did: he may have had its message, whatever the lease said.</summary>
    public void Replaced(bool isOurs)
    {
        _isOvertaken |= !isOurs;
        if (isOurs)
        {
            _returned.Clear();
        }
    }

    /// <summary>True when nobody else can have had the chain's message since it came here.</summary>
    public bool IsSure => !_isOvertaken && _messages.Exists(static d => d.IsHeld);

    /// <summary>Sends a message if it is not sure that there is one.</summary>
    public Task EnsureAsync() => IsSure ? Task.CompletedTask : backup.BeginAsync();
}
