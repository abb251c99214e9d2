using System.Globalization;
using System.Net;
using Microsoft.Extensions.Configuration;

namespace Serverless.Functions.Configuration;

/// <summary>How this process is reached: by the Functions host on a given loopback port, or by anybody on its own addresses.</summary>
internal sealed record HostMode(bool IsCustomHandler, IReadOnlyList<string> Addresses)
{
    public const string DefaultAddress = "http://127.0.0.1:7071";

    /// <summary>True when every address is a loopback address.</summary>
    public bool IsLoopbackOnly => Addresses.All(IsLoopback);

    public static HostMode Read(IConfiguration configuration, ServerlessWorkflowsOptions options)
    {
        var handlerPort = configuration[SettingKeys.HandlerPort];
        if (handlerPort is not null)
        {
            var isPort = int.TryParse(handlerPort, NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port is > 0 and <= 65535;
            return isPort
                ? new HostMode(true, [$"http://127.0.0.1:{port}"])
                : throw new ServerlessConfigurationException(SettingKeys.HandlerPort, $"'{handlerPort}' is not a port. Only the Functions host sets this key; remove it to host yourself.");
        }

        var mode = new HostMode(false, ConfiguredAddresses(configuration));
        if (!mode.IsLoopbackOnly && options is { ApiKey: null, ApiKeys.All: [], Jwt: null })
        {
            throw new ServerlessConfigurationException(SettingKeys.ApiKey,
                $"the process is to listen on {string.Join(", ", mode.Addresses)}, where others can reach it, and neither API keys nor bearer tokens are set up. "
                + $"Set {SettingKeys.ApiKey} to a secret of at least 16 characters, {SettingKeys.ApiKeys} or {SettingKeys.Jwt}, or listen on {DefaultAddress}.");
        }

        return mode;
    }

    private static List<string> ConfiguredAddresses(IConfiguration configuration)
    {
        List<string> addresses = [];
        addresses.AddRange(Split(configuration["urls"]));
        addresses.AddRange(Split(configuration["http_ports"]).Select(port => $"http://*:{port}"));
        addresses.AddRange(Split(configuration["https_ports"]).Select(port => $"https://*:{port}"));
        addresses.AddRange(configuration.GetSection("Kestrel:Endpoints").GetChildren().Select(endpoint => endpoint["Url"] ?? "http://*"));
        return addresses.Count > 0 ? addresses : [DefaultAddress];
    }

    private static string[] Split(string? list) => (list ?? "").Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    private static bool IsLoopback(string address)
    {
        var host = Uri.TryCreate(address, UriKind.Absolute, out var uri) ? uri.Host.Trim('[', ']') : "";
        return host.Equals("localhost", StringComparison.OrdinalIgnoreCase) || (IPAddress.TryParse(host, out var ip) && IPAddress.IsLoopback(ip));
    }
}
