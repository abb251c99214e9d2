using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Cors.Infrastructure;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace Serverless.Functions.Access;

/// <summary>
/// What browsers are told and what they may not be used for, at every endpoint that is mapped here. Pages of other sites can't call, unless their origin is allowed; the
/// application's own endpoints are not touched.
/// </summary>
internal sealed class BrowserBorder(ServerlessWorkflowsOptions options) : IStartupFilter
{
    /// <summary>Metadata of the endpoints inside.</summary>
    public static readonly object Mark = new();

    private const string CorsPolicyName = "Serverless";

    /// <summary>Answers are data: nothing in them is loaded, run or shown in a frame.</summary>
    private const string DataPolicy = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

    public static void AddPolicy(CorsOptions cors, ServerlessWorkflowsOptions options) => cors.AddPolicy(CorsPolicyName, policy => policy
        .WithOrigins([.. options.AllowedOrigins])
        .WithMethods(HttpMethods.Get, HttpMethods.Post, HttpMethods.Put, HttpMethods.Delete)
        .WithHeaders(CallerAuthentication.KeyHeader, HeaderNames.Authorization, HeaderNames.ContentType)
        .WithExposedHeaders(HeaderNames.Location));

    /// <summary>
    /// True when a page of another site calls. Browsers say how a request came about, and pages can't change that; those that don't say it (the address is no secure one)
    /// name the page's origin instead. Who sends neither is no browser.
    /// </summary>
    public static bool IsForeign(HttpRequest request, ServerlessWorkflowsOptions options)
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

    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
    {
        app.Use(static (HttpContext http, RequestDelegate rest) =>
        {
            http.Response.OnStarting(static state => HardenAsync((HttpContext)state), http);
            return rest(http);
        });
        if (options.AllowedOrigins.Count > 0)
        {
            // Before routing, so that what browsers ask beforehand needs no key.
            app.UseWhen(static http => http.Request.Path.StartsWithSegments("/api", StringComparison.OrdinalIgnoreCase), static api => api.UseCors(CorsPolicyName));
        }

        next(app);
    };

    /// <summary>When the answer begins the endpoint is known, of refusals too. What it says itself stays.</summary>
    private static Task HardenAsync(HttpContext http)
    {
        if (http.GetEndpoint()?.Metadata.Contains(Mark) is not true)
        {
            return Task.CompletedTask;
        }

        var headers = http.Response.Headers;
        headers.TryAdd(HeaderNames.ContentSecurityPolicy, DataPolicy);
        headers.TryAdd(HeaderNames.CacheControl, "no-store");
        headers.XContentTypeOptions = "nosniff";
        headers.XFrameOptions = "DENY";
        headers["Referrer-Policy"] = "no-referrer";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        return Task.CompletedTask;
    }
}
