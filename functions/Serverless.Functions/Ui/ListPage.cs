using System.Reflection;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Serverless.Functions.Ui;

/// <summary>
/// <c>GET /ui</c>: one page that lists workflows and shows one; it reads the HTTP API. Holds no data itself, so anybody may have it. It runs its own script and nothing else,
/// and can make no markup out of texts.
/// </summary>
internal static class ListPage
{
    private const string PagePolicy = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
        + "require-trusted-types-for 'script'; trusted-types 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

    public static void Map(RouteGroupBuilder app)
    {
        var anybody = app.MapGroup("").AllowAnonymous().ExcludeFromDescription();
        Map(anybody, "/ui/page.js", "page.js", "text/javascript; charset=utf-8");
        Map(anybody, "/ui/page.css", "page.css", "text/css; charset=utf-8");
        Map(anybody, "/ui/{**path}", "index.html", "text/html; charset=utf-8");
    }

    private static void Map(RouteGroupBuilder group, string route, string file, string contentType)
    {
        var content = Load(file);
        group.MapGet(route, (HttpContext http) =>
        {
            http.Response.Headers.ContentSecurityPolicy = PagePolicy;
            http.Response.Headers.CacheControl = "no-cache";
            return Results.Bytes(content, contentType);
        });
    }

    private static byte[] Load(string file)
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream($"Serverless.Functions.Ui.{file}")
            ?? throw new InvalidOperationException($"The file {file} of the page is missing from the assembly.");
        using var buffer = new MemoryStream();
        stream.CopyTo(buffer);
        return buffer.ToArray();
    }
}
