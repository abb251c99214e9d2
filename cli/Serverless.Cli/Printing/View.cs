using System.Text.Json.Nodes;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Serverless.Cli.Printing;

/// <summary>Draws tables, lists of facts and headings. Everything that people see of data goes through here.</summary>
internal sealed class View(Surroundings around)
{
    /// <summary>Where nothing is wrapped: a file or a pipe has no edge.</summary>
    private const int Endless = 100_000;

    /// <summary>Least characters for a column of texts.</summary>
    private const int TextWidth = 40;

    private const int Gap = 2;

    private readonly Style _dim = new(decoration: Decoration.Dim);
    private readonly Style _bold = new(decoration: Decoration.Bold);

    public Moments Moments { get; } = new(around.Time);

    /// <summary>Name and value, one below the other. Facts without a value are left out.</summary>
    public void Facts(params IEnumerable<(string Name, Cell Value)> facts)
    {
        var grid = new Grid().AddColumn(new GridColumn().NoWrap().PadLeft(0).PadRight(Gap)).AddColumn(new GridColumn().PadLeft(0).PadRight(0));
        foreach (var (name, value) in facts.Where(static fact => fact.Value.Text.Length > 0))
        {
            grid.AddRow(new Text(name, _dim), Text(value));
        }

        Render(grid);
    }

    public void Heading(string text) => Render(new Text($"\n{text}", _bold));

    public void Line(Cell text) => Render(Text(text));

    public void Lines(string heading, IEnumerable<Cell> lines)
    {
        var texts = lines.ToList();
        if (texts.Count > 0)
        {
            Heading(heading);
            texts.ForEach(Line);
        }
    }

    public void Table(IReadOnlyList<Column> columns, IEnumerable<JsonObject> items)
    {
        var rows = items.Select(item => columns.Select(column => column.Show(item)).ToArray()).ToList();
        var table = new Table().Border(TableBorder.None);
        var width = 0;
        for (var i = 0; i < columns.Count; i++)
        {
            var padding = i < columns.Count - 1 ? Gap : 0;
            var column = new TableColumn(new Text(columns[i].Title, _bold)).PadLeft(0).PadRight(padding);
            column.NoWrap = !columns[i].Wraps;
            table.AddColumn(columns[i].IsNumber ? column.RightAligned() : column);
            width += padding + (columns[i].Wraps ? TextWidth : rows.Select(row => row[i].Text.Length).Append(columns[i].Title.Length).Max());
        }

        foreach (var row in rows)
        {
            table.AddRow(row.Select(static cell => (IRenderable)Text(cell)));
        }

        Render(table, width);
    }

    private static Text Text(Cell cell) => new(cell.Text, cell.Colour is { } colour ? new Style(colour) : Style.Plain);

    /// <param name="renderable">What is drawn.</param>
    /// <param name="least">What it needs; a terminal that is narrower breaks the lines itself, and nothing is cut off.</param>
    private void Render(IRenderable renderable, int least = 0)
    {
        using var text = new StringWriter();
        var colours = around.HasColours(around.OutIsTerminal);
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = colours ? AnsiSupport.Yes : AnsiSupport.No,
            ColorSystem = colours ? ColorSystemSupport.Standard : ColorSystemSupport.NoColors,
            Interactive = InteractionSupport.No,
            Out = new AnsiConsoleOutput(text),
        });
        console.Profile.Width = Math.Max(around.Width ?? Endless, least);
        console.Write(renderable);
        foreach (var line in text.ToString().TrimEnd().Split('\n'))
        {
            around.Out.WriteLine(line.TrimEnd());
        }
    }
}
