using System.Reflection;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Serverless.Functions.Ui;

/// <summary><c>GET /ui</c>: one page that lists workflows and shows one; it reads the HTTP API. Holds no data itself, so it needs no key.</summary>
internal static class ListPage
{
    private static readonly byte[] _page = Load();

    public static void Map(IEndpointRouteBuilder app) => app.MapGet("/ui/{**path}", (HttpContext http) =>
    {
        http.Response.Headers.ContentSecurityPolicy = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'";
        http.Response.Headers.XContentTypeOptions = "nosniff";
        http.Response.Headers["Referrer-Policy"] = "no-referrer";
        return Results.Bytes(_page, "text/html; charset=utf-8");
    }).ExcludeFromDescription();

    private static byte[] Load()
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream("Serverless.Functions.Ui.index.html")
            ?? throw new InvalidOperationException("The page index.html is missing from the assembly.");
        using var buffer = new MemoryStream();
        stream.CopyTo(buffer);
        return buffer.ToArray();
    }
}
