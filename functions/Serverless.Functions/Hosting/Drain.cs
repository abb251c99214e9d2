using Microsoft.Extensions.Hosting;

namespace Serverless.Functions.Hosting;

/// <summary>The phases of a stop: nothing new is taken at once, waiting requests are let go soon, running work is given up shortly before the end.</summary>
internal sealed class Drain : IDisposable
{
    private static readonly TimeSpan _longestForRequests = TimeSpan.FromSeconds(3);

    private readonly CancellationTokenSource _requests = new();
    private readonly CancellationTokenSource _givenUp = new();

    public Drain(IHostApplicationLifetime lifetime, ServerlessWorkflowsOptions options)
    {
        var forWork = options.ShutdownTimeout * 0.8;
        var forRequests = forWork / 2 < _longestForRequests ? forWork / 2 : _longestForRequests;
        lifetime.ApplicationStopping.Register(() =>
        {
            _requests.CancelAfter(forRequests);
            _givenUp.CancelAfter(forWork);
        });
    }

    /// <summary>Cancelled when requests that wait for something should be answered.</summary>
    public CancellationToken Requests => _requests.Token;

    /// <summary>Cancelled when running work should be abandoned.</summary>
    public CancellationToken GivenUp => _givenUp.Token;

    public void Dispose()
    {
        _requests.Dispose();
        _givenUp.Dispose();
    }
}
