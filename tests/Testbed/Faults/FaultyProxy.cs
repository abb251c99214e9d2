using System.Globalization;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Serverless.Testbed.Faults;

/// <summary>
/// Stands between clients and one HTTP service and does to their requests what networks and busy services do. It forwards path, headers (Host included) and body as they
/// came, so that signatures stay valid.
/// </summary>
internal sealed class FaultyProxy : IAsyncDisposable
{
    private static readonly string[] _ofConnections = ["Connection", "Keep-Alive", "Transfer-Encoding", "Content-Length", "Expect"];
    private static readonly TimeSpan _longestDelay = TimeSpan.FromMilliseconds(800);

    private readonly WebApplication _server;
    private readonly HttpClient _service;
    private readonly FaultDraw _faults;

    private FaultyProxy(int servicePort, FaultDraw faults)
    {
        _faults = faults;
        _service = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, UseProxy = false, ActivityHeadersPropagator = null })
        {
            BaseAddress = new Uri($"http://127.0.0.1:{servicePort}"),
        };
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.WebHost.ConfigureKestrel(static kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = null;
        });
        _server = builder.Build();
        _server.Run(HandleAsync);
    }

    public int Port { get; private set; }

    /// <summary>Starts one on a free loopback port.</summary>
    public static async Task<FaultyProxy> StartAsync(int servicePort, FaultDraw faults)
    {
        var proxy = new FaultyProxy(servicePort, faults);
        await proxy._server.StartAsync();
        proxy.Port = new Uri(proxy._server.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single()).Port;
        return proxy;
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _service.Dispose();
    }

    private async Task HandleAsync(HttpContext context)
    {
        var (fault, badness) = _faults.Next();
        var request = await ReadAsync(context.Request);
        switch (fault)
        {
            case HttpFault.ResetBefore:
                context.Abort();
                return;
            case HttpFault.Busy:
                context.Response.Headers.RetryAfter = badness < 0.5 ? "1" : "2";
                await RefuseAsync(context, HttpStatusCode.ServiceUnavailable, "ServerBusy");
                return;
            case HttpFault.LateRequest:
                await Task.Delay(badness * _longestDelay);
                break;
        }

        var answer = await ForwardAsync(request);
        switch (fault)
        {
            case HttpFault.ResetAfter:
                context.Abort();
                return;
            case HttpFault.TimedOut:
                await RefuseAsync(context, HttpStatusCode.InternalServerError, "OperationTimedOut");
                return;
            case HttpFault.TwiceFirstAnswer:
                await ForwardAsync(request);
                break;
            case HttpFault.TwiceSecondAnswer:
                answer = await ForwardAsync(request);
                break;
            case HttpFault.LateAnswer:
                await Task.Delay(badness * _longestDelay);
                break;
        }

        await AnswerAsync(context, answer, fault == HttpFault.Truncated ? badness : null);
    }

    private static async Task<ProxiedRequest> ReadAsync(HttpRequest request)
    {
        using var body = new MemoryStream();
        await request.Body.CopyToAsync(body);
        return new ProxiedRequest(
            request.Method,
            request.HttpContext.Features.Get<IHttpRequestFeature>()!.RawTarget,
            [.. request.Headers.Where(static h => !_ofConnections.Contains(h.Key, StringComparer.OrdinalIgnoreCase)).Select(static h => (h.Key, h.Value.ToString()))],
            body.ToArray());
    }

    private async Task<ProxiedAnswer> ForwardAsync(ProxiedRequest request)
    {
        var target = new Uri($"{_service.BaseAddress!.GetLeftPart(UriPartial.Authority)}{request.Target}", new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true });
        using var message = new HttpRequestMessage(new HttpMethod(request.Method), target) { Content = new ByteArrayContent(request.Body) };
        foreach (var (name, value) in request.Headers)
        {
            if (!message.Headers.TryAddWithoutValidation(name, value))
            {
                message.Content.Headers.TryAddWithoutValidation(name, value);
            }
        }

        using var answer = await _service.SendAsync(message);
        return new ProxiedAnswer(
            (int)answer.StatusCode,
            [.. answer.Headers.Concat(answer.Content.Headers).Where(static h => !_ofConnections.Contains(h.Key, StringComparer.OrdinalIgnoreCase)).Select(static h => (h.Key, string.Join(", ", h.Value)))],
            await answer.Content.ReadAsByteArrayAsync());
    }

    /// <param name="context">Where to.</param>
    /// <param name="answer">The service's.</param>
    /// <param name="cut">Share of the body after which the connection is reset; null: all of it is sent.</param>
    private static async Task AnswerAsync(HttpContext context, ProxiedAnswer answer, double? cut)
    {
        if (cut is not null && answer.Body.Length == 0)
        {
            context.Abort();
            return;
        }

        context.Response.StatusCode = answer.Status;
        foreach (var (name, value) in answer.Headers)
        {
            context.Response.Headers[name] = value;
        }

        if (answer.Body.Length == 0)
        {
            return;
        }

        context.Response.ContentLength = answer.Body.Length;
        var length = cut is { } share ? (int)(share * answer.Body.Length) : answer.Body.Length;
        await context.Response.Body.WriteAsync(answer.Body.AsMemory(0, length));
        await context.Response.Body.FlushAsync();
        if (cut is not null)
        {
            context.Abort();
        }
    }

    private static async Task RefuseAsync(HttpContext context, HttpStatusCode status, string code)
    {
        context.Response.StatusCode = (int)status;
        context.Response.Headers["x-ms-error-code"] = code;
        context.Response.ContentType = "application/xml";
        await context.Response.WriteAsync(string.Create(CultureInfo.InvariantCulture, $"<?xml version=\"1.0\" encoding=\"utf-8\"?><Error><Code>{code}</Code><Message>Injected.</Message></Error>"));
    }

    private sealed record ProxiedRequest(string Method, string Target, IReadOnlyList<(string Name, string Value)> Headers, byte[] Body);

    private sealed record ProxiedAnswer(int Status, IReadOnlyList<(string Name, string Value)> Headers, byte[] Body);
}
