namespace Serverless.Common;

/// <summary>Overrides, for one workflow, which builds may run it.</summary>
public abstract record VersioningOverride
{
    private VersioningOverride()
    {
    }

    /// <summary>The build that it pins to; null for none.</summary>
    internal string? PinnedBuildId => (this as Pinned)?.Version.BuildId;

    /// <summary>What it makes of the workflow's own behaviour.</summary>
    internal VersioningBehavior Overriding => this is Pinned ? VersioningBehavior.Pinned : VersioningBehavior.AutoUpgrade;

    /// <summary>How a pin holds.</summary>
    public enum PinnedOverrideBehavior
    {
        /// <summary>Same as <see cref="Pinned"/>.</summary>
        Unspecified = 0,

        /// <summary>The workflow stays on the version.</summary>
        Pinned = 1,
    }

    /// <summary>Stay on one version. So do the runs that follow it.</summary>
    /// <param name="Version">The version. Only its build counts.</param>
    /// <param name="Behavior">How the pin holds.</param>
    public sealed record Pinned(
        WorkerDeploymentVersion Version, PinnedOverrideBehavior Behavior = PinnedOverrideBehavior.Pinned) : VersioningOverride;

    /// <summary>Never stay on a version, whatever the workflow says.</summary>
    public sealed record AutoUpgrade : VersioningOverride;
}
