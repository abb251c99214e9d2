using Serverless.Converters;
using Serverless.Operations;
using Serverless.Workflows;

namespace Serverless.Client;

/// <summary>What a batch does to each workflow.</summary>
public sealed class BatchAction
{
    internal const string SignalName = "signal";
    internal const string CancelName = "cancel";
    internal const string TerminateName = "terminate";
    internal const string DeleteName = "delete";
    internal const string UpsertName = "upsertSearchAttributes";
    internal const string ResumeName = "resume";
    internal const string ResetName = "reset";

    internal static readonly IReadOnlyList<string> Names = [SignalName, CancelName, TerminateName, DeleteName, UpsertName, ResumeName, ResetName];

    private string? _signal;
    private IReadOnlyCollection<object?> _args = [];
    private IReadOnlyCollection<SearchAttributeUpdate> _updates = [];
    private BatchReset? _reset;

    private BatchAction(string name) => Name = name;

    /// <summary>Asks each to cancel.</summary>
    public static BatchAction Cancel { get; } = new(CancelName);

    /// <summary>Ends each at once, without running its code.</summary>
    public static BatchAction Terminate { get; } = new(TerminateName);

    /// <summary>Deletes each closed one, with all runs of its workflow id.</summary>
    public static BatchAction Delete { get; } = new(DeleteName);

    /// <summary>Lets the code of each blocked one try again now, as after a deployment that mends it. What is not blocked is left as it is.</summary>
    public static BatchAction Resume { get; } = new(ResumeName);

    /// <summary>Its name, as in the HTTP API.</summary>
    public string Name { get; }

    /// <summary>Sends each a signal.</summary>
    /// <param name="signal">Name of the signal.</param>
    /// <param name="args">Its arguments; at most 16 KiB once converted.</param>
    public static BatchAction Signal(string signal, IReadOnlyCollection<object?> args)
    {
        ArgumentException.ThrowIfNullOrEmpty(signal);
        ArgumentNullException.ThrowIfNull(args);
        return new(SignalName) { _signal = signal, _args = args };
    }

    /// <summary>Sets and removes search attributes of each open one.</summary>
    /// <param name="updates">The changes; at least one, and at most 16 KiB of them.</param>
    public static BatchAction UpsertSearchAttributes(params SearchAttributeUpdate[] updates)
    {
        ArgumentNullException.ThrowIfNull(updates);
        return new(UpsertName) { _updates = updates };
    }

    /// <summary>
    /// Lets each go on from a point of its history in a new run, as <see cref="WorkflowHandle.ResetAsync"/> does. Of several runs of one workflow id that match, each one is
    /// reset: name a state in the query.
    /// </summary>
    /// <param name="point">Up to where the history is kept.</param>
    /// <param name="reapply">Which messages that arrived after the point are applied again.</param>
    /// <param name="children">What becomes of children that had not closed at the point.</param>
    public static BatchAction Reset(
        WorkflowResetPoint point, WorkflowResetReapply reapply = WorkflowResetReapply.All, WorkflowResetChildren children = WorkflowResetChildren.Keep)
    {
        ArgumentNullException.ThrowIfNull(point);
        return new(ResetName) { _reset = BatchReset.Of(new ResetRequest(point) { Reapply = reapply, Children = children }) };
    }

    internal BatchOperation ToOperation(IPayloadConverter converter) => new()
    {
        Action = Name,
        Signal = _signal,
        Args = [.. _args.Select(arg => PayloadTexts.Write(converter.ToPayload(arg)))],
        SearchAttributes = _updates.ToDictionary(static u => u.UntypedKey.Name, static u => u.ToPayload() is { } value ? PayloadTexts.Write(value) : null),
        Reset = _reset,
    };
}
