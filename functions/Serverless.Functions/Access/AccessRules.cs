using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Serverless.Functions.Http;

namespace Serverless.Functions.Access;

/// <summary>
/// Who may call which endpoint. Every endpoint says it where it is mapped: by a role, as the Functions host's own, or as anybody's. One that says nothing is refused to
/// everybody.
/// </summary>
internal static class AccessRules
{
    public const string FunctionsHost = "Serverless.FunctionsHost";
    public const string Nobody = "Serverless.Nobody";

    public static string PolicyOf(ApiRole role) => $"Serverless.{role}";

    /// <summary>The endpoints that are mapped on the returned group ask for at least this role.</summary>
    public static RouteGroupBuilder For(this RouteGroupBuilder group, ApiRole role) => group.MapGroup("").RequireAuthorization(PolicyOf(role));

    /// <summary>The endpoints of this group are behind the border against browsers, and those that don't say whose they are, are nobody's.</summary>
    public static RouteGroupBuilder Guarded(this RouteGroupBuilder group)
    {
        group.WithMetadata(BrowserBorder.Mark);
        ((IEndpointConventionBuilder)group).Finally(static endpoint =>
        {
            if (!endpoint.Metadata.Any(static m => m is IAuthorizeData or IAllowAnonymous))
            {
                endpoint.Metadata.Add(new AuthorizeAttribute(Nobody));
            }
        });
        return group;
    }

    public static void AddPolicies(AuthorizationOptions options, ServerlessWorkflowsOptions settings)
    {
        void Add(string name, Func<AuthorizationHandlerContext, HttpContext, bool> isAllowed) => options.AddPolicy(name, policy => policy
            .AddAuthenticationSchemes(CallerAuthentication.SchemeName)
            .RequireAssertion(context => context.Resource is HttpContext http && !BrowserBorder.IsForeign(http.Request, settings) && isAllowed(context, http)));

        foreach (var role in Enum.GetValues<ApiRole>())
        {
            Add(PolicyOf(role), (context, _) => Caller.MayAs(context.User, role));
        }

        Add(FunctionsHost, static (_, http) => CallerAuthentication.IsLocalPeer(http) && CallerAuthentication.IsLocalName(http));
        Add(Nobody, static (_, _) => false);
    }

    /// <summary>For what only the body of a request tells.</summary>
    /// <exception cref="ApiException">The caller's role is less.</exception>
    public static void Require(HttpContext http, ApiRole least, string what)
    {
        if (!Caller.MayAs(http.User, least))
        {
            throw new ApiException(403, ProblemCodes.Forbidden, $"{what} needs the role {Name(least)}; the caller's is {Name(Caller.RoleOf(http.User))}.");
        }
    }

    /// <summary>Why a known caller is refused.</summary>
    public static string Refusal(HttpContext http)
    {
        var asked = http.GetEndpoint()?.Metadata.GetMetadata<IAuthorizeData>()?.Policy;
        var least = Enum.GetValues<ApiRole>().Select(static role => (ApiRole?)role).FirstOrDefault(role => PolicyOf(role!.Value) == asked);
        return least is null ? "Only the Functions host itself may call this." : $"This needs the role {Name(least)}; the caller's is {Name(Caller.RoleOf(http.User))}.";
    }

    private static string Name(ApiRole? role) => role is null ? "none" : $"'{role.Value.ToString().ToLowerInvariant()}'";
}
