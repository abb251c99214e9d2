using System.Xml.Linq;

namespace Serverless;

/// <summary>A protocol rule that can be broken on purpose, to see that the simulation notices.</summary>
/// <param name="Name">Its name in Canaries.xml.</param>
/// <param name="What">The rule, and how it is broken.</param>
/// <param name="Within">So many seeds are enough to notice.</param>
/// <param name="Workloads">What the seeds are drawn from.</param>
internal sealed record Canary(string Name, string What, int Within, string Workloads)
{
    /// <summary>A simulation runs on one thread: what is broken is broken for that thread.</summary>
    [ThreadStatic]
    private static string? s_broken;

    public static IReadOnlyList<Canary> All { get; } = Read();

    /// <summary>True where this thread's engine is to break the rule of that name.</summary>
    public static bool Is(string name) => s_broken == name;

    /// <summary>Runs something with the rule broken.</summary>
    public T Break<T>(Func<T> run)
    {
        s_broken = Name;
        try
        {
            return run();
        }
        finally
        {
            s_broken = null;
        }
    }

    private static List<Canary> Read()
    {
        using var text = typeof(Canary).Assembly.GetManifestResourceStream("Canaries.xml")!;
        return [.. XDocument.Load(text).Root!.Elements("canary").Select(static c =>
            new Canary((string)c.Attribute("name")!, c.Element("what")!.Value.Trim(), (int)c.Attribute("within")!, (string)c.Attribute("workloads")!))];
    }
}
