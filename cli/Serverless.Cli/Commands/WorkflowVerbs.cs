using System.CommandLine;

namespace Serverless.Cli.Commands;

/// <summary><c>workflow</c>: everything that can be done with one workflow, and finding it.</summary>
internal static class WorkflowVerbs
{
    public static Command Create(Verbs verbs)
    {
        var finding = new WorkflowFinding(verbs);
        var reading = new WorkflowReading(verbs);
        var steering = new WorkflowSteering(verbs);
        var repair = new WorkflowRepair(verbs);
        return Verbs.Group("workflow", "Start, find, read, steer and repair workflows.",
        [
            new WorkflowStart(verbs).Start(), finding.List(), finding.Count(), finding.Explain(), reading.Show(), reading.Describe(), reading.Why(), reading.Result(),
            steering.Signal(), steering.Query(), steering.Update(), steering.Cancel(), steering.Terminate(), repair.Reset(), repair.Fork(), repair.Resume(), steering.Delete(),
        ]);
    }
}
