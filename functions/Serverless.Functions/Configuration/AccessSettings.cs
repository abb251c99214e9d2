using System.Text;
using Microsoft.Extensions.Configuration;
using Serverless.Functions.Access;

namespace Serverless.Functions.Configuration;

/// <summary>Reads and checks who may use the HTTP API: keys, bearer tokens, pages of other sites.</summary>
internal static class AccessSettings
{
    private const int MinKeyLength = 16;
    private const int MinSecretBytes = 32;

    public static void Read(IConfiguration configuration, ServerlessWorkflowsOptions options)
    {
        options.ApiKey = configuration[SettingKeys.ApiKey] ?? options.ApiKey;
        foreach (var entry in configuration.GetSection(SettingKeys.ApiKeys).GetChildren())
        {
            RefuseUnknown(entry, "Key", "Role", "Name");
            var role = Enum.GetValues<ApiRole>().Select(static r => (ApiRole?)r).FirstOrDefault(r => r.ToString()!.Equals(entry["Role"], StringComparison.OrdinalIgnoreCase));
            Require(role is not null, $"{entry.Path}:Role", $"'{entry["Role"]}' is no role. Write reader, operator or admin.");
            Require(entry["Key"] is not null, $"{entry.Path}:Key", "the key is missing.");
            options.ApiKeys.Add(role!.Value, entry["Key"]!, entry["Name"]);
        }

        var jwt = configuration.GetSection(SettingKeys.Jwt);
        if (jwt.GetChildren().Any())
        {
            RefuseUnknown(jwt, nameof(JwtSettings.Authority), nameof(JwtSettings.SigningKey), nameof(JwtSettings.Audience), nameof(JwtSettings.Issuer), nameof(JwtSettings.RoleClaim));
            options.Jwt ??= new JwtSettings();
            options.Jwt.Authority = jwt[nameof(JwtSettings.Authority)] ?? options.Jwt.Authority;
            options.Jwt.SigningKey = jwt[nameof(JwtSettings.SigningKey)] ?? options.Jwt.SigningKey;
            options.Jwt.Audience = jwt[nameof(JwtSettings.Audience)] ?? options.Jwt.Audience;
            options.Jwt.Issuer = jwt[nameof(JwtSettings.Issuer)] ?? options.Jwt.Issuer;
            options.Jwt.RoleClaim = jwt[nameof(JwtSettings.RoleClaim)] ?? options.Jwt.RoleClaim;
        }

        foreach (var origin in (configuration[SettingKeys.AllowedOrigins] ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            options.AllowedOrigins.Add(origin);
        }
    }

    /// <exception cref="ServerlessConfigurationException">A value is impossible, or not safe.</exception>
    public static void Check(ServerlessWorkflowsOptions options)
    {
        Require(options.ApiKey is null || options.ApiKey.Length >= MinKeyLength, SettingKeys.ApiKey,
            $"the key is too short to be safe. Use at least {MinKeyLength} characters, for example the output of 'openssl rand -hex 24'.");
        var keys = KeyRing.EntriesOf(options).ToList();
        Require(keys.All(static k => k.Key.Length >= MinKeyLength), SettingKeys.ApiKeys,
            $"a key is too short to be safe. Use at least {MinKeyLength} characters, for example the output of 'openssl rand -hex 24'.");
        Require(keys.DistinctBy(static k => k.Key, StringComparer.Ordinal).Count() == keys.Count, SettingKeys.ApiKeys, "two entries have the same key. Give each its own.");
        CheckTokens(options.Jwt);
        foreach (var origin in options.AllowedOrigins)
        {
            Require(Uri.TryCreate(origin, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https" && origin == uri.GetLeftPart(UriPartial.Authority), SettingKeys.AllowedOrigins,
                $"'{origin}' is no origin. Write it like https://ops.example.org, in lower case and without a path.");
        }
    }

    private static void CheckTokens(JwtSettings? jwt)
    {
        if (jwt is null)
        {
            return;
        }

        Require((jwt.Authority is null) != (jwt.SigningKey is null), SettingKeys.Jwt, "say who signs the tokens: either Authority or SigningKey.");
        Require(!string.IsNullOrWhiteSpace(jwt.Audience), $"{SettingKeys.Jwt}:Audience", "it is missing. Tokens that are made out for another application must not be taken.");
        Require(!string.IsNullOrWhiteSpace(jwt.RoleClaim), $"{SettingKeys.Jwt}:RoleClaim", "it is empty. Leave the key out for 'roles'.");
        if (jwt.SigningKey is { } secret)
        {
            Require(Encoding.UTF8.GetByteCount(secret) >= MinSecretBytes, $"{SettingKeys.Jwt}:SigningKey",
                $"the secret is too short to be safe. Use at least {MinSecretBytes} bytes, for example the output of 'openssl rand -hex 32'.");
            Require(!string.IsNullOrWhiteSpace(jwt.Issuer), $"{SettingKeys.Jwt}:Issuer", "it is missing. With a signing key, say who issues the tokens.");
        }
        else
        {
            Require(Uri.TryCreate(jwt.Authority, UriKind.Absolute, out var address) && (address.Scheme == "https" || (address.Scheme == "http" && address.IsLoopback)),
                $"{SettingKeys.Jwt}:Authority", $"'{jwt.Authority}' is not an https address.");
        }
    }

    private static void RefuseUnknown(IConfigurationSection section, params string[] known)
    {
        foreach (var child in section.GetChildren())
        {
            Require(known.Contains(child.Key, StringComparer.OrdinalIgnoreCase) && child.Value is not null, child.Path, $"there is no such setting. Known are: {string.Join(", ", known)}.");
        }
    }

    private static void Require(bool condition, string key, string message)
    {
        if (!condition)
        {
            throw new ServerlessConfigurationException(key, message);
        }
    }
}
