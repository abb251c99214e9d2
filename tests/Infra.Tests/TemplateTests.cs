using System.Text.Json;
using Serverless.Testbed;

namespace Serverless.Infra.Tests;

[TestClass]
public sealed class TemplateTests
{
    public TestContext TestContext { get; set; } = null!;

    [TestMethod]
    public async Task Build_MainTemplate_HasNoWarning()
    {
        var (template, complaints, exitCode) = await BicepCompiler.RunAsync("build", Infra("main.bicep"), TestContext.CancellationToken);

        Assert.AreEqual("", complaints);
        Assert.AreEqual(0, exitCode);
        using var json = JsonDocument.Parse(template);
        Assert.Contains("Microsoft.Web/sites", template);
        Assert.IsTrue(json.RootElement.GetProperty("outputs").TryGetProperty("appName", out _), "the README reads the output appName");
    }

    [TestMethod]
    public async Task BuildParams_Parameters_FitTheTemplate()
    {
        var (_, complaints, exitCode) = await BicepCompiler.RunAsync("build-params", Infra("main.bicepparam"), TestContext.CancellationToken);

        Assert.AreEqual("", complaints);
        Assert.AreEqual(0, exitCode);
    }

    [TestMethod]
    public async Task Build_Template_CarriesNoKeyAndOpensNothing()
    {
        var (template, _, _) = await BicepCompiler.RunAsync("build", Infra("main.bicep"), TestContext.CancellationToken);

        Assert.DoesNotContain("listKeys", template, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("\"allowSharedKeyAccess\": false", template);
        Assert.Contains("\"allowBlobPublicAccess\": false", template);
        Assert.Contains("\"minimumTlsVersion\": \"TLS1_2\"", template);
    }

    [TestMethod]
    public async Task Build_MisspeltProperty_IsFound()
    {
        var text = await File.ReadAllTextAsync(Infra("storage.bicep"), TestContext.CancellationToken);
        Assert.Contains("allowSharedKeyAccess", text);

        var (complaints, _) = await BuildAsync(text.Replace("allowSharedKeyAccess", "allowSharedKeyAcces", StringComparison.Ordinal));

        Assert.Contains("BCP089", complaints);
    }

    [TestMethod]
    public async Task Build_UnknownName_Fails()
    {
        var (complaints, exitCode) = await BuildAsync("output x string = nowhere.name\n");

        Assert.Contains("BCP057", complaints);
        Assert.AreNotEqual(0, exitCode);
    }

    private static string Infra(string file) => RepositoryRoot.PathOf("infra", file);

    private async Task<(string Complaints, int ExitCode)> BuildAsync(string text)
    {
        var folder = Directory.CreateTempSubdirectory("bicep-");
        try
        {
            var file = Path.Combine(folder.FullName, "broken.bicep");
            await File.WriteAllTextAsync(file, text, TestContext.CancellationToken);
            var (_, complaints, exitCode) = await BicepCompiler.RunAsync("build", file, TestContext.CancellationToken);
            return (complaints, exitCode);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
