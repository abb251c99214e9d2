using Microsoft.Extensions.Time.Testing;
using Serverless.Storage.Sqlite;
using Serverless.Storage.Tests.Conformance;

namespace Serverless.Storage.Tests.Sqlite;

[TestClass]
public sealed class SqliteRowStoreTests : RowStoreConformance, IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private protected override Task<IHubStore> CreateStoreAsync() => Task.FromResult<IHubStore>(new SqliteHubStore(_folder.File(), TimeProvider.System));
}

[TestClass]
public sealed class SqliteRowRangeTests : RowRangeConformance, IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private protected override Task<IHubStore> CreateStoreAsync() => Task.FromResult<IHubStore>(new SqliteHubStore(_folder.File(), TimeProvider.System));
}

[TestClass]
public sealed class SqliteRowLimitTests : RowLimitConformance, IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private protected override Task<IHubStore> CreateStoreAsync() => Task.FromResult<IHubStore>(new SqliteHubStore(_folder.File(), TimeProvider.System));
}

[TestClass]
public sealed class SqliteQueueStoreTests : QueueStoreConformance, IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly FakeTimeProvider _time = new();

    public void Dispose() => _folder.Dispose();

    private protected override Task<IHubStore> CreateStoreAsync() => Task.FromResult<IHubStore>(new SqliteHubStore(_folder.File(), _time));

    private protected override Task AdvanceAsync(TimeSpan by)
    {
        _time.Advance(by);
        return Task.CompletedTask;
    }
}

[TestClass]
public sealed class SqliteBlobStoreTests : BlobStoreConformance, IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private protected override Task<IHubStore> CreateStoreAsync() => Task.FromResult<IHubStore>(new SqliteHubStore(_folder.File(), TimeProvider.System));
}

[TestClass]
public sealed class SqliteHubStoreTests : HubStoreConformance, IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private protected override Task<IHubStore> CreateStoreAsync() => Task.FromResult<IHubStore>(new SqliteHubStore(_folder.File(), TimeProvider.System));

    private protected override Task<IHubStore> CreateDisposableHubAsync() =>
        Task.FromResult<IHubStore>(new SqliteHubStore(_folder.File("destroyed.db"), TimeProvider.System));
}
