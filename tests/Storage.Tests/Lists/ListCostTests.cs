using Serverless.Api.Common.V1;
using Serverless.Api.Enums.V1;
using Serverless.Client;
using Serverless.Common;
using Serverless.Storage.Memory;
using Serverless.Storage.Tests.Azurite;
using Serverless.Visibility;

namespace Serverless.Storage.Tests.Lists;

/// <summary>What is not asked for is not read, however much of it there is.</summary>
[TestClass]
public sealed class ListCostTests
{
    private const int Open = 50;
    private static readonly DateTimeOffset Start = new(2026, 11, 1, 0, 0, 0, TimeSpan.Zero);

    [TestMethod]
    public async Task Of_20000_closed_and_50_running_workflows_in_Azurite_only_those_asked_for_are_read()
    {
        await using var store = await AzuriteHub.CreateAsync();
        await CheckAsync(store.Rows, 20_000);
    }

    [TestMethod]
    public async Task Of_20000_closed_and_50_running_workflows_in_memory_only_those_asked_for_are_read()
    {
        await using var store = new MemoryHubStore(TimeProvider.System, hostilePages: false);
        await store.InitializeAsync([], default);
        await CheckAsync(store.Rows, 20_000);
    }

    private static async Task CheckAsync(IRowStore store, int closed)
    {
        var rows = new CountingRows(store);
        var index = new VisibilityIndex(rows, TimeProvider.System, new Dictionary<string, IndexedValueType> { ["Customer"] = IndexedValueType.Keyword });
        await Task.WhenAll(Enumerable.Range(0, closed + Open).Select(i => index.ProjectAsync(Run(i, isOpen: i % (closed / Open) == 7), isFirst: true)));

        await ReadsAsync("ExecutionStatus = 'Running'", 50, Open + 1);
        await ReadsAsync("ExecutionStatus = 'Running'", 20, Open + 1);
        await ReadsAsync("Customer = 'customer-123'", 50, closed / 500);
        await ReadsAsync("Customer = 'customer-123' AND ExecutionStatus = 'Completed'", 50, closed / 500);
        await ReadsAsync("Customer IN ('customer-7', 'customer-8')", 100, 2 * closed / 500);
        await ReadsAsync("ExecutionStatus = 'Running' AND WorkflowType = 'Order'", 50, Open + 1);

        rows.Take();
        var counts = await new WorkflowLister(index, TimeProvider.System).CountAsync("GROUP BY ExecutionStatus", default);
        var (requests, read) = rows.Take();
        Assert.AreEqual(closed + Open, counts["Running"] + counts["Completed"]);
        Assert.AreEqual(1, requests, "requests of a count");
        Assert.IsLessThanOrEqualTo(2 * ListCounters.Slots, read, "rows of a count: a counter for each status, type and slot");

        async Task ReadsAsync(string filter, int pageSize, int about)
        {
            var lister = new WorkflowLister(index, TimeProvider.System);
            rows.Take();
            var returned = 0;
            string? token = null;
            do
            {
                var page = await lister.ListAsync(filter, pageSize, token, default);
                returned += page.Workflows.Count;
                token = page.NextPageToken;
            }
            while (token is not null);

            var (requests, read) = rows.Take();
            Assert.IsTrue(Math.Abs(returned - about) <= 2, $"{filter}: {returned} returned, about {about} expected");
            Assert.IsLessThanOrEqualTo(2 * returned, read, $"{filter}: {read} rows read in {requests} requests for {returned}");
            Assert.IsLessThanOrEqualTo(8, requests, $"{filter}: requests");
        }
    }

    private static WorkflowSummary Run(int i, bool isOpen)
    {
        var customer = SearchAttributeKey.CreateKeyword("Customer");
        var start = Start.AddSeconds(i);
        return new WorkflowSummary($"wf-{i}", $"run-{i}", "Order", "main", isOpen ? WorkflowExecutionStatus.Running : WorkflowExecutionStatus.Completed)
        {
            StartTime = start,
            ExecutionTime = start,
            CloseTime = isOpen ? null : start.AddSeconds(5),
            HistoryLength = isOpen ? 3 : 9,
            SearchAttributes = new Dictionary<string, Payload> { [customer.Name] = SearchAttributeEncoding.Encode(customer, $"customer-{i % 500}") },
        };
    }
}
