using System.Globalization;
using System.Text.Json.Nodes;
using Spectre.Console;

namespace Serverless.Cli.Printing;

/// <summary>
/// Shows on standard error how far long work is: as a bar on a terminal where nothing else is being written, as a line from time to time elsewhere.
/// </summary>
internal sealed class Progress(Surroundings around, bool dataStreams)
{
    private static readonly TimeSpan _betweenLines = TimeSpan.FromSeconds(2);

    private long _lastLine;
    private bool _hasLine;

    /// <param name="what">What is done, such as "Exporting".</param>
    /// <param name="work">Does it, and reports <c>done</c> and <c>total</c> as it goes.</param>
    public async Task RunAsync(string what, Func<Action<JsonObject>, Task> work)
    {
        if (around.ErrorIsTerminal && around.Variable("TERM") != "dumb" && !(dataStreams && around.OutIsTerminal))
        {
            await BarAsync(what, work);
        }
        else
        {
            await work(progress => Line(what, progress));
        }
    }

    private static (double Done, double? Total) Read(JsonObject progress) => (Number(progress["done"]) ?? 0, Number(progress["total"]));

    private static double? Number(JsonNode? node) =>
        node is not null && double.TryParse(node.ToJsonString(), CultureInfo.InvariantCulture, out var number) ? number : null;

    private async Task BarAsync(string what, Func<Action<JsonObject>, Task> work)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = AnsiSupport.Yes,
            Interactive = InteractionSupport.Yes,
            ColorSystem = around.HasColours(around.ErrorIsTerminal) ? ColorSystemSupport.Standard : ColorSystemSupport.NoColors,
            Out = new AnsiConsoleOutput(around.Error),
        });
        await console.Progress()
            .Columns(new SpinnerColumn(), new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn())
            .StartAsync(async context =>
            {
                var task = context.AddTask(what);
                task.IsIndeterminate = true;
                await work(progress =>
                {
                    var (done, total) = Read(progress);
                    task.IsIndeterminate = total is null;
                    task.MaxValue = total ?? Math.Max(done, 1);
                    task.Value = done;
                    task.Description = Markup.Escape($"{what} {done.ToString("N0", CultureInfo.InvariantCulture)}");
                });
                task.IsIndeterminate = false;
                task.Value = task.MaxValue;
            });
    }

    private void Line(string what, JsonObject progress)
    {
        if (_hasLine && around.Time.GetElapsedTime(_lastLine) < _betweenLines)
        {
            return;
        }

        (_hasLine, _lastLine) = (true, around.Time.GetTimestamp());
        var (done, total) = Read(progress);
        around.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{what}: {done:N0}{(total is null ? "" : $" of {total:N0}")}"));
    }
}
