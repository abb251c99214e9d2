using System.Security.Claims;

namespace Serverless.Functions.Access;

/// <summary>Who calls, as the endpoints see it: a name and a role, both given here and never taken over from a token's claims.</summary>
internal static class Caller
{
    private const string Kind = "Serverless";

    /// <param name="name">Name of the key, subject of the token; null when nobody knows.</param>
    /// <param name="role">Null: known, and may do nothing.</param>
    public static ClaimsPrincipal Create(string? name, ApiRole? role)
    {
        var identity = new ClaimsIdentity(Kind);
        if (name is not null)
        {
            identity.AddClaim(new Claim(identity.NameClaimType, name));
        }

        if (role is not null)
        {
            identity.AddClaim(new Claim(identity.RoleClaimType, role.Value.ToString()));
        }

        return new ClaimsPrincipal(identity);
    }

    /// <summary>The caller's role; null for one who may do nothing.</summary>
    public static ApiRole? RoleOf(ClaimsPrincipal user) =>
        user.Identities.FirstOrDefault(static identity => identity.AuthenticationType == Kind) is { } identity
        && Enum.TryParse<ApiRole>(identity.FindFirst(identity.RoleClaimType)?.Value, out var role)
            ? role
            : null;

    public static bool MayAs(ClaimsPrincipal user, ApiRole least) => RoleOf(user) >= least;
}
