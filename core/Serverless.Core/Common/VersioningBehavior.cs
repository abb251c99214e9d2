namespace Serverless.Common;

/// <summary>Which builds may run a workflow that has started.</summary>
public enum VersioningBehavior
{
    /// <summary>Not said: the worker's default.</summary>
    Unspecified = 0,

    /// <summary>Only the build it started on.</summary>
    Pinned = 1,

    /// <summary>Always the current build.</summary>
    AutoUpgrade = 2,
}
