using Serverless.History;

namespace Serverless.Engine;

/// <summary>
/// Whose work the run of a chain is. A run that is pinned to a build is run by processes of that build only; any other process that gets a message for it hands it to
/// that build's queue. A run that is not pinned is taken by whoever takes from the shared queue: what came by a build's queue goes back there.
/// See ARCHITECTURE.md, "Builds".
/// </summary>
internal sealed class BuildRoutes(EngineServices services)
{
    private bool _shared;
    private bool _acts;

    /// <summary>True when a process of another build handed on what led here.</summary>
    public bool OtherBuildSeen { get; private set; }

    public void Add(Delivery delivery)
    {
        _shared |= !delivery.ForPinned;
        _acts |= delivery.HasMessage;
        OtherBuildSeen |= delivery.HandedOver;
    }

    /// <summary>True when only another build may run the code.</summary>
    public bool IsElsewhere(WorkflowHead head) => head is { IsOpen: true, PinnedBuildId: { } build } && build != services.Options.BuildId;

    /// <summary>True when the run is nobody's, and nothing shows that this process takes what is nobody's.</summary>
    public bool GoesBack(WorkflowHead head) => head.PinnedBuildId is null && !_shared;

    /// <summary>The run left the build that the one before it was pinned to: any build takes it, this one only if it is given it anew.</summary>
    public void Leave() => _shared = false;

    /// <summary>
    /// Makes the run's own build, or any if it is nobody's, look at it. What only this process knows goes into the inbox first. Every step may repeat: a stale input
    /// means nothing, and a message more finds nothing to do.
    /// </summary>
    /// <param name="run">The run.</param>
    /// <param name="tokens">Of messages that a process died over, or may have: whoever gets them dispatches what it left.</param>
    /// <param name="local">Inputs that are in no inbox.</param>
    public async Task HandOverAsync(LiveRun run, IReadOnlyCollection<string> tokens, LocalInputs local)
    {
        var (build, current) = (run.Head.PinnedBuildId, run.Head.RunId);
        var inputs = local.All.Where(i => i.RunId is null || i.RunId == current).Select(static i => i.Event).ToList();
        await local.KeepAsync(inputs, current);
        if (build is not null && !_acts && inputs.Count == 0)
        {
            return;
        }

        var message = services.Nudges.About(run.WorkflowId, build) with { HandedOver = build is not null };
        foreach (var token in tokens.DefaultIfEmpty(message.Token))
        {
            await services.Nudges.SendAsync(message with { Token = token, IsRepeated = tokens.Count > 0 }, services.Shutdown);
        }
    }
}
