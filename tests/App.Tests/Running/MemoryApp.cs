using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;
using Serverless.Functions;

namespace App.Tests.Running;

/// <summary>An application without a port: requests go from memory to memory, and may claim to come from anywhere.</summary>
internal sealed class MemoryApp : IAsyncDisposable
{
    private readonly TempFolder _folder = new();
    private readonly WebApplication _app;

    private MemoryApp(IEnumerable<(string Key, string Value)> settings, Action<ServerlessWorkflowsOptions>? configure, ILoggerProvider? logs, Action<WebApplication>? map)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        builder.Configuration.AddInMemoryCollection(settings.Select(static s => KeyValuePair.Create(s.Key, (string?)s.Value)));
        builder.Logging.ClearProviders();
        if (logs is not null)
        {
            builder.Logging.AddProvider(logs).SetMinimumLevel(LogLevel.Trace);
            builder.Logging.AddFilter(static (_, _) => true);
        }

        builder.WebHost.UseTestServer();
        builder.AddServerlessWorkflows(o =>
        {
            o.DataDirectory = _folder.Path;
            configure?.Invoke(o);
        });
        _app = builder.Build();
        map?.Invoke(_app);
        _app.MapServerlessWorkflows();
    }

    public IEnumerable<RouteEndpoint> Endpoints => ((IEndpointRouteBuilder)_app).DataSources.SelectMany(static s => s.Endpoints).OfType<RouteEndpoint>();

    public IServiceProvider Services => _app.Services;

    /// <summary>Stands in for the network.</summary>
    public HttpMessageHandler CreateHandler() => _app.GetTestServer().CreateHandler();

    /// <summary>Only the settings are read.</summary>
    public static MemoryApp Build(params (string Key, string Value)[] settings) => new(settings, null, null, null);

    public static async Task<MemoryApp> StartAsync(
        IEnumerable<(string Key, string Value)> settings, Action<ServerlessWorkflowsOptions>? configure = null, ILoggerProvider? logs = null, Action<WebApplication>? map = null)
    {
        var app = new MemoryApp(settings, configure, logs, map);
        await app._app.StartAsync();
        return app;
    }

    /// <param name="method">GET, POST and so on.</param>
    /// <param name="path">Path and query.</param>
    /// <param name="headers">Headers; "Host" is one of them.</param>
    /// <param name="peer">Where the connection comes from; null: this machine.</param>
    /// <param name="body">The body.</param>
    public async Task<MemoryAnswer> SendAsync(string method, string path, IEnumerable<(string Name, string Value)>? headers = null, IPAddress? peer = null, string body = "")
    {
        var http = await _app.GetTestServer().SendAsync(context =>
        {
            context.Request.Method = method;
            context.Request.Path = path.Split('?')[0];
            context.Request.QueryString = path.Contains('?', StringComparison.Ordinal) ? new QueryString($"?{path.Split('?', 2)[1]}") : default;
            context.Connection.RemoteIpAddress = peer ?? IPAddress.Loopback;
            context.Request.Host = new HostString("localhost:7071");
            context.Request.Body = new MemoryStream(Encoding.UTF8.GetBytes(body));
            foreach (var (name, value) in headers ?? [])
            {
                context.Request.Headers[name] = value;
            }
        });
        using var reader = new StreamReader(http.Response.Body, Encoding.UTF8);
        return new MemoryAnswer(http.Response.StatusCode, http.Response.Headers, await reader.ReadToEndAsync());
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
        _folder.Dispose();
    }
}

internal sealed record MemoryAnswer(int Status, IHeaderDictionary Headers, string Text)
{
    public string? Code => Headers.ContentType.ToString().StartsWith("application/problem+json", StringComparison.Ordinal) ? (string?)JsonNode.Parse(Text)!["code"] : null;
}
