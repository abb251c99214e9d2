namespace Serverless.Common;

/// <summary>A build of a deployment.</summary>
/// <param name="DeploymentName">The deployment; without dots.</param>
/// <param name="BuildId">The build.</param>
public sealed record WorkerDeploymentVersion(string DeploymentName, string BuildId)
{
    /// <summary>Reads <c>deployment.build</c>.</summary>
    /// <param name="canonical">The text; the first dot divides it.</param>
    /// <exception cref="ArgumentException">There is no dot.</exception>
    public static WorkerDeploymentVersion FromCanonicalString(string canonical)
    {
        var dot = canonical.IndexOf('.', StringComparison.Ordinal);
        return dot < 0
            ? throw new ArgumentException($"'{canonical}' is not a version; write it as deployment.build.", nameof(canonical))
            : new(canonical[..dot], canonical[(dot + 1)..]);
    }

    /// <summary>Writes <c>deployment.build</c>.</summary>
    public string ToCanonicalString() => $"{DeploymentName}.{BuildId}";
}
