namespace Serverless.Client;

/// <summary>What a batch does to each workflow.</summary>
public sealed class BatchAction
{
    internal const string SignalName = "signal";
    internal const string CancelName = "cancel";
    internal const string TerminateName = "terminate";
    internal const string DeleteName = "delete";

    private BatchAction(string name) => Name = name;

    /// <summary>Asks each to cancel.</summary>
    public static BatchAction Cancel { get; } = new(CancelName);

    /// <summary>Ends each at once, without running its code.</summary>
    public static BatchAction Terminate { get; } = new(TerminateName);

    /// <summary>Deletes each closed one, with all runs of its workflow id.</summary>
    public static BatchAction Delete { get; } = new(DeleteName);

    /// <summary>Its name, as in the HTTP API.</summary>
    public string Name { get; }

    internal string? SignalTo { get; private init; }

    internal IReadOnlyCollection<object?> Args { get; private init; } = [];

    /// <summary>Sends each a signal.</summary>
    /// <param name="signal">Name of the signal.</param>
    /// <param name="args">Its arguments; at most 16 KiB once converted.</param>
    public static BatchAction Signal(string signal, IReadOnlyCollection<object?> args)
    {
        ArgumentException.ThrowIfNullOrEmpty(signal);
        ArgumentNullException.ThrowIfNull(args);
        return new(SignalName) { SignalTo = signal, Args = args };
    }
}
