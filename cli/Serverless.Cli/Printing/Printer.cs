using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Serverless.Cli.Printing;

/// <summary>Writes data to standard output, as JSON for programs or as tables for people. Nothing else writes there.</summary>
internal sealed class Printer(Surroundings around, OutputFormat format)
{
    private static readonly JsonSerializerOptions _indented = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private static readonly JsonSerializerOptions _line = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public OutputFormat Format { get; } = format;

    public View View { get; } = new(around);

    /// <summary>One document.</summary>
    public void Document(JsonNode? document, Action<View> table)
    {
        if (Format == OutputFormat.Table)
        {
            table(View);
        }
        else
        {
            around.Out.WriteLine(Text(document, Format == OutputFormat.Json));
        }
    }

    /// <summary>Many items of one kind, written while they come, but for tables: those need all of them first.</summary>
    public ItemWriter Items(IReadOnlyList<Column> columns) => new(around.Out, this, columns);

    /// <summary>A value that stands for itself, such as a result: as JSON in every format.</summary>
    public void Value(JsonNode? value) => around.Out.WriteLine(Text(value, Format != OutputFormat.JsonLines));

    public static string Text(JsonNode? node, bool indented) => VisibleText.Of(JsonSerializer.Serialize(node, indented ? _indented : _line));
}
