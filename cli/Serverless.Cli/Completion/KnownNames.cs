using System.CommandLine.Completions;
using System.Text.Json.Nodes;
using Serverless.Cli.Api;
using Serverless.Cli.Commands;

namespace Serverless.Cli.Completion;

/// <summary>Workflow ids and types as the shell completes them. Asks an application only, and no longer than a person waits at a key; says nothing when it does not answer.</summary>
internal sealed class KnownNames(Verbs verbs)
{
    private const int MaxNames = 50;

    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(1);

    public IEnumerable<CompletionItem> WorkflowIds(CompletionContext context)
    {
        var prefix = context.WordToComplete;
        var path = ApiPath.Of("workflows").With("pageSize", $"{MaxNames}")
            .With("query", prefix.Length == 0 ? null : $"WorkflowId STARTS_WITH '{prefix.Replace("'", "''", StringComparison.Ordinal)}'");
        return Ask(context, path, answer => Texts(answer["workflows"], static item => (string?)item?["id"]));
    }

    public IEnumerable<CompletionItem> WorkflowTypes(CompletionContext context) =>
        Ask(context, ApiPath.Of("health"), static answer => Texts(answer["workflowTypes"], static item => (string?)item));

    private static IEnumerable<string> Texts(JsonNode? list, Func<JsonNode?, string?> text) => (list as JsonArray ?? []).Select(text).OfType<string>();

    private List<CompletionItem> Ask(CompletionContext context, ApiPath path, Func<JsonObject, IEnumerable<string>> names)
    {
        try
        {
            return [.. AskAsync(context, path, names).GetAwaiter().GetResult().Select(static name => new CompletionItem(name))];
        }
        catch (Exception e) when (e is CliException or OperationCanceledException or InvalidOperationException)
        {
            return [];
        }
    }

    private async Task<List<string>> AskAsync(CompletionContext context, ApiPath path, Func<JsonObject, IEnumerable<string>> names)
    {
        var target = verbs.Globals.Target(context.ParseResult);
        if (target.Storage is not null)
        {
            return [];
        }

        using var patience = new CancellationTokenSource(_patience, verbs.Around.Time);
        await using var connection = await ApiConnection.OpenAsync(target, mayCreate: false, verbs.Around.Handler, patience.Token);
        var answer = await connection.Client.GetAsync(path, patience.Token);
        return [.. names(answer).Where(name => name.StartsWith(context.WordToComplete, StringComparison.Ordinal))];
    }
}
