using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Serverless.Client;
using Serverless.Functions;
using Serverless.Functions.Hosting;

namespace App.Tests.Running;

/// <summary>An application of a test's own code, in this process, self-hosted on the embedded store.</summary>
internal sealed class TestApp : IAsyncDisposable
{
    private readonly TempFolder _folder = new();
    private readonly WebApplication _app;

    private TestApp(Action<ServerlessWorkflowsOptions> configure, Action<WebApplicationBuilder>? services)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        builder.Configuration["urls"] = "http://127.0.0.1:0";
        builder.Logging.ClearProviders();
        services?.Invoke(builder);
        builder.AddServerlessWorkflows(o =>
        {
            o.DataDirectory = _folder.Path;
            configure(o);
        });
        _app = builder.Build();
        _app.MapServerlessWorkflows();
    }

    public IServiceProvider Services => _app.Services;

    public IWorkflowClient Client => Services.GetRequiredService<IWorkflowClient>();

    public HttpClient Http { get; private set; } = null!;

    public static async Task<TestApp> StartAsync(Action<ServerlessWorkflowsOptions> configure, Action<WebApplicationBuilder>? services = null)
    {
        var app = new TestApp(configure, services);
        await app._app.StartAsync();
        await app.Services.GetRequiredService<HubReadiness>().WaitAsync(TimeSpan.FromSeconds(30), CancellationToken.None);
        app.Http = new HttpClient { BaseAddress = new Uri(app._app.Urls.Single()) };
        return app;
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await _app.StopAsync();
        await _app.DisposeAsync();
        _folder.Dispose();
    }
}
