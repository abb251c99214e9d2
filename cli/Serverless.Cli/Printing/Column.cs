using System.Text.Json.Nodes;

namespace Serverless.Cli.Printing;

/// <summary>A column of a table: its title, and what it shows of an item.</summary>
/// <param name="Title">Upper case.</param>
/// <param name="Show">The text for one item.</param>
/// <param name="IsNumber">True when it is aligned to the right.</param>
/// <param name="Wraps">True for texts, which may take several lines; ids and times must stay whole, so that they can be copied.</param>
internal sealed record Column(string Title, Func<JsonObject, Cell> Show, bool IsNumber = false, bool Wraps = false);
