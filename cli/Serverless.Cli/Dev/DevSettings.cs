namespace Serverless.Cli.Dev;

/// <summary>What is run for development, and how.</summary>
/// <param name="Project">The app.</param>
/// <param name="Configuration">Debug or Release.</param>
/// <param name="Port">Where it listens, on this machine only.</param>
/// <param name="WatchSources">True: built when its sources change. False: whoever changes them builds.</param>
/// <param name="Args">Arguments of the app.</param>
internal sealed record DevSettings(AppProject Project, string Configuration, int Port, bool WatchSources, IReadOnlyList<string> Args)
{
    public string Address => FormattableString.Invariant($"http://127.0.0.1:{Port}");
}
