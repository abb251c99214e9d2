using System.Globalization;
using System.Reflection;
using Microsoft.Extensions.DependencyInjection;
using Serverless.Activities;
using Serverless.Functions;
using Serverless.Testbed;
using Serverless.Workflows;

namespace Serverless.Tests.Docs;

/// <summary>Compiles a page's code, runs its examples and compares what they print.</summary>
internal static class PageCheck
{
    /// <summary>The page that says what examples take for granted.</summary>
    public const string Index = "docs/README.md";

    /// <summary>Everything wrong with the page's code; each with the page and line.</summary>
    public static async Task<IReadOnlyList<string>> RunAsync(MarkdownPage page, string globalUsings, TimeSpan limit)
    {
        var problems = new List<string>();
        if (PageCompiler.Compile(page, globalUsings, problems) is { } code && code.Runs.Any())
        {
            await RunExamplesAsync(code, limit, problems);
        }

        return problems;
    }

    public static MarkdownPage Read(string path) => new(path, File.ReadAllText(RepositoryRoot.PathOf(path)));

    /// <summary>The global usings that a page of the repository takes for granted: those of the index, which has its own.</summary>
    public static string GlobalUsingsOf(string path) => path == Index
        ? ""
        : Read(Index).Blocks.Single(static b => b.Kind == BlockKind.Code && b.Text.StartsWith("global using", StringComparison.Ordinal)).Text;

    private static async Task RunExamplesAsync(CompiledPage code, TimeSpan limit, List<string> problems)
    {
        var options = new ServerlessWorkflowsOptions();
        var services = new ServiceCollection();
        foreach (var block in code.Hosts)
        {
            await code.RunAsync(block, options, services);
        }

        if (!code.Hosts.Any())
        {
            Register(code.Types, options);
        }

        await using var host = new PageHost(options, services);
        code.SetPass(host.PassAsync);
        CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
        foreach (var block in code.Runs)
        {
            var problem = await RunAsync(code, block, host, limit);
            if (problem is not null)
            {
                problems.Add($"{code.Page.Path}({block.Line}): {problem}");
                return;
            }
        }
    }

    private static void Register(IReadOnlyList<Type> types, ServerlessWorkflowsOptions options)
    {
        foreach (var type in types)
        {
            if (type.GetCustomAttribute<WorkflowAttribute>() is not null && WorkflowDefinition.Create(type) is { Instantiable: true } workflow)
            {
                options.AddWorkflow(workflow);
            }

            const BindingFlags Methods = BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static;
            if (!type.IsAbstract || type.IsSealed)
            {
                if (type.GetMethods(Methods).Any(static m => m.IsDefined(typeof(ActivityAttribute), inherit: false)))
                {
                    options.AddActivities(type);
                }
            }
        }
    }

    private static async Task<string?> RunAsync(CompiledPage code, CodeBlock block, PageHost host, TimeSpan limit)
    {
        using var output = new StringWriter();
        code.SetOut(output);
        var running = code.RunAsync(block, host.Client);
        await Task.WhenAny(running, Task.Delay(limit));
        if (!running.IsCompleted)
        {
            return $"the example did not end. It printed:\n{output}{await WhyAsync(host)}";
        }

        if (running.Exception?.InnerException is { } e)
        {
            return $"the example threw {e}\nIt printed:\n{output}{await WhyAsync(host)}";
        }

        var printed = output.ToString().ReplaceLineEndings("\n").TrimEnd();
        return code.Page.TextAfter(block) is { } expected && expected.TrimEnd() != printed ? $"the example printed:\n{printed}\nThe page says:\n{expected}" : null;
    }

    private static async Task<string> WhyAsync(PageHost host)
    {
        var lines = new List<string>();
        foreach (var id in host.Started)
        {
            var description = await host.Client.GetWorkflowHandle(id).DescribeAsync();
            lines.Add($"'{id}' is {description.Status}; blocked: {description.BlockedReason ?? "no"}");
        }

        return $"{string.Join('\n', lines)}\nHandler failure: {host.HandlerFailure?.ToString() ?? "none"}";
    }
}
