using System.Diagnostics;

namespace Core.Tests.Tidy;

/// <summary>The repository that these tests were built from.</summary>
internal static class SourceTree
{
    public static string Root { get; } = Find(AppContext.BaseDirectory);

    /// <summary>What git tracks or would track, as paths from the root with forward slashes.</summary>
    public static IReadOnlyList<string> Files { get; } = List();

    /// <summary>All C# sources but generated ones.</summary>
    public static IReadOnlyList<SourceFile> Sources { get; } =
        [.. Files.Where(f => f.EndsWith(".cs", StringComparison.Ordinal)).Select(Read).Where(s => !s.IsGenerated)];

    public static SourceFile Read(string path) => new(path, File.ReadAllText(Path.Combine(Root, path)));

    public static bool Exists(string path) => Path.Exists(Path.Combine(Root, path));

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

    private static IReadOnlyList<string> List()
    {
        try
        {
            using var git = Process.Start(new ProcessStartInfo("git", ["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
            {
                WorkingDirectory = Root,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            })!;
            var listed = git.StandardOutput.ReadToEnd();
            git.WaitForExit();
            if (git.ExitCode == 0)
            {
                return [.. listed.Split('\0', StringSplitOptions.RemoveEmptyEntries).Where(Exists)];
            }
        }
        catch (System.ComponentModel.Win32Exception)
        {
            // No git on this machine: the folders say the same, a little less exactly.
        }

        string[] foreign = ["bin", "obj", ".git", ".vs", ".data", "node_modules", "artifacts", "TestResults"];
        return
        [
            .. Directory.EnumerateFiles(Root, "*", SearchOption.AllDirectories)
                .Select(f => Path.GetRelativePath(Root, f).Replace('\\', '/'))
                .Where(f => !f.Split('/').Any(foreign.Contains)),
        ];
    }
}
