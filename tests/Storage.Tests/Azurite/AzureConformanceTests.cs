using Serverless.Storage.Tests.Conformance;

namespace Serverless.Storage.Tests.Azurite;

[TestClass]
public sealed class AzureRowStoreTests : RowStoreConformance
{
    private protected override async Task<IHubStore> CreateStoreAsync() => await AzuriteHub.CreateAsync();
}

[TestClass]
public sealed class AzureRowRangeTests : RowRangeConformance
{
    private protected override async Task<IHubStore> CreateStoreAsync() => await AzuriteHub.CreateAsync();
}

[TestClass]
public sealed class AzureRowLimitTests : RowLimitConformance
{
    private protected override async Task<IHubStore> CreateStoreAsync() => await AzuriteHub.CreateAsync();
}

[TestClass]
public sealed class AzureQueueStoreTests : QueueStoreConformance
{
    private protected override async Task<IHubStore> CreateStoreAsync() => await AzuriteHub.CreateAsync();
}

[TestClass]
public sealed class AzureBlobStoreTests : BlobStoreConformance
{
    private protected override async Task<IHubStore> CreateStoreAsync() => await AzuriteHub.CreateAsync();
}

[TestClass]
public sealed class AzureHubStoreTests : HubStoreConformance
{
    private protected override async Task<IHubStore> CreateStoreAsync() => await AzuriteHub.CreateAsync();
}
