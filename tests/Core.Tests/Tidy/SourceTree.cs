namespace Core.Tests.Tidy;

/// <summary>The repository that these tests were built from.</summary>
internal static class SourceTree
{
    public static string Root { get; } = Find(AppContext.BaseDirectory);

    private static string Find(string folder)
    {
        for (var current = new DirectoryInfo(folder); current is not null; current = current.Parent)
        {
            if (File.Exists(Path.Combine(current.FullName, "Serverless.sln")))
            {
                return current.FullName;
            }
        }

        throw new DirectoryNotFoundException($"No folder above {folder} holds Serverless.sln: run the tests from the repository.");
    }
}
