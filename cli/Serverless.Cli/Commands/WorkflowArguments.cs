using System.CommandLine;

namespace Serverless.Cli.Commands;

/// <summary>Which workflow and which of its runs: what nearly all verbs of workflows ask for.</summary>
internal sealed class WorkflowArguments(Verbs verbs)
{
    public Argument<string> Id()
    {
        var id = new Argument<string>("id") { Description = "The workflow id." };
        id.CompletionSources.Add(new Completion.KnownNames(verbs).WorkflowIds);
        return id;
    }

    public Argument<string> Type()
    {
        var type = new Argument<string>("type") { Description = "The workflow type." };
        type.CompletionSources.Add(new Completion.KnownNames(verbs).WorkflowTypes);
        return type;
    }

    public static Option<string?> Run() => new("--run") { Description = "This run instead of the current one.", HelpName = "run id" };
}
