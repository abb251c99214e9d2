using Serverless.Api.Enums.V1;
using Serverless.Client;
using Serverless.Common;
using Serverless.Exceptions;
using Serverless.Simulation.Hosts;
using Serverless.Workflows;

namespace Serverless.Simulation.Workloads;

/// <summary>
/// Workflows that have search attributes, change them and end in several ways, and batches that do something to all of a group: each is reached once, the batch's numbers never go back, and
/// in the end list and counters say what the workflows themselves say.
/// </summary>
internal sealed class Lists(SimWorld world) : Workload(world)
{
    private static readonly SearchAttributeKey<string> Group = SearchAttributeKey.CreateKeyword("Group");
    private static readonly SearchAttributeKey<long> Rank = SearchAttributeKey.CreateLong("Rank");
    private readonly SortedDictionary<string, (string Group, long Rank)> _members = new(StringComparer.Ordinal);

    public override Task RunAsync(SimClient client) => EachAsync(client, i => GroupAsync(client, $"g{i}"));

    public override async Task CheckAsync(SimClient client)
    {
        var all = new SortedDictionary<string, (string Group, long Rank, WorkflowExecutionStatus Status)>(StringComparer.Ordinal);
        foreach (var (id, member) in _members)
        {
            var found = await client.AskAsync(c => c.GetWorkflowHandle(id).DescribeAsync());
            var rank = found.TypedSearchAttributes.Get(Rank);
            Expect(rank == member.Rank, $"{id} has the rank {rank}, not {member.Rank}");
            all[id] = (found.TypedSearchAttributes.Get(Group), rank, found.Status);
        }

        for (var i = 0; i < World.Options.Size; i++)
        {
            var group = $"g{i}";
            await CompareAsync(client, $"`Group` = '{group}'", all.Where(m => m.Value.Group == group).Select(static m => m.Key));
            await CompareAsync(client, $"`Group` = '{group}' AND Rank >= 2", all.Where(m => m.Value.Group == group && m.Value.Rank >= 2).Select(static m => m.Key));
            await CompareAsync(client, $"`Group` = '{group}' AND ExecutionStatus = 'Completed'", all.Where(m => m.Value.Group == group && m.Value.Status == WorkflowExecutionStatus.Completed).Select(static m => m.Key));
        }

        var members = $"WorkflowType = '{nameof(Member)}'";
        await CompareAsync(client, members, all.Keys);
        foreach (var status in (WorkflowExecutionStatus[])[WorkflowExecutionStatus.Completed, WorkflowExecutionStatus.Canceled, WorkflowExecutionStatus.Terminated])
        {
            await CompareAsync(client, $"{members} AND ExecutionStatus = '{status}'", all.Where(m => m.Value.Status == status).Select(static m => m.Key));
        }
    }

    private async Task GroupAsync(SimClient client, string group)
    {
        var ids = Enumerable.Range(0, 1 + Random.Next(5)).Select(i => $"member-{group}-{i}").ToList();
        var attributes = new SearchAttributeCollection.Builder().Set(Group, group).Set(Rank, 0).ToSearchAttributeCollection();
        await client.WhenAllAsync(ids.Select(id => (Func<Task>)(() => client.AskAsync(c => c.StartWorkflowAsync(
            (Member m) => m.RunAsync(), new WorkflowOptions(id, "default") { RequestId = id, TypedSearchAttributes = attributes })))));
        ids.ForEach(id => _members[id] = (group, 0));

        // The list shows them a moment later; it may be long while things fail.
        while (await client.AskAsync(process => process.Engine!.Reader.CountAsync($"`Group` = '{group}'", default)) is var counts && counts.Values.Sum() < ids.Count)
        {
            await client.SleepAsync(TimeSpan.FromSeconds(5));
        }

        await BatchAsync(client, $"{group}-promote", $"`Group` = '{group}'", BatchAction.Signal("Promote", [1L]), ids.Count);
        var (end, expected) = Random.Next(3) switch
        {
            0 => (BatchAction.Cancel, "Canceled"),
            1 => (BatchAction.Terminate, "Terminated"),
            _ => (BatchAction.Signal("Finish", []), "Completed"),
        };
        foreach (var id in ids)
        {
            // Accepted is not applied yet: a run may be blocked for a while, if those who had its message died.
            long rank;
            while ((rank = await client.AskAsync(c => c.GetWorkflowHandle<Member>(id).QueryAsync(m => m.Rank))) == 0)
            {
                await client.SleepAsync(TimeSpan.FromSeconds(5));
            }

            Expect(rank == 1, $"{id} was promoted {rank} times by a batch");
            _members[id] = (group, rank);
        }

        await BatchAsync(client, $"{group}-end", $"`Group` = '{group}' AND ExecutionStatus = 'Running'", end, ids.Count);
        foreach (var id in ids)
        {
            var ended = await EndAsync(client, id);
            Expect(ended == expected, $"{id} ended {ended}, not {expected}");
        }
    }

    private async Task BatchAsync(SimClient client, string id, string query, BatchAction action, int count)
    {
        await client.AskAsync(async c =>
        {
            try
            {
                await c.StartBatchAsync(new BatchOptions(query, action) { Id = id });
            }
            catch (RpcException e) when (e.Code == RpcException.StatusCode.AlreadyExists)
            {
                // It was started the first time.
            }
        });
        var (done, status) = (0L, WorkflowExecutionStatus.Running);
        while (status == WorkflowExecutionStatus.Running)
        {
            await client.SleepAsync(TimeSpan.FromSeconds(2));
            var batch = await client.AskAsync(c => c.GetBatchHandle(id).DescribeAsync());
            Expect(batch.Done >= done, $"batch {id} had done {done}, now {batch.Done}");
            Expect(batch.Failed == 0, $"batch {id} failed for {string.Join(", ", batch.Failures)}");
            (done, status) = (batch.Done, batch.Status);
        }

        Expect(status == WorkflowExecutionStatus.Completed && done == count, $"batch {id} is {status} and has done {done} of {count}");
    }

    private async Task CompareAsync(SimClient client, string filter, IEnumerable<string> expected)
    {
        var right = expected.ToList();
        var listed = await client.AskAsync(async process =>
        {
            var ids = new List<string>();
            string? token = null;
            do
            {
                var page = await process.Engine!.Reader.ListAsync(filter, 3, token, default);
                ids.AddRange(page.Workflows.Select(static w => w.WorkflowId));
                token = page.NextPageToken;
            }
            while (token is not null);

            return ids;
        });
        var counted = (await client.AskAsync(process => process.Engine!.Reader.CountAsync(filter, default))).Values.Sum();
        Expect(listed.Order(StringComparer.Ordinal).SequenceEqual(right), $"{filter} lists {string.Join(" ", listed)}, not {string.Join(" ", right)}");
        Expect(counted == right.Count, $"{filter} counts {counted}, not {right.Count}");
    }
}

/// <summary>Has a group and a rank.</summary>
[Workflow]
internal sealed class Member
{
    private static readonly SearchAttributeKey<long> RankKey = SearchAttributeKey.CreateLong("Rank");
    private bool _finished;

    [WorkflowQuery]
    public long Rank { get; set; }

    [WorkflowRun]
    public Task RunAsync() => Workflow.WaitConditionAsync(() => _finished);

    [WorkflowSignal]
    public Task PromoteAsync(long by)
    {
        Rank += by;
        Workflow.UpsertTypedSearchAttributes(RankKey.ValueSet(Rank));
        return Task.CompletedTask;
    }

    [WorkflowSignal]
    public Task FinishAsync()
    {
        _finished = true;
        return Task.CompletedTask;
    }
}
