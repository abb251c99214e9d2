using Serverless.Replay;

namespace Serverless.Maintenance;

/// <summary>What mends what, in words for people.</summary>
internal static class Repairs
{
    /// <summary>What repairs a blocked run.</summary>
    /// <param name="cause">A <see cref="WorkflowTaskFailedCause"/> as stored; one that is not known gets the general answer.</param>
    public static string OfBlock(string cause) => Enum.TryParse<WorkflowTaskFailedCause>(cause, out var known) ? known switch
    {
        WorkflowTaskFailedCause.UnhandledException => "deploy code that does not throw this, or that throws a failure; the next attempt goes on by itself",
        WorkflowTaskFailedCause.Nondeterminism => "deploy the code that its history was recorded with, or code with a patch; or reset it to before the change",
        WorkflowTaskFailedCause.LeftScheduler => "deploy code that stays on the workflow's scheduler; the message names the call",
        WorkflowTaskFailedCause.Deadlock => "deploy code that gives control back; the next attempt goes on by itself",
        WorkflowTaskFailedCause.MemoryExhausted => "deploy code that collects less, or give its processes more memory; the next attempt goes on by itself",
        WorkflowTaskFailedCause.ProcessDied => "deploy code that does not end its process (the log of the dead ones says how they ended); the next attempt goes on by itself",
        WorkflowTaskFailedCause.UnknownWorkflowType => "deploy its type again, or terminate it",
        WorkflowTaskFailedCause.CorruptHistory => "reset it to before the damage, or terminate it",
        WorkflowTaskFailedCause.OtherBuild => "start a process of its build",
        WorkflowTaskFailedCause.LimitExceeded => "reset it, or terminate it; let its code continue as new earlier",
        _ => General,
    }
    : General;

    private const string General = "remove the cause; the next attempt goes on by itself. Or reset or terminate it";
}
