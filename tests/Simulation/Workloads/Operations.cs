using Serverless.Api.Common.V1;
using Serverless.Api.Enums.V1;
using Serverless.Client;
using Serverless.Converters;
using Serverless.Engine;
using Serverless.Exceptions;
using Serverless.History;
using Serverless.Simulation.Checkers;
using Serverless.Simulation.Hosts;
using Serverless.Simulation.Model;
using Serverless.Simulation.Storage;
using Serverless.Workflows;

namespace Serverless.Simulation.Workloads;

/// <summary>
/// Clients that ask the same workflow ids for whatever comes to their minds, at the same time: start with all policies, signal, update, query, describe, cancel, terminate. All that they were
/// told must be what the reference model tells in some order of their questions.
/// </summary>
internal sealed class Operations(SimWorld world) : Workload(world)
{
    private const int Clients = 3;
    private readonly StoredHistory _stored = new(world);
    private int _now;

    public override Task RunAsync(SimClient client) => EachAsync(client, i => OneAsync(client, $"ledger-{i}"));

    private async Task OneAsync(SimClient client, string id)
    {
        var subject = new Subject(id);
        await client.WhenAllAsync(Enumerable.Range(0, Clients).Select(c => (Func<Task>)(() => AskAroundAsync(client, subject, c))));
        await EndAllAsync(client, subject);
        var last = new Operation(OperationKind.Final, _now++) { Runs = [.. RunsOf(subject)] };
        last.Answered = _now++;
        subject.Operations.Add(last);
        subject.Operations.AddRange([.. subject.Operations.Where(static o => !o.Told.Accepted && o.MayComeLate).SelectMany(o => GhostsOf(o, subject))]);
        subject.Operations.AddRange([.. subject.Operations.Select(static o => o.SentAlong).OfType<Operation>()]);
        Expect(
            new Linearization(subject.Operations).Exists(),
            $"no order of these operations on {id} explains what clients were told:{Environment.NewLine}{string.Join(Environment.NewLine, subject.Operations)}");
    }

    private IEnumerable<Operation> GhostsOf(Operation refused, Subject subject) => refused.Kind switch
    {
        OperationKind.Start => subject.RunsByRequest.TryGetValue(NameOf(subject, refused), out var run) ? [refused.Ghost(run)] : [],
        OperationKind.Add or OperationKind.Finish => [refused.Ghost("")],
        _ => [],
    };

    private async Task AskAroundAsync(SimClient client, Subject subject, int number)
    {
        var count = 3 + Random.Next(5);
        for (var n = 0; n < count; n++)
        {
            if (Random.Next(3) == 0)
            {
                await client.SleepAsync(TimeSpan.FromSeconds(Random.Next(20)));
            }

            await AskAsync(client, subject, Draw(subject, $"{number}.{n}"));
        }
    }

    private Operation Draw(Subject subject, string token)
    {
        var kind = subject.Runs.Count == 0 ? OperationKind.Start : (OperationKind)Random.Next((int)OperationKind.Final);
        var conflict = (WorkflowIdConflictPolicy)(1 + Random.Next(3));
        var target = subject.Runs.Count == 0 ? "" : subject.Runs[Random.Next(4) == 0 ? Random.Next(subject.Runs.Count) : ^1];
        return kind switch
        {
            // A start that finds a run and signals it may, when it is repeated, find another one: what is sent along is sent once only where it makes the run.
            OperationKind.Start => new Operation(kind, _now++)
            {
                Conflict = conflict,
                Reuse = conflict == WorkflowIdConflictPolicy.TerminateExisting ? WorkflowIdReusePolicy.AllowDuplicate : (WorkflowIdReusePolicy)(1 + Random.Next(3)),
                Token = conflict != WorkflowIdConflictPolicy.UseExisting && Random.Next(2) == 0 ? token : "",
            },
            OperationKind.Add => new Operation(kind, _now++) { Token = token, Target = Random.Next(2) == 0 ? target : "" },
            OperationKind.Finish when Random.Next(2) == 0 => new Operation(OperationKind.Describe, _now++),
            OperationKind.AddNow => new Operation(kind, _now++) { Token = token, Target = target },
            OperationKind.Cancel or OperationKind.Terminate => new Operation(kind, _now++) { Target = target },
            _ => new Operation(kind, _now++),
        };
    }

    private async Task AskAsync(SimClient client, Subject subject, Operation asked)
    {
        subject.Operations.Add(asked);
        var tries = 0;
        asked.Told = await client.AskAsync(c =>
        {
            tries++;
            return TryAsync(c, subject.Id, asked, NameOf(subject, asked));
        });
        asked.MayComeLate = tries > 1 || World.Options.Faults?.Storage.Any(static f => f.Kind == FateKind.LateSuccess) == true || World.Options.Single?.Kind == FateKind.LateSuccess;
        asked.Answered = _now++;
        World.Note("client", $"{subject.Id} {asked}");
        if (asked.Told.Run.Length > 0 && !subject.Runs.Contains(asked.Told.Run))
        {
            subject.Runs.Add(asked.Told.Run);
        }
    }

    /// <summary>The name under which a request is repeated.</summary>
    private static string NameOf(Subject subject, Operation asked) => $"{subject.Id}/{asked.Asked}";

    private static async Task<Told> TryAsync(WorkflowClient client, string id, Operation asked, string name)
    {
        try
        {
            return await AskAsync(client, id, asked, name);
        }
        catch (WorkflowAlreadyStartedException e)
        {
            return new Told(false, e.RunId);
        }
        catch (RpcException e) when (e.Code == RpcException.StatusCode.NotFound)
        {
            return Told.Refuse;
        }
        catch (WorkflowQueryFailedException e) when (e.Message.StartsWith("None of its code has run", StringComparison.Ordinal) || e.Message.Contains("it has not begun", StringComparison.Ordinal))
        {
            return Told.Accept with { CutOff = true };
        }
        catch (WorkflowUpdateFailedException)
        {
            return Told.Accept with { CutOff = true };
        }
    }

    private static async Task<Told> AskAsync(WorkflowClient client, string id, Operation asked, string name)
    {
        var current = client.GetWorkflowHandle<Ledger>(id);
        var target = asked.Target.Length == 0 ? current : client.GetWorkflowHandle<Ledger>(id, runId: asked.Target);
        switch (asked.Kind)
        {
            case OperationKind.Start:
                return new Told(true, (await client.StartWorkflowAsync((Ledger l) => l.RunAsync(), StartOptions(id, asked, name))).ResultRunId!);
            case OperationKind.Add:
                await target.SignalAsync(l => l.AddAsync(asked.Token), new WorkflowSignalOptions { RequestId = name });
                return Told.Accept;
            case OperationKind.AddNow:
                return ToldBy(await target.ExecuteUpdateAsync(l => l.AddNowAsync(asked.Token), new WorkflowUpdateOptions(name)));
            case OperationKind.Finish:
                await current.SignalAsync(static l => l.FinishAsync(), new WorkflowSignalOptions { RequestId = name });
                return Told.Accept;
            case OperationKind.Cancel:
                await target.CancelAsync();
                return Told.Accept;
            case OperationKind.Terminate:
                await target.TerminateAsync();
                return Told.Accept;
            case OperationKind.Query:
                return ToldBy(await current.QueryAsync(static l => l.Look()));
            default:
                var description = await current.DescribeAsync();
                return new Told(true, description.RunId) { Status = description.Status };
        }
    }

    private static WorkflowOptions StartOptions(string id, Operation asked, string name)
    {
        var options = new WorkflowOptions(id, "default") { RequestId = name, IdConflictPolicy = asked.Conflict, IdReusePolicy = asked.Reuse };
        if (asked.Token.Length > 0)
        {
            options.SignalWithStart((Ledger l) => l.AddAsync(asked.Token));
        }

        return options;
    }

    private static Told ToldBy(LedgerView view) => new(true, view.Run, view.Items);

    /// <summary>Finishes what is still open.</summary>
    private async Task EndAllAsync(SimClient client, Subject subject)
    {
        var finish = new Operation(OperationKind.Finish, _now++);
        await AskAsync(client, subject, finish);
        if (subject.Runs.Count > 0)
        {
            await EndAsync(client, subject.Id);
        }
    }

    private IEnumerable<(string, WorkflowExecutionStatus, IReadOnlyList<string>)> RunsOf(Subject subject)
    {
        for (var number = 1; ; number++)
        {
            var events = _stored.EventsOf(subject.Id, number).ToList();
            if (events is not [WorkflowStarted started, ..])
            {
                yield break;
            }

            subject.RunsByRequest[started.RequestId ?? ""] = started.RunId;
            yield return (started.RunId, CommitBuilder.StatusAfter(events[^1]), [.. events.SelectMany(AddedBy)]);
        }
    }

    private static IEnumerable<string> AddedBy(HistoryEvent e) => e switch
    {
        WorkflowSignaled { Name: "Add", Args: [var token] } => [TextOf(token)],
        WorkflowUpdateAccepted { Name: "AddNow", Args: [var token] } => [TextOf(token)],
        _ => [],
    };

    private static string TextOf(Payload payload) => DataConverter.Default.PayloadConverter.ToValue<string>(payload);

    /// <summary>One workflow id, and what was asked of it.</summary>
    private sealed record Subject(string Id)
    {
        public List<Operation> Operations { get; } = [];

        /// <summary>Ids of runs that clients know of.</summary>
        public List<string> Runs { get; } = [];

        /// <summary>Runs that there are, by the name of the request that started them.</summary>
        public Dictionary<string, string> RunsByRequest { get; } = new(StringComparer.Ordinal);
    }
}

/// <summary>What a ledger has seen.</summary>
internal sealed record LedgerView(string Run, IReadOnlyList<string> Items);

/// <summary>Collects what it is sent until it is finished or cancelled.</summary>
[Workflow]
internal sealed class Ledger
{
    private readonly List<string> _items = [];
    private bool _finished;

    [WorkflowRun]
    public Task RunAsync() => Workflow.WaitConditionAsync(() => _finished);

    [WorkflowSignal]
    public Task AddAsync(string token)
    {
        _items.Add(token);
        return Task.CompletedTask;
    }

    [WorkflowUpdate]
    public Task<LedgerView> AddNowAsync(string token)
    {
        _items.Add(token);
        return Task.FromResult(Look());
    }

    [WorkflowSignal]
    public Task FinishAsync()
    {
        _finished = true;
        return Task.CompletedTask;
    }

    [WorkflowQuery]
    public LedgerView Look() => new(Workflow.Info.RunId, [.. _items]);
}
