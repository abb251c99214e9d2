using Microsoft.Extensions.DependencyInjection;
using Serverless.Client;

namespace Core.Tests.Activities;

/// <summary>A container that knows nothing but a client, and counts scopes.</summary>
internal sealed class FakeServices : IServiceProvider, IServiceScopeFactory
{
    public int ScopesMade { get; private set; }

    public int ScopesEnded { get; private set; }

    public IWorkflowClient? Client { get; init; }

    public object? GetService(Type serviceType) =>
        serviceType == typeof(IServiceScopeFactory) ? this : serviceType == typeof(IWorkflowClient) ? Client : null;

    public IServiceScope CreateScope()
    {
        ScopesMade++;
        return new Scope(this);
    }

    private sealed class Scope(FakeServices owner) : IServiceScope
    {
        public IServiceProvider ServiceProvider => owner;

        public void Dispose() => owner.ScopesEnded++;
    }
}
