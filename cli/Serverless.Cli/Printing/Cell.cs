using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Spectre.Console;

namespace Serverless.Cli.Printing;

/// <summary>A text in a table, safe to show: what a workflow put into it can't steer the terminal.</summary>
internal readonly record struct Cell
{
    private static readonly JsonSerializerOptions _compact = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public Cell(string? text, Color? colour = null) => (Text, Colour) = (VisibleText.Of(text ?? ""), colour);

    public string Text { get; }

    public Color? Colour { get; }

    public static implicit operator Cell(string? text) => new(text);

    /// <summary>A text as it is, everything else as JSON; no longer than <paramref name="max"/>.</summary>
    public static Cell Of(JsonNode? node, int max = int.MaxValue) => new(Shorten(Plain(node), max));

    public static Cell Number(JsonNode? node) =>
        node is JsonValue value && value.TryGetValue<long>(out var number) ? number.ToString("N0", CultureInfo.InvariantCulture) : Of(node);

    public static Cell Status(JsonNode? node) => new(Plain(node), Plain(node) switch
    {
        "Running" => Color.Blue,
        "Completed" => Color.Green,
        "Failed" or "Blocked" => Color.Red,
        "Canceled" or "Terminated" or "TimedOut" => Color.Yellow,
        _ => null,
    });

    public static string Json(JsonNode? node, int max = int.MaxValue) => Shorten(node?.ToJsonString(_compact) ?? "null", max);

    private static string Plain(JsonNode? node) => node switch
    {
        null => "",
        JsonValue value when value.TryGetValue<string>(out var text) => text,
        _ => Json(node),
    };

    private static string Shorten(string text, int max) => text.Length <= max ? text : $"{text[..(max - 1)]}…";
}
