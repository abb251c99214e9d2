using System.CommandLine;
using Serverless.Cli.Dev;

namespace Serverless.Cli.Commands;

/// <summary><c>dev</c>: an app with its UI while it is being written.</summary>
internal static class DevVerb
{
    private const int DefaultPort = 7071;

    public static Command Create(Verbs verbs)
    {
        var project = new Option<string>("--project", "-p") { Description = "The app's project or its folder. Default: this folder.", HelpName = "path", DefaultValueFactory = static _ => "." };
        var port = new Option<int>("--port") { Description = "Where it listens on this machine.", HelpName = "number", DefaultValueFactory = static _ => DefaultPort };
        var configuration = new Option<string>("--configuration", "-c") { Description = "What is built.", HelpName = "Debug|Release", DefaultValueFactory = static _ => "Debug" };
        var watch = new Option<bool>("--watch-sources") { Description = "Builds when a source in the project's folder changes; without it, run 'dotnet build' yourself." };
        var args = new Argument<string[]>("args") { Description = "Arguments of the app, after --.", Arity = ArgumentArity.ZeroOrMore };
        return verbs.Verb("dev", "Build an app, run it with its UI, and run it anew after each build. Ctrl+C ends both.", [args, project, port, configuration, watch], async session =>
        {
            var settings = new DevSettings(
                AppProject.Find(session.Value(project)!), session.Value(configuration)!, session.Value(port), session.Value(watch), session.Value(args) ?? []);
            await new DevLoop(settings, session.Around).RunAsync(session.Cancellation);
            return ExitCode.Ok;
        });
    }
}
