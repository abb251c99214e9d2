using System.Globalization;
using System.Reflection;
using System.Runtime.Loader;
using System.Text;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Serverless.Tests.Docs;

/// <summary>
/// Compiles the C# blocks of a page into one assembly, as a web project would: implicit usings, nullable, no warning allowed. Types of one block are known to all.
/// Statements become the body of a method of their own.
/// </summary>
internal static class PageCompiler
{
    private static readonly CSharpParseOptions Parse = new(LanguageVersion.Latest);

    private static readonly CSharpCompilationOptions Options = new(
        OutputKind.DynamicallyLinkedLibrary, optimizationLevel: OptimizationLevel.Release, nullableContextOptions: NullableContextOptions.Enable);

    private static readonly MetadataReference[] References =
    [
        .. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator).Select(static path => MetadataReference.CreateFromFile(path)),
    ];

    /// <summary>The usings of a web project, and what examples have beside them: a console that is read and a clock that is moved.</summary>
    private const string Surroundings =
        """
        #nullable enable
        global using System;
        global using System.Collections.Generic;
        global using System.IO;
        global using System.Linq;
        global using System.Net.Http;
        global using System.Net.Http.Json;
        global using System.Threading;
        global using System.Threading.Tasks;
        global using Microsoft.AspNetCore.Builder;
        global using Microsoft.AspNetCore.Hosting;
        global using Microsoft.AspNetCore.Http;
        global using Microsoft.AspNetCore.Routing;
        global using Microsoft.Extensions.Configuration;
        global using Microsoft.Extensions.DependencyInjection;
        global using Microsoft.Extensions.Hosting;
        global using Microsoft.Extensions.Logging;

        internal static class Console
        {
            private static TextWriter s_out = TextWriter.Null;

            public static void SetOut(TextWriter writer) => s_out = TextWriter.Synchronized(writer);

            public static void WriteLine(object? value = null) => s_out.WriteLine(value);
        }

        internal static class Clock
        {
            private static Func<TimeSpan, Task> s_pass = _ => Task.CompletedTask;

            public static void SetPass(Func<TimeSpan, Task> pass) => s_pass = pass;

            public static Task PassAsync(TimeSpan time) => s_pass(time);
        }
        """;

    /// <param name="page">The page.</param>
    /// <param name="globalUsings">Global usings that the page takes for granted.</param>
    /// <param name="problems">Gets what the compiler says, with the page's lines.</param>
    /// <returns>The page's code; null when there were problems or there is no code.</returns>
    public static CompiledPage? Compile(MarkdownPage page, string globalUsings, List<string> problems)
    {
        problems.AddRange(page.Blocks.Where(static b => b.Kind == BlockKind.Unknown)
            .Select(b => $"{page.Path}({b.Line}): a C# block is marked 'csharp', 'csharp host' or 'csharp run'"));
        var code = page.Blocks.Where(static b => b.Kind is BlockKind.Code or BlockKind.Host or BlockKind.Run).ToList();
        if (code.Count == 0)
        {
            return null;
        }

        SyntaxTree[] trees =
        [
            CSharpSyntaxTree.ParseText(Surroundings, Parse, encoding: Encoding.UTF8),
            CSharpSyntaxTree.ParseText(globalUsings, Parse, encoding: Encoding.UTF8),
            .. code.Select(b => CSharpSyntaxTree.ParseText(Source(page.Path, b), Parse, encoding: Encoding.UTF8)),
        ];
        var compilation = CSharpCompilation.Create(page.Path.Replace('/', '.'), trees, References, Options);
        using var image = new MemoryStream();
        var result = compilation.Emit(image);
        var found = result.Diagnostics.Where(static d => d.Severity >= DiagnosticSeverity.Warning).Select(static d => Describe(d)).ToList();
        problems.AddRange(found);
        if (found.Count > 0)
        {
            return null;
        }

        image.Position = 0;
        var assembly = new AssemblyLoadContext(page.Path).LoadFromStream(image);
        return new CompiledPage(assembly, page);
    }

    /// <summary>Name of the class that a block's statements become a method of.</summary>
    public static string ClassOf(CodeBlock block) => string.Create(CultureInfo.InvariantCulture, $"Block{block.Line}");

    private static string Source(string path, CodeBlock block)
    {
        var root = CSharpSyntaxTree.ParseText(block.Text, Parse).GetCompilationUnitRoot();
        var statements = root.Members.OfType<GlobalStatementSyntax>().ToList();
        var text = new StringBuilder("#nullable enable\n");
        void Add(SyntaxNode node)
        {
            var line = block.Line + node.SyntaxTree.GetLineSpan(node.FullSpan).StartLinePosition.Line;
            text.Append(CultureInfo.InvariantCulture, $"#line {line} \"{path}\"\n").Append(node.ToFullString().TrimEnd('\n')).Append("\n#line default\n");
        }

        root.Usings.ToList().ForEach(Add);
        if (statements.Count > 0 || block.Kind != BlockKind.Code)
        {
            text.Append(CultureInfo.InvariantCulture, $"public static class {ClassOf(block)} {{\npublic static async Task RunAsync({Parameters(block.Kind)}) {{\n");
            text.Append("await Task.CompletedTask;\n");
            statements.ForEach(Add);
            text.Append("} }\n");
        }

        root.Members.Where(static m => m is not GlobalStatementSyntax).ToList().ForEach(Add);
        return text.ToString();
    }

    private static string Parameters(BlockKind kind) => kind switch
    {
        BlockKind.Host => "Serverless.Functions.ServerlessWorkflowsOptions options, IServiceCollection services",
        BlockKind.Run => "Serverless.Client.IWorkflowClient client",
        _ => "string[] args, Serverless.Client.IWorkflowClient client",
    };

    private static string Describe(Diagnostic diagnostic)
    {
        var place = diagnostic.Location.GetMappedLineSpan();
        var message = diagnostic.GetMessage(CultureInfo.InvariantCulture);
        return string.Create(CultureInfo.InvariantCulture, $"{place.Path}({place.StartLinePosition.Line + 1}): {diagnostic.Id}: {message}");
    }
}

/// <summary>The code of a page.</summary>
internal sealed class CompiledPage(Assembly assembly, MarkdownPage page)
{
    public MarkdownPage Page => page;

    public IEnumerable<CodeBlock> Runs => page.Blocks.Where(static b => b.Kind == BlockKind.Run);

    public IEnumerable<CodeBlock> Hosts => page.Blocks.Where(static b => b.Kind == BlockKind.Host);

    public IReadOnlyList<Type> Types => assembly.GetTypes();

    /// <summary>Where the page's console writes.</summary>
    public void SetOut(TextWriter writer) => Call("Console", "SetOut", [writer]);

    /// <summary>What the page's clock does.</summary>
    public void SetPass(Func<TimeSpan, Task> pass) => Call("Clock", "SetPass", [pass]);

    /// <summary>Runs the statements of a block.</summary>
    public Task RunAsync(CodeBlock block, params object[] args) => (Task)Call(PageCompiler.ClassOf(block), "RunAsync", args)!;

    private object? Call(string type, string method, object[] args) => assembly.GetType(type)!.GetMethod(method)!.Invoke(null, args);
}
