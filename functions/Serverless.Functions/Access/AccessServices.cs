using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace Serverless.Functions.Access;

/// <summary>Registers who may do what. Sets no default of the application's own authentication or authorization.</summary>
internal static class AccessServices
{
    public static void Add(IServiceCollection services, ServerlessWorkflowsOptions options)
    {
        services.AddSingleton(new KeyRing(options));

        // Only the core of it: the rest would make keys for cookies and write them to disk, and there are no cookies.
        services.AddAuthenticationCore();
        services.AddWebEncoders();
        var schemes = new AuthenticationBuilder(services);
        schemes.AddScheme<CallerAuthentication.Settings, CallerAuthentication>(CallerAuthentication.SchemeName, settings =>
        {
            settings.TakesTokens = options.Jwt is not null;
            settings.ForwardDefaultSelector = http => options.Jwt is not null && BearerTokens.IsSent(http.Request) ? BearerTokens.SchemeName : null;
            settings.ForwardChallenge = settings.ForwardForbid = CallerAuthentication.SchemeName;
        });
        if (options.Jwt is { } jwt)
        {
            services.TryAddEnumerable(ServiceDescriptor.Singleton<IPostConfigureOptions<JwtBearerOptions>, JwtBearerPostConfigureOptions>());
            schemes.AddScheme<JwtBearerOptions, JwtBearerHandler>(BearerTokens.SchemeName, bearer => BearerTokens.Configure(bearer, jwt));
        }

        services.AddAuthorization(authorization => AccessRules.AddPolicies(authorization, options));
        services.AddSingleton<IStartupFilter, BrowserBorder>();
        if (options.AllowedOrigins.Count > 0)
        {
            services.AddCors(cors => BrowserBorder.AddPolicy(cors, options));
        }
    }
}
