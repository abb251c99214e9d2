using App.Tests.Running;
using Cli.Tests.Running;
using Serverless.Cli;
using Serverless.Testbed;

namespace Cli.Tests.Packing;

[TestClass]
public sealed class ToolPackageTests
{
    [TestMethod]
    public async Task ThePackage_InstallsFromAFolderAndRuns()
    {
        using var folder = new TempFolder();
        var version = $"0.1.0-test.{Guid.NewGuid():N}";
        string[] pack = ["pack", RepositoryRoot.PathOf("cli", "Serverless.Cli"), "--no-build", "-c", AppBuild.Configuration, "-o", folder.Path, $"-p:PackageVersion={version}", "-v", "quiet", "-nologo"];
        (await CliProcess.RunAsync("dotnet", pack, input: null)).Expect(ExitCode.Ok);

        var tools = Path.Combine(folder.Path, "tools");
        string[] install = ["tool", "install", "Serverless.Cli", "--version", version, "--add-source", folder.Path, "--tool-path", tools];
        (await CliProcess.RunAsync("dotnet", install, input: null, ("NUGET_PACKAGES", Path.Combine(folder.Path, "packages")))).Expect(ExitCode.Ok);

        var tool = Path.Combine(tools, "serverless");
        var shown = await CliProcess.RunAsync(tool, ["--version"], input: null);
        Assert.StartsWith("0.1.0", shown.Expect(ExitCode.Ok).Out);
        var help = await CliProcess.RunAsync(tool, ["--help"], input: null);
        Assert.Contains("serverless [command] [options]", help.Expect(ExitCode.Ok).Out);

        // The package holds the native library of the embedded store too.
        var imported = await CliProcess.RunAsync(tool, ["workflow", "list", "--storage", Path.Combine(folder.Path, ".data")], input: null);
        imported.Expect(ExitCode.NotFound);
    }
}
