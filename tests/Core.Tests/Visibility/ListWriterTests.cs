using Serverless.Api.Enums.V1;
using Serverless.Client;
using Serverless.Common;
using Serverless.Converters;
using Serverless.Storage;
using Serverless.Storage.Memory;
using Serverless.Tests.Engine;
using Serverless.Visibility;

namespace Core.Tests.Visibility;

[TestClass]
public sealed class ListWriterTests
{
    private static readonly DateTimeOffset Start = new(2026, 11, 24, 12, 0, 0, TimeSpan.Zero);
    private static readonly SearchAttributeKey<string> Customer = SearchAttributeKey.CreateKeyword("Customer");
    private static readonly SearchAttributeKey<IReadOnlyCollection<string>> Tags = SearchAttributeKey.CreateKeywordList("Tags");

    private static readonly Dictionary<string, IndexedValueType> Declared = new()
    {
        ["Customer"] = IndexedValueType.Keyword,
        ["Tags"] = IndexedValueType.KeywordList,
    };

    [TestMethod]
    [DataRow(1)]
    [DataRow(2)]
    [DataRow(3)]
    [DataRow(4)]
    public async Task Two_writers_of_one_slot_with_failing_storage_leave_rows_keys_and_counters_as_one(int seed)
    {
        var memory = await StoreAsync();
        var random = new Random(seed);
        Fault Decide(int call, string what)
        {
            lock (random)
            {
                return random.Next(40) switch { 0 => Fault.FailBefore, 1 => Fault.FailAfter, _ => Fault.None };
            }
        }

        var writers = Enumerable.Range(0, 2).Select(_ => new VisibilityIndex(new Serverless.Tests.Engine.FaultyHubStore(memory, Decide).Rows, TimeProvider.System, Declared)).ToList();
        var runs = Enumerable.Range(0, 40).Select(i => Run($"run-{i}", i % 3 == 0 ? "A" : "B")).ToArray();
        for (var round = 0; round < 12; round++)
        {
            var changes = new List<Task>();
            for (var i = 0; i < 25; i++)
            {
                var at = random.Next(runs.Length);
                runs[at] = Next(runs[at], random);
                changes.Add(UntilWrittenAsync(writers[random.Next(2)], runs[at], isFirst: random.Next(2) == 0));
                if (random.Next(4) == 0)
                {
                    changes.Add(UntilWrittenAsync(writers[random.Next(2)], runs[at], isFirst: true));
                }
            }

            changes.Add(UntilRemovedAsync(writers[random.Next(2)], runs[random.Next(runs.Length)]));
            await Task.WhenAll(changes);
        }

        var index = new VisibilityIndex(memory.Rows, TimeProvider.System, Declared);
        await Task.WhenAll(runs.Select(r => index.ProjectAsync(r)));
        var stored = (await index.ReadAsync(ListDivision.Workflows, null, 1000, default)).Rows.Select(static r => (r.Summary.RunId, r.Summary.Status, r.Summary.HistoryLength));
        CollectionAssert.AreEquivalent(runs.Select(static r => (r.RunId, r.Status, r.HistoryLength)).ToList(), stored.ToList());
        await ListChecks.ConsistentAsync(index);
    }

    [TestMethod]
    public async Task A_closed_row_is_final_and_an_open_one_grows()
    {
        var index = new VisibilityIndex((await StoreAsync()).Rows, TimeProvider.System);
        var open = Run("run", "A") with { HistoryLength = 5 };

        await index.ProjectAsync(open);
        await index.ProjectAsync(open with { HistoryLength = 4, TaskQueue = "older" });
        await index.ProjectAsync(Closed(open with { HistoryLength = 3 }));
        await index.ProjectAsync(open with { HistoryLength = 9 });

        var row = (await index.ReadAsync(ListDivision.Workflows, null, 10, default)).Rows.Single().Summary;
        Assert.AreEqual((WorkflowExecutionStatus.Completed, 3L, "q"), (row.Status, row.HistoryLength, row.TaskQueue));
        await ListChecks.ConsistentAsync(index);
    }

    [TestMethod]
    public async Task A_removed_row_leaves_nothing_and_may_be_removed_again()
    {
        var memory = await StoreAsync();
        var index = new VisibilityIndex(memory.Rows, TimeProvider.System, Declared);
        await index.ProjectAsync(Run("run", "A"), isFirst: true);

        await index.RemoveAsync(Run("run", "A"), default);
        await index.RemoveAsync(Run("run", "A"), default);

        Assert.IsEmpty((await memory.Rows.ScanAsync(RowTable.Visibility, null, null, default)).Rows);
    }

    [TestMethod]
    public async Task A_row_too_large_for_copies_is_found_through_its_keys()
    {
        var index = new VisibilityIndex((await StoreAsync()).Rows, TimeProvider.System, Declared);
        await index.ProjectAsync(Run("large", "A") with { Memo = new Dictionary<string, Payload> { ["m"] = new() { Data = ByteString.CopyFrom(Bytes(20_000)) } } }, isFirst: true);
        await index.ProjectAsync(Run("small", "A"), isFirst: true);

        var found = await new WorkflowLister(index, TimeProvider.System).ListAsync("WorkflowType = 'A' AND ExecutionStatus = 'Running'", 10, null, default);

        CollectionAssert.AreEqual(new[] { "large", "small" }, found.Workflows.Select(static w => w.RunId).ToArray());
        Assert.HasCount(1, found.Workflows[0].Memo);
    }

    [TestMethod]
    public async Task A_run_with_more_values_than_are_indexed_is_found_by_each_of_them()
    {
        var index = new VisibilityIndex((await StoreAsync()).Rows, TimeProvider.System, Declared);
        await index.ProjectAsync(With(Run("crowded", "A"), Tags, Enumerable.Range(0, 100).Select(static i => $"tag-{i}").ToArray()), isFirst: true);
        await index.ProjectAsync(With(Run("other", "A"), Tags, new[] { "tag-99" }), isFirst: true);
        await index.ProjectAsync(Closed(With(Run("crowded", "A"), Tags, Enumerable.Range(50, 100).Select(static i => $"tag-{i}").ToArray())));
        var lister = new WorkflowLister(index, TimeProvider.System);

        foreach (var (tag, expected) in new[] { ("tag-0", ""), ("tag-60", "crowded"), ("tag-99", "crowded, other"), ("tag-149", "crowded") })
        {
            var page = await lister.ListAsync($"Tags = '{tag}'", 10, null, default);
            Assert.AreEqual(expected, string.Join(", ", page.Workflows.Select(static w => w.RunId)), tag);
            Assert.AreEqual(page.Workflows.Count, (await lister.CountAsync($"Tags = '{tag}'", default))[""]);
        }

        await ListChecks.ConsistentAsync(index);
    }

    [TestMethod]
    public async Task A_writer_that_does_not_know_an_attribute_leaves_its_keys()
    {
        var memory = await StoreAsync();
        var knows = new VisibilityIndex(memory.Rows, TimeProvider.System, Declared);
        var run = With(Run("run", "A"), Customer, "x");
        await knows.ProjectAsync(run, isFirst: true);

        await new VisibilityIndex(memory.Rows, TimeProvider.System).ProjectAsync(Closed(run));

        Assert.HasCount(1, (await new WorkflowLister(knows, TimeProvider.System).ListAsync("Customer = 'x' AND ExecutionStatus = 'Completed'", 10, null, default)).Workflows);
    }

    [TestMethod]
    public async Task The_products_own_workflows_are_in_a_list_of_their_own()
    {
        var index = new VisibilityIndex((await StoreAsync()).Rows, TimeProvider.System);
        await Task.WhenAll(index.ProjectAsync(Run("mine", "A")), index.ProjectAsync(Run("batch", "serverless-batch")));
        var lister = new WorkflowLister(index, TimeProvider.System);

        Assert.AreEqual("mine", (await lister.ListAsync(null, 10, null, default)).Workflows.Single().RunId);
        Assert.AreEqual("batch", (await lister.ListAsync(null, 10, null, default, ListDivision.System)).Workflows.Single().RunId);
        Assert.AreEqual(1, (await lister.CountAsync(null, default, ListDivision.System))[""]);
    }

    [TestMethod]
    public async Task Closed_runs_are_read_by_the_time_of_their_close()
    {
        var index = new VisibilityIndex((await StoreAsync()).Rows, TimeProvider.System);
        await Task.WhenAll(Enumerable.Range(0, 20).Select(i => index.ProjectAsync(
            i % 4 == 0 ? Run($"run-{i}", "A") : Closed(Run($"run-{i}", "A")) with { CloseTime = Start.AddHours(100 - i) })));

        var due = await index.ReadClosedAsync(ListDivision.Workflows, Start.AddHours(90), 5, default);

        CollectionAssert.AreEqual(new[] { "run-19", "run-18", "run-17", "run-15", "run-14" }, due.Select(static r => r.RunId).ToArray());
    }

    [TestMethod]
    public async Task Damage_is_found_and_mended()
    {
        var memory = await StoreAsync();
        var index = new VisibilityIndex(memory.Rows, TimeProvider.System, Declared);
        var repair = new ListRepair(index);
        var runs = Enumerable.Range(0, 5).Select(i => With(Run($"run-{i}", "A"), Customer, $"c{i}")).ToList();
        await Task.WhenAll(runs.Select(r => index.ProjectAsync(r, isFirst: true)));
        var suffix = ListKeys.Suffix(runs[0]);
        await CommitAsync(memory, RowOperation.Delete($"a:Customer!c0!{suffix}", null), RowOperation.Upsert($"s:Running!{suffix}", new byte[] { 2 }), RowOperation.Insert($"t:Other!{suffix}", default));
        await CommitAsync(memory, RowOperation.Delete(ListKeys.Row(ListKeys.Suffix(runs[1])), null));
        await CommitAsync(memory, RowOperation.Upsert(ListKeys.Row(ListKeys.Suffix(runs[2])), new byte[] { 7 }));

        CollectionAssert.AreEquivalent(new[] { $"a:Customer!c0!{suffix}", $"s:Running!{suffix}" }, (await repair.DifferencesAsync(runs[0], default)).ToArray());
        foreach (var stray in await StraysAsync(repair))
        {
            await repair.RemoveStrayAsync(stray, default);
        }

        Assert.AreEqual(2, (await repair.RecountAsync(ListDivision.Workflows, mends: true, default))!.Sum(static c => -c.Count));
        await Task.WhenAll(runs.Select(r => new ListRepair(index).RepairAsync(r, default)));
        await ListChecks.ConsistentAsync(index);
        Assert.AreEqual(5, (await new WorkflowLister(index, TimeProvider.System).CountAsync(null, default))[""]);
        Assert.IsEmpty(await StraysAsync(repair));
    }

    [TestMethod]
    public async Task A_change_of_a_row_whose_keys_are_damaged_is_written_all_the_same()
    {
        var memory = await StoreAsync();
        var index = new VisibilityIndex(memory.Rows, TimeProvider.System, Declared);
        var run = With(Run("run", "A"), Customer, "x");
        await index.ProjectAsync(run, isFirst: true);
        await CommitAsync(memory, RowOperation.Delete($"s:Running!{ListKeys.Suffix(run)}", null));

        await index.ProjectAsync(Closed(run));

        await ListChecks.ConsistentAsync(index);
    }

    private static async Task<MemoryHubStore> StoreAsync()
    {
        var store = new MemoryHubStore(TimeProvider.System);
        await store.InitializeAsync([], default);
        return store;
    }

    private static async Task CommitAsync(MemoryHubStore store, params RowOperation[] operations) =>
        Assert.IsTrue((await store.Rows.CommitAsync(RowTable.Visibility, "list", operations, default)).Committed);

    private static async Task<List<StrayListKey>> StraysAsync(ListRepair repair)
    {
        var strays = new List<StrayListKey>();
        await foreach (var stray in repair.StrayKeysAsync(ListDivision.Workflows, default))
        {
            strays.Add(stray);
        }

        return strays;
    }

    private static async Task UntilWrittenAsync(VisibilityIndex index, WorkflowSummary run, bool isFirst) => await UntilDoneAsync(() => index.ProjectAsync(run, isFirst));

    private static async Task UntilRemovedAsync(VisibilityIndex index, WorkflowSummary run) => await UntilDoneAsync(() => index.RemoveAsync(run, default));

    private static async Task UntilDoneAsync(Func<Task> write)
    {
        while (true)
        {
            try
            {
                await write();
                return;
            }
            catch (StorageException)
            {
                // Its nudge would come again.
            }
        }
    }

    private static WorkflowSummary Run(string id, string type) => new("w-" + id, id, type, "q", WorkflowExecutionStatus.Running) { StartTime = Start, HistoryLength = 1 };

    private static WorkflowSummary Closed(WorkflowSummary run) => run with { Status = WorkflowExecutionStatus.Completed, CloseTime = Start.AddMinutes(1), HistoryLength = run.HistoryLength };

    private static WorkflowSummary Next(WorkflowSummary run, Random random) =>
        run.CloseTime is not null ? run
        : random.Next(4) == 0 ? Closed(run with { HistoryLength = run.HistoryLength + 2 })
        : With(run with { HistoryLength = run.HistoryLength + 2 }, Customer, $"customer-{random.Next(3)}");

    private static WorkflowSummary With(WorkflowSummary run, SearchAttributeKey key, object value) =>
        run with { SearchAttributes = new Dictionary<string, Payload>(run.SearchAttributes) { [key.Name] = SearchAttributeEncoding.Encode(key, value) } };

    private static byte[] Bytes(int count)
    {
        var bytes = new byte[count];
        new Random(1).NextBytes(bytes);
        return bytes;
    }
}
