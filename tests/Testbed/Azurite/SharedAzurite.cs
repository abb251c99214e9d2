namespace Serverless.Testbed.Azurite;

/// <summary>One emulator for all tests of a test run; started by the first that asks, ended with the process. Give each test a hub of its own.</summary>
internal static class SharedAzurite
{
    private static readonly Lazy<Task<AzuriteProcess>> _running = new(() => AzuriteProcess.StartAsync());
    private static int _hubs;

    public static async Task<string> ConnectionStringAsync() => (await _running.Value).ConnectionString;

    /// <summary>A hub name that no other test of this run has.</summary>
    public static string NewHub() => $"hub{Interlocked.Increment(ref _hubs)}";
}
