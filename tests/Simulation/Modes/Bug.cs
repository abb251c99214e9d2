using System.Text.Json;
using System.Text.Json.Nodes;

namespace Serverless.Simulation.Modes;

/// <summary>A run that failed once, and must pass for ever since its cause was mended.</summary>
/// <param name="Name">Seed and a few words: the name of its file.</param>
/// <param name="What">What was wrong.</param>
/// <param name="Options">The run.</param>
internal sealed record Bug(string Name, string What, SimOptions Options)
{
    private const string Prefix = "Bugs/";
    private const int MaxName = 60;
    private static readonly JsonSerializerOptions Json = new() { WriteIndented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>All that this program knows, by name.</summary>
    public static IReadOnlyList<Bug> All { get; } = [.. typeof(Bug).Assembly.GetManifestResourceNames()
        .Where(static name => name.StartsWith(Prefix, StringComparison.Ordinal)).Order(StringComparer.Ordinal).Select(Read)];

    /// <summary>A bug to be stored.</summary>
    public static Bug Of(string what, SimOptions options)
    {
        var words = string.Concat(what.Select(static c => char.IsAsciiLetterOrDigit(c) ? char.ToLowerInvariant(c) : '-')).Split('-', StringSplitOptions.RemoveEmptyEntries);
        var name = $"{options.Seed}-{string.Join('-', words)}";
        return new Bug(name[..Math.Min(name.Length, MaxName)].TrimEnd('-'), what, options);
    }

    /// <summary>Writes its file into a folder. Returns the path.</summary>
    public string Store(string folder)
    {
        Directory.CreateDirectory(folder);
        var path = Path.Combine(folder, $"{Name}.json");
        File.WriteAllText(path, new JsonObject { ["what"] = What, ["options"] = JsonNode.Parse(Options.ToJson()) }.ToJsonString(Json) + "\n");
        return path;
    }

    public override string ToString() => Name;

    private static Bug Read(string resource)
    {
        using var text = typeof(Bug).Assembly.GetManifestResourceStream(resource)!;
        var json = JsonNode.Parse(text)!;
        return new Bug(Path.GetFileNameWithoutExtension(resource[Prefix.Length..]), (string)json["what"]!, SimOptions.FromJson(json["options"]!.ToJsonString()));
    }
}
