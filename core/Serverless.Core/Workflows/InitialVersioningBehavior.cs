namespace Serverless.Workflows;

/// <summary>Which build runs the first task of a run that continues another.</summary>
public enum InitialVersioningBehavior
{
    /// <summary>The build that the run before was pinned to; any build when it was not pinned.</summary>
    Unspecified = 0,

    /// <summary>Whichever build takes new workflows. From then on the workflow's own behaviour holds. A run that its start pinned stays pinned.</summary>
    AutoUpgrade = 1,

    /// <summary>Same as <see cref="AutoUpgrade"/>: there are no ramping builds here.</summary>
    UseRampingVersion = 2,
}
