using Serverless.Api.Enums.V1;

namespace Serverless.Simulation.Model;

/// <summary>What a client asks of one workflow id.</summary>
internal enum OperationKind
{
    Start,
    Add,
    AddNow,
    Finish,
    Cancel,
    Terminate,
    Query,
    Describe,

    /// <summary>A look at everything, when nothing is asked any more.</summary>
    Final,
}

/// <summary>An answer.</summary>
/// <param name="Accepted">False: it was refused, because the id is in use (a start), or there is no open run (else).</param>
/// <param name="Run">The run that answered, or is in the way.</param>
/// <param name="Items">What the run had seen.</param>
internal sealed record Told(bool Accepted, string Run, params IReadOnlyList<string> Items)
{
    public static Told Accept { get; } = new(true, "");

    public static Told Refuse { get; } = new(false, "");

    public WorkflowExecutionStatus Status { get; init; }

    /// <summary>True for an update that was accepted and did not end before its run, and for a query of a run whose code has not run.</summary>
    public bool CutOff { get; init; }

    public override string ToString() => $"{(Accepted ? "accepted" : "refused")}{(CutOff ? ", cut off" : "")} {Run} {Status} [{string.Join(' ', Items)}]";
}

/// <summary>What a client asked, when, and what it was told. Times are places in the order of all questions and answers of a world.</summary>
internal sealed class Operation(OperationKind kind, int asked)
{
    public OperationKind Kind { get; } = kind;

    public int Asked { get; } = asked;

    /// <summary>Int.MaxValue as long as there is no answer.</summary>
    public int Answered { get; set; } = int.MaxValue;

    /// <summary>What is added: each is asked for once.</summary>
    public string Token { get; init; } = "";

    /// <summary>The run that was asked for; empty for the current one.</summary>
    public string Target { get; init; } = "";

    public WorkflowIdConflictPolicy Conflict { get; init; }

    public WorkflowIdReusePolicy Reuse { get; init; }

    public Told Told { get; set; } = Told.Accept;

    /// <summary>True when it was sent more than once, or by a network that may deliver late: what was refused in the end may still be done when it is possible again.</summary>
    public bool MayComeLate { get; set; }

    /// <summary>True for what nobody waits for any more: it may be done at any time, or never.</summary>
    public bool IsGhost { get; private init; }

    /// <summary>The message that a start sends along. It joins the others of its moment: one that is sent as early may come before it.</summary>
    public Operation? SentAlong => Kind == OperationKind.Start && Token.Length > 0 && Told.Accepted
        ? new(OperationKind.Add, Asked) { Answered = Answered, IsGhost = IsGhost, Token = Token, Target = Told.Run }
        : null;

    /// <summary>What a refused operation may still do.</summary>
    /// <param name="run">The run that it started in the end; empty for other operations.</param>
    public Operation Ghost(string run) => new(Kind, Asked) { IsGhost = true, Token = Token, Target = Target, Conflict = Conflict, Reuse = Reuse, Told = new Told(true, run) };

    /// <summary>All runs, the oldest first, for <see cref="OperationKind.Final"/>.</summary>
    public IReadOnlyList<(string Run, WorkflowExecutionStatus Status, IReadOnlyList<string> Items)> Runs { get; set; } = [];

    public override string ToString()
    {
        var question = Kind switch
        {
            OperationKind.Start => $"Start {Conflict}/{Reuse} {Token}",
            OperationKind.Cancel or OperationKind.Terminate => $"{Kind} {Target}",
            OperationKind.Add or OperationKind.AddNow => $"{Kind} {Token} to {Target}",
            _ => $"{Kind} {Token}".TrimEnd(),
        };
        var answer = Kind == OperationKind.Final
            ? string.Join("; ", Runs.Select(static r => $"{r.Run} {r.Status} [{string.Join(' ', r.Items)}]"))
            : Told.ToString();
        return $"{Asked}-{(IsGhost ? "late" : Answered)}: {question} -> {answer}";
    }
}
