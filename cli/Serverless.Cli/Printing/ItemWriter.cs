using System.Text.Json.Nodes;

namespace Serverless.Cli.Printing;

/// <summary>Writes items as they come: as elements of one JSON array, as lines, or, when all are there, as a table.</summary>
internal sealed class ItemWriter(TextWriter output, Printer printer, IReadOnlyList<Column> columns)
{
    private readonly List<JsonObject> _rows = [];

    public int Count { get; private set; }

    public async Task AddAsync(JsonObject item)
    {
        switch (printer.Format)
        {
            case OutputFormat.Table:
                _rows.Add(item);
                break;
            case OutputFormat.Json:
                await output.WriteAsync($"{(Count == 0 ? "[" : ",")}\n{Printer.Text(item, indented: true)}");
                break;
            default:
                await output.WriteLineAsync(Printer.Text(item, indented: false));
                await output.FlushAsync();
                break;
        }

        Count++;
    }

    /// <summary>Writes what is still missing for a whole document.</summary>
    public async Task EndAsync()
    {
        if (printer.Format == OutputFormat.Json)
        {
            await output.WriteLineAsync(Count == 0 ? "[]" : "\n]");
        }
        else if (printer.Format == OutputFormat.Table)
        {
            Show();
        }
    }

    /// <summary>Draws the rows so far as a table of their own; for what goes on.</summary>
    public void Show()
    {
        if (_rows.Count > 0)
        {
            printer.View.Table(columns, _rows);
            _rows.Clear();
        }
    }
}
