using System.Xml.Linq;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Core.Tests.Tidy;

[TestClass]
public sealed class BannedSymbolsTests
{
    private const string Project = "core/Serverless.Core/Serverless.Core.csproj";

    [TestMethod]
    public void EveryLine_NamesASymbolThatExists()
    {
        var references = ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Where(a => Path.GetFileName(a).StartsWith("System.", StringComparison.Ordinal))
            .Select(a => MetadataReference.CreateFromFile(a));
        var framework = CSharpCompilation.Create("Framework", references: references);
        foreach (var line in SourceTree.Read("core/Serverless.Core/BannedSymbols.txt").Text.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            var id = line.Split(';')[0];
            Assert.IsNotNull(DocumentationCommentId.GetFirstSymbolForDeclarationId(id, framework), $"{id} bans nothing: there is no such symbol.");
        }
    }

    [TestMethod]
    public void Core_IsBuiltWithTheAnalyzer()
    {
        var project = XDocument.Parse(SourceTree.Read(Project).Text);
        Assert.IsTrue(project.Descendants("PackageReference").Any(r => (string?)r.Attribute("Include") == "Microsoft.CodeAnalysis.BannedApiAnalyzers"));
        Assert.IsTrue(project.Descendants("AdditionalFiles").Any(r => (string?)r.Attribute("Include") == "BannedSymbols.txt"));
    }
}
