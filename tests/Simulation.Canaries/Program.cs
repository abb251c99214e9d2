using System.Diagnostics;
using Serverless;
using Serverless.Simulation.Canaries;

// Which seed notices which broken rule: the table of the simulation's README. Arguments: names; none for all.
var failed = 0;
foreach (var canary in Canary.All.Where(c => args.Length == 0 || args.Contains(c.Name)))
{
    var watch = Stopwatch.StartNew();
    var noticed = CanaryRun.FirstNoticed(canary);
    failed += noticed is null ? 1 : 0;
    Console.WriteLine($"{canary.Name,-24} {(noticed is { } n ? $"{n.Seed,4} of {canary.Within}" : $"not noticed in {canary.Within}"),-20} {watch.Elapsed.TotalSeconds,6:0.0} s  {noticed?.Verdict.Split('\n')[0]}");
}

return failed;
