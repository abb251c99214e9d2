namespace Serverless.Functions;

/// <summary>
/// Which bearer tokens (JSON Web Tokens) the HTTP API takes in the header <c>Authorization</c>. They must name an expiry, be signed, and say the caller's role:
/// <c>reader</c>, <c>operator</c> or <c>admin</c>. Either <see cref="Authority"/> or <see cref="SigningKey"/> says who signs them.
/// </summary>
public sealed class JwtSettings
{
    /// <summary>
    /// Address of the OpenID Connect provider that signs the tokens, such as <c>https://login.microsoftonline.com/{tenant}/v2.0</c>; its keys are read from there.
    /// Must be <c>https</c>, except on this machine. Default: none.
    /// </summary>
    public string? Authority { get; set; }

    /// <summary>The secret with which tokens are signed (HS256, HS384, HS512). At least 32 bytes as UTF-8. Default: none.</summary>
    public string? SigningKey { get; set; }

    /// <summary>For whom a token must be made out. Always needed: a token for another application must not open this one.</summary>
    public string? Audience { get; set; }

    /// <summary>Who must have issued a token. Needed with <see cref="SigningKey"/>. Default with <see cref="Authority"/>: what the provider says of itself.</summary>
    public string? Issuer { get; set; }

    /// <summary>The claim that holds the role, or a list of roles of which the highest counts. Default <c>roles</c>.</summary>
    public string RoleClaim { get; set; } = "roles";
}
