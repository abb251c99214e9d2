using System.Collections.Immutable;
using Serverless.Api.Enums.V1;

namespace Serverless.Simulation.Model;

/// <summary>
/// The reference model: a workflow id, in a few plain values. A run collects what is added to it, in the order in which it was accepted, until it is finished, cancelled or terminated. Finishing
/// and cancelling are requests: the run closes some time later, and what is accepted before is part of it.
/// </summary>
internal sealed record ModelState(ImmutableList<ModelRun> Runs)
{
    public static ModelState Empty { get; } = new([]);

    private ModelRun? Current => Runs.Count == 0 ? null : Runs[^1];

    private ModelRun? Open => Current is { IsOpen: true } run ? run : null;

    /// <summary>Says the same for states that are the same.</summary>
    public string Key => string.Join('|', Runs);

    /// <summary>What it may become without an answer to anybody: a run that is asked to ends.</summary>
    /// <param name="mayBeTerminated">A start that ends what is in its way is under way.</param>
    public IEnumerable<ModelState> Endings(bool mayBeTerminated)
    {
        if (Open is not { } run)
        {
            yield break;
        }

        if (run.IsFinishing)
        {
            yield return With(run with { Status = WorkflowExecutionStatus.Completed });
        }

        if (run.IsCanceling)
        {
            yield return With(run with { Status = WorkflowExecutionStatus.Canceled });
        }

        if (mayBeTerminated)
        {
            yield return With(run with { Status = WorkflowExecutionStatus.Terminated });
        }
    }

    /// <summary>What it may be after an operation that was answered as this one was; nothing when that answer is wrong.</summary>
    public IEnumerable<ModelState> After(Operation operation) => operation.Kind switch
    {
        OperationKind.Start => AfterStart(operation),
        OperationKind.Add => AfterRequest(operation, run => run with { Items = run.Items.Add(operation.Token) }),
        OperationKind.Finish => AfterRequest(operation, static run => run with { IsFinishing = true }),
        OperationKind.AddNow => AfterUpdate(operation),
        OperationKind.Cancel => AfterEnd(operation, static run => run with { IsCanceling = true }),
        OperationKind.Terminate => AfterEnd(operation, static run => run with { Status = WorkflowExecutionStatus.Terminated }),
        OperationKind.Query => AfterQuery(operation),
        OperationKind.Describe => If(operation.Told.Accepted ? Current is { } run && run.Id == operation.Told.Run && run.Status == operation.Told.Status : Current is null),
        _ => If(Runs.Select(static r => (r.Id, r.Status, string.Join(' ', r.Items))).SequenceEqual(operation.Runs.Select(static r => (r.Run, r.Status, string.Join(' ', r.Items))))),
    };

    private IEnumerable<ModelState> If(bool isTrue) => isTrue ? [this] : [];

    private ModelState With(ModelRun run) => new(Runs.SetItem(Runs.FindLastIndex(r => r.Id == run.Id), run));

    private IEnumerable<ModelState> AfterStart(Operation start)
    {
        if (Open is { } open && start.Conflict == WorkflowIdConflictPolicy.UseExisting)
        {
            return If(start.Told.Accepted && start.Told.Run == open.Id);
        }

        var isInTheWay = Open is not null && start.Conflict == WorkflowIdConflictPolicy.Fail;
        if (isInTheWay || (Current is { IsOpen: false } closed && !Allows(start.Reuse, closed.Status)))
        {
            return If(!start.Told.Accepted && start.Told.Run == Current!.Id);
        }

        if (!start.Told.Accepted || Runs.Exists(r => r.Id == start.Told.Run))
        {
            return [];
        }

        var before = Open is { } ended ? With(ended with { Status = WorkflowExecutionStatus.Terminated }) : this;
        return [new ModelState(before.Runs.Add(new ModelRun(start.Told.Run)))];
    }

    private static bool Allows(WorkflowIdReusePolicy policy, WorkflowExecutionStatus status) => policy switch
    {
        WorkflowIdReusePolicy.RejectDuplicate => false,
        WorkflowIdReusePolicy.AllowDuplicateFailedOnly => status != WorkflowExecutionStatus.Completed,
        _ => true,
    };

    private IEnumerable<ModelState> AfterRequest(Operation request, Func<ModelRun, ModelRun> change)
    {
        var open = Open is { } run && (request.Target.Length == 0 || request.Target == run.Id) ? Open : null;
        return request.Told.Accepted == (open is not null) ? [open is null ? this : With(change(open))] : [];
    }

    /// <summary>It was asked again if the first answer was lost: the refusal of the second does not say that the first did nothing.</summary>
    private IEnumerable<ModelState> AfterEnd(Operation request, Func<ModelRun, ModelRun> change)
    {
        if (Open is { } open && open.Id == request.Target)
        {
            return [With(change(open))];
        }

        return If(Runs.Exists(r => r.Id == request.Target));
    }

    private IEnumerable<ModelState> AfterUpdate(Operation update)
    {
        if (Open is not { } open || open.Id != update.Target)
        {
            return If(!update.Told.Accepted && Runs.Exists(r => r.Id == update.Target));
        }

        var added = open with { Items = open.Items.Add(update.Token), Seen = open.Items.Count + 1 };
        if (update.Told.CutOff)
        {
            return [this, With(added)];
        }

        return update.Told.Accepted && added.Items.SequenceEqual(update.Told.Items) ? [With(added)] : [];
    }

    private IEnumerable<ModelState> AfterQuery(Operation query)
    {
        if (!query.Told.Accepted)
        {
            return If(Current is null);
        }

        if (query.Told.CutOff)
        {
            return If(Current is { Seen: 0, Status: WorkflowExecutionStatus.Running or WorkflowExecutionStatus.Terminated });
        }

        // It answers as of the last task: what was accepted since may be missing, what any answer told may not.
        return Current is { } run && run.Id == query.Told.Run && query.Told.Items.Count >= run.Seen && run.Items.Take(query.Told.Items.Count).SequenceEqual(query.Told.Items)
            ? [With(run with { Seen = query.Told.Items.Count })]
            : [];
    }
}

/// <summary>One run of the model.</summary>
internal sealed record ModelRun(string Id)
{
    public ImmutableList<string> Items { get; init; } = [];

    /// <summary>How many of them a client has been told of.</summary>
    public int Seen { get; init; }

    public bool IsFinishing { get; init; }

    public bool IsCanceling { get; init; }

    public WorkflowExecutionStatus Status { get; init; } = WorkflowExecutionStatus.Running;

    public bool IsOpen => Status == WorkflowExecutionStatus.Running;

    public override string ToString() => $"{Id} {Status} {Seen} {IsFinishing} {IsCanceling} {string.Join(' ', Items)}";
}
