using Microsoft.Extensions.DependencyInjection;

namespace Core.Tests.Activities;

/// <summary>A container that knows no class, and counts scopes.</summary>
internal sealed class FakeServices : IServiceProvider, IServiceScopeFactory
{
    public int ScopesMade { get; private set; }

    public int ScopesEnded { get; private set; }

    public object? GetService(Type serviceType) => serviceType == typeof(IServiceScopeFactory) ? this : null;

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
