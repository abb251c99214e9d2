using System.Text.Json.Nodes;
using System.Xml.Linq;

namespace Serverless.Cli.Dev;

/// <summary>The project of an app: where it is, how it is built, and what the build makes.</summary>
internal sealed class AppProject
{
    private AppProject(string file) => File = file;

    public string File { get; }

    public string Folder => Path.GetDirectoryName(File)!;

    /// <summary>Finds the one project of a folder that makes a program.</summary>
    /// <exception cref="CliException">There is none, or more than one.</exception>
    public static AppProject Find(string path)
    {
        var full = Path.GetFullPath(path);
        if (System.IO.File.Exists(full))
        {
            return new AppProject(full);
        }

        if (!Directory.Exists(full))
        {
            throw new CliException(ExitCode.NotFound, $"There is no project '{path}'.");
        }

        var projects = Directory.GetFiles(full, "*.csproj").Where(MakesProgram).ToList();
        return projects.Count switch
        {
            1 => new AppProject(projects[0]),
            0 => throw new CliException(ExitCode.NotFound, $"The folder '{full}' has no project of an app. Name one with --project."),
            _ => throw new CliException(ExitCode.Usage, $"The folder '{full}' has several projects of apps: {string.Join(", ", projects.Select(Path.GetFileName))}. Name one with --project."),
        };
    }

    /// <summary>Builds it; what a failed build says goes to standard error.</summary>
    public async Task<bool> BuildAsync(Surroundings around, string configuration, CancellationToken cancellationToken)
    {
        var (code, text) = await ChildProcess.CaptureAsync(
            "dotnet", ["build", File, "-c", configuration, "-nologo", "-v", "quiet", "-clp:NoSummary"], Folder, cancellationToken);
        if (code != 0)
        {
            await around.Error.WriteLineAsync(text.Trim());
        }

        return code == 0;
    }

    /// <summary>The program that the build makes.</summary>
    /// <exception cref="CliException">The project can't be read.</exception>
    public async Task<string> TargetAsync(string configuration, CancellationToken cancellationToken)
    {
        var (code, text) = await ChildProcess.CaptureAsync(
            "dotnet", ["msbuild", File, "-nologo", $"-p:Configuration={configuration}", "-getProperty:TargetPath", "-getProperty:OutputType"], Folder, cancellationToken);
        var properties = code == 0 ? JsonNode.Parse(text)?["Properties"] : throw new CliException(ExitCode.Failed, $"The project can't be read:\n{text.Trim()}");
        return (string?)properties?["OutputType"] is "Exe" or "WinExe" && (string?)properties["TargetPath"] is { Length: > 0 } target
            ? target
            : throw new CliException(ExitCode.Usage, $"The project '{File}' makes no program. Name the project of the app with --project.");
    }

    private static bool MakesProgram(string file)
    {
        var project = XDocument.Load(file).Root;
        return (string?)project?.Attribute("Sdk") == "Microsoft.NET.Sdk.Web" || project?.Descendants("OutputType").Any(static type => type.Value == "Exe") == true;
    }
}
