namespace Serverless.Testbed;

/// <summary>Finds files of the repository from wherever the tests were built to.</summary>
internal static class RepositoryRoot
{
    /// <summary>Path of something in the repository.</summary>
    /// <exception cref="DirectoryNotFoundException">The tests run outside of a checkout.</exception>
    public static string PathOf(params IEnumerable<string> parts)
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Serverless.sln")))
            {
                return Path.Combine([folder.FullName, .. parts]);
            }
        }

        throw new DirectoryNotFoundException($"No folder above {AppContext.BaseDirectory} holds Serverless.sln. Run the tests inside a checkout.");
    }
}
