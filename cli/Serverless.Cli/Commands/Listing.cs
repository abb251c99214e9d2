using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using Serverless.Cli.Api;
using Serverless.Cli.Printing;

namespace Serverless.Cli.Commands;

/// <summary>Prints a list of the API, page after page, as far as <c>--limit</c> and <c>--all</c> say.</summary>
internal sealed class Listing
{
    private const int MaxPage = 1000;
    private const int DefaultLimit = 50;

    private readonly Option<int?> _limit = new("--limit", "-n") { Description = $"At most this many. Default: {DefaultLimit}.", HelpName = "number" };
    private readonly Option<bool> _all = new("--all") { Description = "All of them, page after page." };

    public Listing() => _limit.Validators.Add(static result =>
    {
        if (result.Tokens.Any(static token => int.TryParse(token.Value, CultureInfo.InvariantCulture, out var number) && number < 1))
        {
            result.AddError("--limit must be at least 1.");
        }
    });

    public IEnumerable<Option> All => [_limit, _all];

    /// <param name="session">The run of the verb.</param>
    /// <param name="columns">What people see of an item.</param>
    /// <param name="path">Makes the path of the list, to which page size and token are added.</param>
    /// <param name="member">The member of the answer that holds the items; also what they are called.</param>
    public async Task<ExitCode> PrintAsync(Session session, IReadOnlyList<Column> columns, Func<ApiPath> path, string member)
    {
        var most = session.Value(_all) ? session.Value(_limit) ?? int.MaxValue : session.Value(_limit) ?? DefaultLimit;
        var items = session.Printer.Items(columns);
        string? token = null;
        do
        {
            var size = Math.Min(most - items.Count, MaxPage).ToString(CultureInfo.InvariantCulture);
            var page = await session.GetAsync(path().With("pageSize", size).With("pageToken", token));
            foreach (var item in (page[member] as JsonArray ?? []).OfType<JsonObject>())
            {
                await items.AddAsync(item);
            }

            token = (string?)page["nextPageToken"];
        }
        while (token is not null && items.Count < most);
        await items.EndAsync();
        if (items.Count == 0)
        {
            await session.NoteAsync($"No {member}.");
        }
        else if (token is not null)
        {
            await session.NoteAsync($"There are more than these {items.Count.ToString("N0", CultureInfo.InvariantCulture)}: see {_limit.Name} and {_all.Name}.");
        }

        return ExitCode.Ok;
    }
}
