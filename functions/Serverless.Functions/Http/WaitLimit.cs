using Microsoft.AspNetCore.Http;

namespace Serverless.Functions.Http;

/// <summary>How many requests of this process may wait for something at once: each that waits looks at storage every other second.</summary>
/// <param name="most">At least 1.</param>
internal sealed class WaitLimit(int most = WaitLimit.Default)
{
    public const int Default = 1_000;

    private int _waiting;

    /// <summary>Counts the request until it is answered.</summary>
    /// <exception cref="ApiException">As many wait as may.</exception>
    public void Enter(HttpContext http)
    {
        if (Interlocked.Increment(ref _waiting) > most)
        {
            Interlocked.Decrement(ref _waiting);
            throw new ApiException(429, ProblemCodes.TooManyWaits, $"{most} requests wait in this process, and no more may. Ask again later, or without ?wait=.");
        }

        http.Response.RegisterForDispose(new Place(this));
    }

    private sealed class Place(WaitLimit limit) : IDisposable
    {
        public void Dispose() => Interlocked.Decrement(ref limit._waiting);
    }
}
