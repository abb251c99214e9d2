using Serverless.Simulation.Modes;

namespace Serverless.Simulation.Tests;

/// <summary>What failed once passes for ever.</summary>
[TestClass]
public sealed class BugTests
{
    public static IEnumerable<string> Names => Bug.All.Select(static b => b.Name);

    [TestMethod]
    [DynamicData(nameof(Names))]
    public void A_mended_bug_stays_mended(string name) => Runs.MustPass(Simulation.Run(Bug.All.Single(b => b.Name == name).Options));

    [TestMethod]
    public void A_bug_is_read_as_it_was_stored()
    {
        var folder = Directory.CreateTempSubdirectory("bugs").FullName;
        try
        {
            var options = OptionsDraw.Draw(7, Workloads.WorkloadList.Names);
            var path = Bug.Of("A nudge's mark, lost (twice)", options).Store(folder);
            Assert.AreEqual("7-a-nudge-s-mark-lost-twice.json", Path.GetFileName(path));
            var json = System.Text.Json.Nodes.JsonNode.Parse(File.ReadAllText(path))!;
            Assert.AreEqual(Report.Line(options), Report.Line(SimOptions.FromJson(json["options"]!.ToJsonString())));
        }
        finally
        {
            Directory.Delete(folder, true);
        }
    }
}
