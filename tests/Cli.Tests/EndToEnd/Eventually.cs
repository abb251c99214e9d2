using System.Diagnostics;

namespace Cli.Tests.EndToEnd;

/// <summary>Asks again until it is so: what an application does by itself has no other sign for its callers.</summary>
internal static class Eventually
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(60);

    public static async Task TrueAsync(Func<Task<bool>> condition, string what)
    {
        var started = Stopwatch.GetTimestamp();
        while (!await condition())
        {
            Assert.IsLessThan(_patience, Stopwatch.GetElapsedTime(started), $"{what}: not within {_patience}.");
        }
    }
}
