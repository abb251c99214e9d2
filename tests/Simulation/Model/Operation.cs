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

    /// <summary>False: it was refused, because the id is in use (a start), or there is no open run (else).</summary>
    public bool Accepted { get; set; } = true;

    /// <summary>True for an update that was accepted and did not end before its run, and for a query of a run that ended before its code ran.</summary>
    public bool CutOff { get; set; }

    /// <summary>The run that answered, or is in the way.</summary>
    public string Run { get; set; } = "";

    public WorkflowExecutionStatus Status { get; set; }

    /// <summary>What the run had seen.</summary>
    public IReadOnlyList<string> Items { get; set; } = [];

    /// <summary>All runs, the oldest first, for <see cref="OperationKind.Final"/>.</summary>
    public IReadOnlyList<(string Run, WorkflowExecutionStatus Status, IReadOnlyList<string> Items)> Runs { get; set; } = [];

    public override string ToString()
    {
        var question = Kind switch
        {
            OperationKind.Start => $"Start {Conflict}/{Reuse} {Token}",
            OperationKind.Cancel or OperationKind.Terminate => $"{Kind} {Target}",
            OperationKind.AddNow => $"AddNow {Token} to {Target}",
            _ => $"{Kind} {Token}".TrimEnd(),
        };
        var answer = Kind == OperationKind.Final
            ? string.Join("; ", Runs.Select(static r => $"{r.Run} {r.Status} [{string.Join(' ', r.Items)}]"))
            : $"{(Accepted ? "accepted" : "refused")}{(CutOff ? ", cut off" : "")} {Run} {(Kind == OperationKind.Describe ? Status : "")} [{string.Join(' ', Items)}]";
        return $"{Asked}-{Answered}: {question} -> {answer}";
    }
}
