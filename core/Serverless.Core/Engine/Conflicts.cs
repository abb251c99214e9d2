namespace Serverless.Engine;

/// <summary>
/// Counts the conflicts of a chain. One means that somebody else got ahead, which can't go on for ever: then something else is wrong, and the message must come back later.
/// </summary>
internal sealed class Conflicts(string workflowId)
{
    private const int Most = 100;
    private int _inARow;

    /// <summary>True: try again.</summary>
    /// <exception cref="InvalidOperationException">There were too many in a row.</exception>
    public bool Count(bool committed)
    {
        _inARow = committed ? 0 : _inARow + 1;
        return _inARow < Most
            ? true
            : throw new InvalidOperationException($"Commits of workflow '{workflowId}' conflicted {_inARow} times in a row: its rows contradict each other.");
    }
}
