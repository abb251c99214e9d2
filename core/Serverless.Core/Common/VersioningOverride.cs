namespace Serverless.Common;

/// <summary>Overrides, for one workflow, which builds may run it.</summary>
public abstract record VersioningOverride
{
    private VersioningOverride()
    {
    }

    /// <summary>How a pin holds.</summary>
    public enum PinnedOverrideBehavior
    {
        /// <summary>Same as <see cref="Pinned"/>.</summary>
        Unspecified = 0,

        /// <summary>The workflow stays on the version.</summary>
        Pinned = 1,
    }

    /// <summary>Stay on one version.</summary>
    /// <param name="Version">The version.</param>
    /// <param name="Behavior">How the pin holds.</param>
    public sealed record Pinned(
        WorkerDeploymentVersion Version, PinnedOverrideBehavior Behavior = PinnedOverrideBehavior.Pinned) : VersioningOverride;

    /// <summary>Always run on the current version.</summary>
    public sealed record AutoUpgrade : VersioningOverride;
}
