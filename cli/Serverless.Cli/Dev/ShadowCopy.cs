namespace Serverless.Cli.Dev;

/// <summary>A copy of what a build made. The app runs from it, so that the next build can write its files.</summary>
internal sealed class ShadowCopy : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("serverless-dev-");

    public ShadowCopy(string target)
    {
        Copy(new DirectoryInfo(Path.GetDirectoryName(target)!), _folder.FullName);
        Target = Path.Combine(_folder.FullName, Path.GetFileName(target));
    }

    /// <summary>The copied program.</summary>
    public string Target { get; }

    public void Dispose()
    {
        try
        {
            _folder.Delete(recursive: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // A temporary folder that something still reads is left to the system's own cleaning.
        }
    }

    private static void Copy(DirectoryInfo from, string to)
    {
        Directory.CreateDirectory(to);
        foreach (var file in from.EnumerateFiles())
        {
            file.CopyTo(Path.Combine(to, file.Name));
        }

        foreach (var folder in from.EnumerateDirectories())
        {
            Copy(folder, Path.Combine(to, folder.Name));
        }
    }
}
