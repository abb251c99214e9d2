using System.Net.Http.Headers;
using Serverless.Functions.Access;

namespace Serverless.Cli.Api;

/// <summary>What the command line and the environment say about where the API is.</summary>
/// <param name="Address">Address of an application; null when a store was named.</param>
/// <param name="ApiKey">Key of that application; null when it asks for none, or for a token.</param>
/// <param name="Token">Bearer token for that application; null when it asks for none, or for a key.</param>
/// <param name="Storage">A store to open in this process; null when an address was named.</param>
/// <param name="Hub">The hub in that store.</param>
internal sealed record ApiTarget(Uri? Address, string? ApiKey, string? Token, string? Storage, string Hub);

/// <summary>An open way to the API of a hub; closing it ends what it started.</summary>
internal sealed class ApiConnection : IAsyncDisposable
{
    private readonly HttpClient _http;
    private readonly DirectHost? _host;

    private ApiConnection(HttpClient http, string where, DirectHost? host)
    {
        (_http, _host) = (http, host);
        _http.Timeout = Timeout.InfiniteTimeSpan;
        Client = new ApiClient(http, where);
    }

    public ApiClient Client { get; }

    /// <param name="target">Where the API is.</param>
    /// <param name="mayCreate">True when a hub that does not exist may come to be.</param>
    /// <param name="handler">Answers in place of the network; null for the network.</param>
    /// <param name="cancellationToken">Gives up opening.</param>
    /// <exception cref="CliException">There is no such store.</exception>
    public static async Task<ApiConnection> OpenAsync(ApiTarget target, bool mayCreate, HttpMessageHandler? handler, CancellationToken cancellationToken)
    {
        if (target.Storage is { } storage)
        {
            var host = await DirectHost.StartAsync(storage, target.Hub, mayCreate, cancellationToken);
            return new ApiConnection(host.CreateClient(), $"hub '{target.Hub}' in storage", host);
        }

        // A redirect would carry the key to wherever it leads.
        var http = handler is null ? new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false }) : new HttpClient(handler, disposeHandler: false);
        http.BaseAddress = target.Address;
        http.DefaultRequestHeaders.Authorization = target.Token is { } token ? new AuthenticationHeaderValue("Bearer", token) : null;
        if (target.ApiKey is { } key)
        {
            http.DefaultRequestHeaders.Add(CallerAuthentication.KeyHeader, key);
        }

        return new ApiConnection(http, target.Address!.GetLeftPart(UriPartial.Path), host: null);
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        if (_host is not null)
        {
            await _host.DisposeAsync();
        }
    }
}
