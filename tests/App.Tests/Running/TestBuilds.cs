using Serverless.Testbed;

namespace App.Tests.Running;

/// <summary>Programs that only tests need.</summary>
internal static class TestBuilds
{
    /// <summary>Workflows that are flooded, that do harm, and their neighbours.</summary>
    public static string FloodApp { get; } = RepositoryRoot.PathOf("tests", "FloodApp", "bin", AppBuild.Configuration, "net10.0", "FloodApp");
}
