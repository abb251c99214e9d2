namespace Serverless.Common;

/// <summary>Which builds may run a workflow that has started.</summary>
public enum VersioningBehavior
{
    /// <summary>Not said: the process's default, or <see cref="AutoUpgrade"/>.</summary>
    Unspecified = 0,

    /// <summary>Only the build that ran its first task. Means nothing where builds are not named.</summary>
    Pinned = 1,

    /// <summary>Whichever build takes its next task.</summary>
    AutoUpgrade = 2,
}
