using System.Security.Cryptography;
using System.Text;
using App.Tests.Running;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace App.Tests.Access;

/// <summary>Tokens of an OpenID Connect provider, whose keys are fetched from it.</summary>
[TestClass]
public sealed class AuthorityTests
{
    private static readonly RSA _rsa = RSA.Create(2048);
    private static WebApplication _provider = null!;
    private static MemoryApp _app = null!;

    private static string Issuer => _provider.Urls.Single();

    [ClassInitialize]
    public static async Task StartAsync(TestContext _)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Configuration["urls"] = "http://127.0.0.1:0";
        builder.Logging.ClearProviders();
        _provider = builder.Build();
        var key = JsonWebKeyConverter.ConvertFromRSASecurityKey(new RsaSecurityKey(_rsa.ExportParameters(includePrivateParameters: false)) { KeyId = "k1" });
        _provider.MapGet("/.well-known/openid-configuration", static () => Results.Json(new { issuer = Issuer, jwks_uri = $"{Issuer}/keys" }));
        _provider.MapGet("/keys", () => Results.Json(new { keys = new[] { new { kty = key.Kty, kid = key.Kid, n = key.N, e = key.E, use = "sig" } } }));
        await _provider.StartAsync();
        _app = await MemoryApp.StartAsync([("Serverless:Jwt:Authority", Issuer), ("Serverless:Jwt:Audience", "workflows"), ("Serverless:Jwt:RoleClaim", "workflow-role")]);
    }

    [ClassCleanup]
    public static async Task StopAsync()
    {
        await _app.DisposeAsync();
        await _provider.DisposeAsync();
    }

    [TestMethod]
    public async Task Token_SignedByTheProvider_HasItsRole()
    {
        var token = Sign(new RsaSecurityKey(_rsa) { KeyId = "k1" }, SecurityAlgorithms.RsaSha256);

        Assert.AreEqual(200, (await CallAsync("GET", "/api/workflows", token)).Status);
        Assert.AreEqual("forbidden", (await CallAsync("POST", "/api/workflows", token)).Code);
    }

    [TestMethod]
    public async Task Token_SignedByAnother_Is401()
    {
        using var another = RSA.Create(2048);

        Assert.AreEqual(401, (await CallAsync("GET", "/api/workflows", Sign(new RsaSecurityKey(another) { KeyId = "k1" }, SecurityAlgorithms.RsaSha256))).Status);
    }

    /// <summary>The public key is known to all: it must not do as a secret.</summary>
    [TestMethod]
    public async Task Token_SignedWithThePublicKeyAsSecret_Is401()
    {
        foreach (var secret in new[] { _rsa.ExportSubjectPublicKeyInfo(), Encoding.UTF8.GetBytes(_rsa.ExportSubjectPublicKeyInfoPem()), _rsa.ExportRSAPublicKey() })
        {
            Assert.AreEqual(401, (await CallAsync("GET", "/api/workflows", Sign(new SymmetricSecurityKey(secret) { KeyId = "k1" }, SecurityAlgorithms.HmacSha256))).Status);
        }
    }

    [TestMethod]
    public async Task Provider_ThatIsGone_Is401AndNoMore()
    {
        await using var app = await MemoryApp.StartAsync([("Serverless:Jwt:Authority", "http://127.0.0.1:1"), ("Serverless:Jwt:Audience", "workflows")]);

        var answer = await app.SendAsync("GET", "/api/workflows", [("Authorization", $"Bearer {Sign(new RsaSecurityKey(_rsa) { KeyId = "k1" }, SecurityAlgorithms.RsaSha256)}")]);

        Assert.AreEqual("unauthorized", answer.Code);
    }

    private static Task<MemoryAnswer> CallAsync(string method, string path, string token) => _app.SendAsync(method, path, [("Authorization", $"Bearer {token}")]);

    private static string Sign(SecurityKey key, string algorithm) => new JsonWebTokenHandler().CreateToken(new SecurityTokenDescriptor
    {
        Audience = "workflows",
        Issuer = Issuer,
        Claims = new Dictionary<string, object> { ["sub"] = "ada", ["workflow-role"] = "reader", ["roles"] = "admin" },
        Expires = DateTime.UtcNow.AddHours(1),
        SigningCredentials = new SigningCredentials(key, algorithm),
    });
}
