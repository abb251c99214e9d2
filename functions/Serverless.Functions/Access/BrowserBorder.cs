using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Cors.Infrastructure;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;
using Serverless.Functions.Http;
using Serverless.Functions.Triggers;

namespace Serverless.Functions.Access;

/// <summary>
/// What browsers are told and what they may not be used for, around everything that is mapped here, refusals included. Pages of other sites can't call, unless their
/// origin is allowed; the application's own endpoints are not touched.
/// </summary>
internal sealed class BrowserBorder(ServerlessWorkflowsOptions options) : IStartupFilter
{
    public const string CorsPolicyName = "Serverless";

    /// <summary>Answers are data: nothing in them is loaded, run or shown in a frame.</summary>
    private const string DataPolicy = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

    public static void AddPolicy(CorsOptions cors, ServerlessWorkflowsOptions options) => cors.AddPolicy(CorsPolicyName, policy => policy
        .WithOrigins([.. options.AllowedOrigins])
        .WithMethods(HttpMethods.Get, HttpMethods.Post, HttpMethods.Put, HttpMethods.Delete)
        .WithHeaders(CallerAuthentication.KeyHeader, HeaderNames.Authorization, HeaderNames.ContentType)
        .WithExposedHeaders(HeaderNames.Location));

    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
    {
        app.UseWhen(static http => IsOurs(http.Request.Path), ours =>
        {
            ours.Use(GuardAsync);
            if (options.AllowedOrigins.Count > 0)
            {
                ours.UseCors(CorsPolicyName);
            }
        });
        next(app);
    };

    private static bool IsOurs(PathString path) => path == "/" || IsPage(path) || IsCalled(path);

    private static bool IsPage(PathString path) => path.StartsWithSegments("/ui", StringComparison.OrdinalIgnoreCase);

    private static bool IsCalled(PathString path) =>
        path.StartsWithSegments("/api", StringComparison.OrdinalIgnoreCase) || TriggerEndpoints.Functions.Any(name => path.StartsWithSegments($"/{name}", StringComparison.OrdinalIgnoreCase));

    private static void Harden(IHeaderDictionary headers)
    {
        headers.ContentSecurityPolicy = DataPolicy;
        headers.XContentTypeOptions = "nosniff";
        headers.XFrameOptions = "DENY";
        headers.CacheControl = "no-store";
        headers["Referrer-Policy"] = "no-referrer";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
    }

    private Task GuardAsync(HttpContext http, RequestDelegate next)
    {
        Harden(http.Response.Headers);
        return IsCalled(http.Request.Path) && IsForeign(http.Request)
            ? ProblemFilter.Result(403, ProblemCodes.CrossOrigin, $"Pages of other sites may not call. Add their origin to {Configuration.SettingKeys.AllowedOrigins} to let them.")
                .ExecuteAsync(http)
            : next(http);
    }

    /// <summary>
    /// Browsers say how a request came about; pages can't change that. Those that don't say it (the address is no secure one) name the page's origin instead. Who sends
    /// neither is no browser.
    /// </summary>
    private bool IsForeign(HttpRequest request)
    {
        var origin = request.Headers.Origin.ToString();
        if (options.AllowedOrigins.Contains(origin))
        {
            return false;
        }

        return request.Headers["Sec-Fetch-Site"].ToString() is { Length: > 0 } site
            ? site is not ("same-origin" or "none")
            : origin.Length > 0 && origin != $"http://{request.Host}" && origin != $"https://{request.Host}";
    }
}
