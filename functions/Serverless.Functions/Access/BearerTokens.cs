using System.Security.Claims;
using System.Text;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.AspNetCore.Http;
using Microsoft.IdentityModel.Tokens;

namespace Serverless.Functions.Access;

/// <summary>Bearer tokens: which are taken, and which role each gives.</summary>
internal static class BearerTokens
{
    public const string SchemeName = "ServerlessBearer";

    private const string Prefix = "Bearer ";

    /// <summary>Clocks of issuers may be off by this much.</summary>
    private static readonly TimeSpan _skew = TimeSpan.FromMinutes(1);

    /// <summary>What is signed by a secret and what is signed by a key pair never stand in for each other.</summary>
    private static readonly string[] _bySecret = [SecurityAlgorithms.HmacSha256, SecurityAlgorithms.HmacSha384, SecurityAlgorithms.HmacSha512];

    private static readonly string[] _byKeyPair =
    [
        SecurityAlgorithms.RsaSha256, SecurityAlgorithms.RsaSha384, SecurityAlgorithms.RsaSha512,
        SecurityAlgorithms.RsaSsaPssSha256, SecurityAlgorithms.RsaSsaPssSha384, SecurityAlgorithms.RsaSsaPssSha512,
        SecurityAlgorithms.EcdsaSha256, SecurityAlgorithms.EcdsaSha384, SecurityAlgorithms.EcdsaSha512,
    ];

    public static bool IsSent(HttpRequest request) => request.Headers.Authorization.ToString().StartsWith(Prefix, StringComparison.OrdinalIgnoreCase);

    public static void Configure(JwtBearerOptions bearer, JwtSettings settings)
    {
        bearer.MapInboundClaims = false;
        bearer.SaveToken = false;
        bearer.Authority = settings.Authority;
        bearer.RequireHttpsMetadata = settings.Authority is { } authority && !new Uri(authority).IsLoopback;
        bearer.TokenValidationParameters = new TokenValidationParameters
        {
            ValidAudience = settings.Audience,
            ValidIssuer = settings.Issuer,
            IssuerSigningKey = settings.SigningKey is { } secret ? new SymmetricSecurityKey(Encoding.UTF8.GetBytes(secret)) : null,
            ValidAlgorithms = settings.SigningKey is null ? _byKeyPair : _bySecret,
            ClockSkew = _skew,
        };
        bearer.Events = new JwtBearerEvents
        {
            OnTokenValidated = context =>
            {
                context.Principal = Caller.Create(context.Principal!.FindFirst("sub")?.Value, RoleOf(context.Principal, settings.RoleClaim));
                return Task.CompletedTask;
            },
        };
    }

    private static ApiRole? RoleOf(ClaimsPrincipal token, string claim) =>
        Enum.GetValues<ApiRole>().Reverse().Select(static role => (ApiRole?)role)
            .FirstOrDefault(role => token.FindAll(claim).Any(c => c.Value.Equals(role.ToString(), StringComparison.OrdinalIgnoreCase)));
}
