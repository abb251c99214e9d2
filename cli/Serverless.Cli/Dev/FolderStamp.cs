namespace Serverless.Cli.Dev;

/// <summary>
/// What the files of a folder look like from outside: two stamps differ when something was written between them. Looking is done anew each time, since notices of file
/// systems get lost on mounts and in containers.
/// </summary>
internal readonly record struct FolderStamp(int Files, long Bytes, DateTime LastWrite)
{
    private static readonly string[] _made = ["bin", "obj", ".git", ".data", "node_modules"];

    /// <summary>Programs and their settings as a build leaves them.</summary>
    public static FolderStamp OfBuild(string folder) =>
        Of(new DirectoryInfo(folder), static file => file.Extension is ".dll" or ".json", recursive: false);

    /// <summary>Sources and projects below a folder, but for what builds make.</summary>
    public static FolderStamp OfSources(string folder) =>
        Of(new DirectoryInfo(folder), static file => file.Extension is ".cs" or ".csproj" or ".props" or ".targets" or ".razor" or ".cshtml", recursive: true);

    private static FolderStamp Of(DirectoryInfo folder, Func<FileInfo, bool> counts, bool recursive)
    {
        if (!folder.Exists)
        {
            return default;
        }

        var (files, bytes, last) = (0, 0L, DateTime.MinValue);
        foreach (var file in folder.EnumerateFiles().Where(counts))
        {
            (files, bytes, last) = (files + 1, bytes + file.Length, file.LastWriteTimeUtc > last ? file.LastWriteTimeUtc : last);
        }

        foreach (var child in recursive ? folder.EnumerateDirectories().Where(static child => !_made.Contains(child.Name)) : [])
        {
            var inner = Of(child, counts, recursive);
            (files, bytes, last) = (files + inner.Files, bytes + inner.Bytes, inner.LastWrite > last ? inner.LastWrite : last);
        }

        return new FolderStamp(files, bytes, last);
    }
}
