using Microsoft.Extensions.Time.Testing;
using Serverless.Storage.Memory;
using Serverless.Storage.Tests.Conformance;

namespace Serverless.Storage.Tests.Memory;

[TestClass]
public sealed class MemoryRowStoreTests : RowStoreConformance
{
    private protected override Task<IHubStore> CreateStoreAsync() => Task.FromResult<IHubStore>(new MemoryHubStore(TimeProvider.System));
}

[TestClass]
public sealed class MemoryRowRangeTests : RowRangeConformance
{
    private protected override Task<IHubStore> CreateStoreAsync() => Task.FromResult<IHubStore>(new MemoryHubStore(TimeProvider.System, seed: 2));
}

[TestClass]
public sealed class MemoryRowLimitTests : RowLimitConformance
{
    private protected override Task<IHubStore> CreateStoreAsync() => Task.FromResult<IHubStore>(new MemoryHubStore(TimeProvider.System));
}

[TestClass]
public sealed class MemoryQueueStoreTests : QueueStoreConformance
{
    private readonly FakeTimeProvider _time = new();

    private protected override Task<IHubStore> CreateStoreAsync() => Task.FromResult<IHubStore>(new MemoryHubStore(_time));

    private protected override Task AdvanceAsync(TimeSpan by)
    {
        _time.Advance(by);
        return Task.CompletedTask;
    }
}

[TestClass]
public sealed class MemoryBlobStoreTests : BlobStoreConformance
{
    private protected override Task<IHubStore> CreateStoreAsync() => Task.FromResult<IHubStore>(new MemoryHubStore(TimeProvider.System));
}

[TestClass]
public sealed class MemoryHubStoreTests : HubStoreConformance
{
    private protected override Task<IHubStore> CreateStoreAsync() => Task.FromResult<IHubStore>(new MemoryHubStore(TimeProvider.System));
}
