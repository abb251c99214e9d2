using System.Net;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using Serverless.Functions.Configuration;

namespace Serverless.Functions.Http;

/// <summary>
/// Who may use the HTTP API. Under the Functions host: whoever it lets through. Self-hosted with a key: whoever sends the key.
/// Self-hosted without one: programs on this machine, but no web page of another site that a browser on this machine has open.
/// </summary>
internal sealed class ApiAccess(HostMode mode, ServerlessWorkflowsOptions options) : IEndpointFilter
{
    public const string KeyHeader = "x-functions-key";

    private readonly byte[]? _key = options.ApiKey is { } key ? SHA256.HashData(Encoding.UTF8.GetBytes(key)) : null;

    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var http = context.HttpContext;
        if (mode.IsCustomHandler || (_key is not null && HasKey(http)))
        {
            return await next(context);
        }

        if (_key is not null)
        {
            return ProblemFilter.Result(401, ProblemCodes.Unauthorized, $"Send the API key (setting {SettingKeys.ApiKey}) in the header {KeyHeader}.");
        }

        return IsLocal(http)
            ? await next(context)
            : ProblemFilter.Result(403, ProblemCodes.CrossOrigin, $"Without an API key only programs on this machine may call. Set {SettingKeys.ApiKey} to let others in.");
    }

    /// <summary>True also when no key is asked for.</summary>
    public bool HasKey(HttpContext http) => mode.IsCustomHandler || _key is null
        || CryptographicOperations.FixedTimeEquals(SHA256.HashData(Encoding.UTF8.GetBytes(http.Request.Headers[KeyHeader].ToString())), _key);

    /// <summary>A page of another site is refused by its origin, one that rebinds its name to this machine by that name.</summary>
    private static bool IsLocal(HttpContext http)
    {
        var isLocalPeer = http.Connection.RemoteIpAddress is not { } peer || IPAddress.IsLoopback(peer);
        var origin = http.Request.Headers.Origin.ToString();
        var isSameOrigin = origin.Length == 0 || origin == $"{http.Request.Scheme}://{http.Request.Host}";
        return isLocalPeer && isSameOrigin && IsLocalName(http.Request.Host.Host);
    }

    private static bool IsLocalName(string host) => host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(host.Trim('[', ']'), out var ip) && IPAddress.IsLoopback(ip));
}
