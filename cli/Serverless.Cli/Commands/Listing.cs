using System.Text.Json.Nodes;
using Serverless.Cli.Printing;

namespace Serverless.Cli.Commands;

/// <summary>Prints a list that came in one answer.</summary>
internal static class Listing
{
    public static async Task<ExitCode> PrintAsync(Session session, ItemWriter items, IEnumerable<JsonObject> all, string none)
    {
        foreach (var item in all)
        {
            await items.AddAsync(item);
        }

        await items.EndAsync();
        if (items.Count == 0)
        {
            await session.NoteAsync(none);
        }

        return ExitCode.Ok;
    }
}
