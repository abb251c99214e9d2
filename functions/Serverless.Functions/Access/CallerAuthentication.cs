using System.Net;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.Tokens;
using Serverless.Functions.Configuration;
using Serverless.Functions.Http;

namespace Serverless.Functions.Access;

/// <summary>
/// Says who calls. Under the Functions host: whoever it lets through is an administrator. With keys: who sends one has its role. With neither keys nor tokens:
/// programs on this machine are administrators, and nobody else is anybody. Bearer tokens are handed on to <see cref="BearerTokens"/>; refusals are written here.
/// </summary>
internal sealed class CallerAuthentication(
    IOptionsMonitor<CallerAuthentication.Settings> settings, ILoggerFactory loggers, UrlEncoder encoder, HostMode mode, KeyRing keys, ServerlessWorkflowsOptions options)
    : AuthenticationHandler<CallerAuthentication.Settings>(settings, loggers, encoder)
{
    public const string SchemeName = "Serverless";
    public const string KeyHeader = "x-functions-key";

    /// <summary>A request with one of these came through a proxy, whose neighbour on this machine the caller is not.</summary>
    private static readonly string[] _proxyHeaders = ["Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Real-IP", "Via"];

    private bool TrustsHost => mode.IsCustomHandler && !Options.TakesTokens;

    private bool TrustsMachine => !mode.IsCustomHandler && keys.IsEmpty && !Options.TakesTokens;

    /// <summary>True when the connection begins on this machine. In memory there is no peer.</summary>
    public static bool IsLocalPeer(HttpContext http) => http.Connection.RemoteIpAddress is not { } peer || IPAddress.IsLoopback(peer);

    /// <summary>True when this machine was called by a name that is always its own. A page that rebinds its site's name to this machine sends that name.</summary>
    public static bool IsLocalName(HttpContext http)
    {
        var host = http.Request.Host.Host;
        return host.Equals("localhost", StringComparison.OrdinalIgnoreCase) || (IPAddress.TryParse(host.Trim('[', ']'), out var ip) && IPAddress.IsLoopback(ip));
    }

    protected override Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        if (TrustsHost)
        {
            return Task.FromResult(IsLocalPeer(Context) ? Known("functions-host", ApiRole.Admin) : AuthenticateResult.NoResult());
        }

        if (TrustsMachine)
        {
            var isLocal = IsLocalPeer(Context) && IsLocalName(Context) && !_proxyHeaders.Any(Request.Headers.ContainsKey);
            return Task.FromResult(isLocal ? Known("local", ApiRole.Admin) : AuthenticateResult.NoResult());
        }

        var key = mode.IsCustomHandler ? null : keys.Find(Request.Headers[KeyHeader].ToString());
        return Task.FromResult(key is null ? AuthenticateResult.NoResult() : Known(key.Name, key.Role));
    }

    protected override async Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        if (await RefuseForeignAsync())
        {
            return;
        }

        if (TrustsHost || TrustsMachine)
        {
            await RefuseAsync(403, ProblemCodes.CrossOrigin, TrustsHost
                ? "Only the Functions host on this machine may call."
                : $"Without API keys and tokens only programs on this machine may call, directly. Set {SettingKeys.ApiKeys}, {SettingKeys.ApiKey} or {SettingKeys.Jwt} to let others in.");
            return;
        }

        string?[] ways =
        [
            keys.IsEmpty || mode.IsCustomHandler ? null : $"an API key in the header {KeyHeader}",
            Options.TakesTokens ? "a bearer token in the header Authorization" : null,
        ];
        Response.Headers.WWWAuthenticate = Options.TakesTokens ? "Bearer" : "ApiKey";
        await RefuseAsync(401, ProblemCodes.Unauthorized, $"{await TokenProblemAsync()}Send {string.Join(" or ", ways.Where(static way => way is not null))}.");
    }

    protected override async Task HandleForbiddenAsync(AuthenticationProperties properties)
    {
        if (!await RefuseForeignAsync())
        {
            await RefuseAsync(403, ProblemCodes.Forbidden, AccessRules.Refusal(Context));
        }
    }

    private static AuthenticateResult Known(string? name, ApiRole role) => AuthenticateResult.Success(new AuthenticationTicket(Caller.Create(name, role), SchemeName));

    /// <summary>Why a token was not taken, without a word of what it says.</summary>
    private async Task<string> TokenProblemAsync() => !BearerTokens.IsSent(Request) || !Options.TakesTokens
        ? ""
        : (await Context.AuthenticateAsync(BearerTokens.SchemeName)).Failure switch
        {
            SecurityTokenExpiredException => "The bearer token has expired. ",
            SecurityTokenInvalidAudienceException => "The bearer token is made out for another audience. ",
            SecurityTokenInvalidIssuerException => "The bearer token is of another issuer. ",
            _ => "The bearer token is not valid. ",
        };

    private async Task<bool> RefuseForeignAsync()
    {
        var isForeign = BrowserBorder.IsForeign(Request, options);
        if (isForeign)
        {
            await RefuseAsync(403, ProblemCodes.CrossOrigin, $"Pages of other sites may not call. Add their origin to {SettingKeys.AllowedOrigins} to let them.");
        }

        return isForeign;
    }

    private Task RefuseAsync(int status, string code, string detail) => ProblemFilter.Result(status, code, detail).ExecuteAsync(Context);

    internal sealed class Settings : AuthenticationSchemeOptions
    {
        public bool TakesTokens { get; set; }
    }
}
