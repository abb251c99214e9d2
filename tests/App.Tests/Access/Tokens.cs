using System.Text;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace App.Tests.Access;

/// <summary>Bearer tokens as an issuer with a shared secret makes them.</summary>
internal static class Tokens
{
    public const string Secret = "a-secret-of-more-than-32-bytes-for-tests";

    public static (string Key, string Value)[] Settings =>
    [
        ("Serverless:Jwt:SigningKey", Secret), ("Serverless:Jwt:Issuer", "https://issuer.example"), ("Serverless:Jwt:Audience", "workflows"),
    ];

    public static string Create(
        object? roles, string audience = "workflows", string issuer = "https://issuer.example", string secret = Secret, TimeSpan? validFor = null, string algorithm = SecurityAlgorithms.HmacSha256)
    {
        var claims = new Dictionary<string, object> { ["sub"] = "ada" };
        if (roles is not null)
        {
            claims["roles"] = roles;
        }

        var now = DateTime.UtcNow;
        return new JsonWebTokenHandler().CreateToken(new SecurityTokenDescriptor
        {
            Audience = audience,
            Issuer = issuer,
            Claims = claims,
            NotBefore = now.AddHours(-2),
            Expires = now + (validFor ?? TimeSpan.FromHours(1)),
            SigningCredentials = new SigningCredentials(new SymmetricSecurityKey(Encoding.UTF8.GetBytes(secret)), algorithm),
        });
    }

    /// <summary>A token that nobody signed.</summary>
    public static string Unsigned(string roles)
    {
        var header = Base64UrlEncoder.Encode("""{"alg":"none","typ":"JWT"}""");
        var expires = DateTimeOffset.UtcNow.AddHours(1).ToUnixTimeSeconds();
        return $"{header}.{Base64UrlEncoder.Encode($$"""{"sub":"ada","roles":"{{roles}}","aud":"workflows","iss":"https://issuer.example","exp":{{expires}}}""")}.";
    }
}
