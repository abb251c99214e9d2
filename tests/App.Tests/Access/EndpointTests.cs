using System.Text.Json.Nodes;
using App.Tests.Running;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Serverless.Functions;
using Serverless.Functions.Access;
using Serverless.Testbed;

namespace App.Tests.Access;

/// <summary>Every endpoint that is mapped says whose it is.</summary>
[TestClass]
public sealed class EndpointTests
{
    private static readonly (string Key, string Value)[] _underFunctions = [("FUNCTIONS_CUSTOMHANDLER_PORT", "7999")];

    [TestMethod]
    public async Task SelfHosted_EveryEndpointDeclaresItsRole()
    {
        await using var app = MemoryApp.Build();

        var rules = Rules(app);
        CollectionAssert.AreEquivalent(new[] { "/", "/api/health", "/ui/page.css", "/ui/page.js", "/ui/{**path}" }, Of(rules, "anybody"));
        CollectionAssert.IsSubsetOf(
            rules.Select(static r => r.Rule).Distinct().ToList(), new[] { "anybody", "Serverless.Reader", "Serverless.Operator", "Serverless.Admin" });
        Assert.IsGreaterThan(40, rules.Count);
    }

    [TestMethod]
    public async Task UnderFunctions_TriggersAreTheHostsOwn()
    {
        await using var app = MemoryApp.Build(_underFunctions);

        var rules = Rules(app);
        CollectionAssert.AreEquivalent(new[] { "/ActivityTask", "/PinnedWorkflowTask", "/TimerTask", "/WorkflowTask" }, Of(rules, AccessRules.FunctionsHost));
        Assert.IsEmpty(Of(rules, AccessRules.Nobody));
        Assert.IsEmpty(Of(rules, "undeclared"));
    }

    [TestMethod]
    public async Task UnderFunctions_TheHostLetsEveryMethodThrough()
    {
        await using var app = MemoryApp.Build(_underFunctions);
        var function = JsonNode.Parse(await File.ReadAllTextAsync(RepositoryRoot.PathOf("functions", "Api", "function.json")))!;
        var allowed = function["bindings"]![0]!["methods"]!.AsArray().Select(static m => m!.GetValue<string>()).ToList();

        var used = app.Endpoints.Where(static e => e.RoutePattern.RawText!.StartsWith("/api", StringComparison.Ordinal))
            .SelectMany(static e => e.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods ?? []).Select(static m => m.ToLowerInvariant()).Distinct();
        CollectionAssert.AreEquivalent(allowed, used.ToList());
    }

    [TestMethod]
    public async Task Endpoint_ThatDeclaresNothing_IsRefusedToAdministratorsToo()
    {
        await using var app = await MemoryApp.StartAsync([], map: static app =>
        {
            var group = app.MapGroup("").Guarded();
            group.MapGet("/forgotten", static () => "hello");
            group.MapGroup("/inner").MapGet("/forgotten", static () => "hello");
            group.For(ApiRole.Admin).MapGet("/declared", static () => "hello");
        });

        Assert.AreEqual("forbidden", (await app.SendAsync("GET", "/forgotten")).Code);
        Assert.AreEqual("forbidden", (await app.SendAsync("GET", "/inner/forgotten")).Code);
        Assert.AreEqual("hello", (await app.SendAsync("GET", "/declared")).Text);
    }

    [TestMethod]
    public async Task EndpointsOfTheApplication_AreLeftAlone()
    {
        await using var app = await MemoryApp.StartAsync([("Serverless:ApiKey", "0123456789abcdef")], map: static app => app.MapPost("/orders", static () => "ordered"));

        var answer = await app.SendAsync("POST", "/orders", [("Origin", "https://shop.example")]);

        Assert.AreEqual("ordered", answer.Text);
        Assert.IsFalse(answer.Headers.ContainsKey("Content-Security-Policy"));
    }

    [TestMethod]
    public async Task Application_UnderAPathOfItsOwn_IsGuardedToo()
    {
        await using var app = await MemoryApp.StartAsync([("Serverless:ApiKey", "0123456789abcdef")], map: static app =>
        {
            app.UsePathBase("/flows");
            app.UseRouting();
            app.UseAuthorization();
        });

        var stranger = await app.SendAsync("GET", "/flows/api/workflows");
        var page = await app.SendAsync("POST", "/flows/api/workflows", [("Origin", "https://evil.example"), ("x-functions-key", "0123456789abcdef")]);

        Assert.AreEqual((401, "no-store"), (stranger.Status, stranger.Headers.CacheControl.ToString()));
        Assert.AreEqual("cross-origin", page.Code);
    }

    private static List<(string Route, string Rule)> Rules(MemoryApp app) => [.. app.Endpoints.Select(static endpoint => (
        endpoint.RoutePattern.RawText!,
        endpoint.Metadata.OfType<IAllowAnonymous>().Any() ? "anybody" : endpoint.Metadata.GetMetadata<IAuthorizeData>()?.Policy ?? "undeclared"))];

    private static List<string> Of(List<(string Route, string Rule)> rules, string rule) => [.. rules.Where(r => r.Rule == rule).Select(static r => r.Route)];
}
