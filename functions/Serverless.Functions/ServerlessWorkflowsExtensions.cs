using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Serverless.Client;
using Serverless.Functions.Access;
using Serverless.Functions.Configuration;
using Serverless.Functions.Hosting;
using Serverless.Functions.Http;
using Serverless.Functions.Polling;
using Serverless.Functions.Triggers;
using Serverless.Functions.Ui;

namespace Serverless.Functions;

/// <summary>Adds durable workflows to a web application.</summary>
public static class ServerlessWorkflowsExtensions
{
    /// <summary>
    /// Registers workflows and activities and everything that runs them. The process becomes a custom handler when the Functions host started it,
    /// and polls its queues itself otherwise.
    /// </summary>
    /// <param name="builder">The application.</param>
    /// <param name="configure">Registers the code; may override settings.</param>
    /// <returns>The same builder.</returns>
    /// <exception cref="ServerlessConfigurationException">A setting is unknown or impossible.</exception>
    public static WebApplicationBuilder AddServerlessWorkflows(this WebApplicationBuilder builder, Action<ServerlessWorkflowsOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(configure);
        var options = new ServerlessWorkflowsOptions();
        SettingsReader.Read(builder.Configuration, options);
        configure(options);
        SettingsReader.Check(options);
        var mode = HostMode.Read(builder.Configuration, options);
        builder.WebHost.UseSetting(WebHostDefaults.PreferHostingUrlsKey, "true");
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = options.MaxRequestBytes;
        });
        if (mode.IsCustomHandler)
        {
            SettingsReader.CheckUnderFunctions(options);

            // The environment is the Functions host's own, its addresses included: they must not be bound here.
            builder.Configuration["http_ports"] = null;
            builder.Configuration["https_ports"] = null;
            builder.Configuration["urls"] = null;
        }

        if (mode.IsCustomHandler || mode.Addresses is [HostMode.DefaultAddress])
        {
            builder.WebHost.UseUrls([.. mode.Addresses]);
        }

        AddServices(builder.Services, options, mode, StorageSettings.Read(builder.Configuration, options));
        return builder;
    }

    /// <summary>Maps the HTTP API, the list page and, under the Functions host, the endpoints of its triggers.</summary>
    /// <param name="app">The application.</param>
    /// <returns>The same application.</returns>
    public static WebApplication MapServerlessWorkflows(this WebApplication app)
    {
        ArgumentNullException.ThrowIfNull(app);
        var root = app.MapGroup("").Guarded();
        if (app.Services.GetRequiredService<HostMode>().IsCustomHandler)
        {
            TriggerEndpoints.Map(root);
        }
        else
        {
            root.MapGet("/", () => Results.Redirect("/ui")).AllowAnonymous().ExcludeFromDescription();
        }

        HealthEndpoint.Map(root);
        ListPage.Map(root);
        var api = root.MapGroup("/api");
        api.AddEndpointFilterFactory(static (factory, next) =>
        {
            var problems = factory.ApplicationServices.GetRequiredService<ProblemFilter>();
            return context => problems.InvokeAsync(context, next);
        });
        StartEndpoint.Map(api);
        ReadEndpoints.Map(api);
        MessageEndpoints.Map(api);
        ControlEndpoints.Map(api);
        BatchEndpoints.Map(api);
        ResetEndpoints.Map(api);
        ScheduleEndpoints.Map(api);
        HubEndpoints.Map(api);
        root.For(ApiRole.Reader).Map("/api/{**path}", (string? path) => ProblemFilter.Result(404, ProblemCodes.NoSuchRoute, $"There is no /api/{path} for this method. See the README for what there is."))
            .ExcludeFromDescription();
        return app;
    }

    private static void AddServices(IServiceCollection services, ServerlessWorkflowsOptions options, HostMode mode, StorageSettings storage)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(options);
        services.AddSingleton(mode);
        services.AddSingleton(storage);
        services.AddSingleton<StoreFactory>();
        services.AddSingleton<QueueWakeups>();
        services.AddSingleton<HubReadiness>();
        services.AddSingleton<Drain>();
        services.AddSingleton<PollerSet>();
        services.AddSingleton<ApplicationCode>();
        services.AddSingleton<EngineRuntime>();
        services.TryAddSingleton<IWorkflowClient>(provider => HubClient.Create(provider.GetRequiredService<EngineRuntime>(), options));
        services.AddSingleton<ProblemFilter>();
        AccessServices.Add(services, options);
        services.AddSingleton<PayloadEdge>();
        services.TryAddSingleton(new WaitLimit());
        services.AddHostedService<HubHost>();
        services.Configure<HostOptions>(host => host.ShutdownTimeout = options.ShutdownTimeout);
    }
}
