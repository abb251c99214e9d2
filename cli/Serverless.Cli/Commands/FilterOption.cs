using System.CommandLine;

namespace Serverless.Cli.Commands;

/// <summary><c>--query</c>: the list filter.</summary>
internal static class FilterOption
{
    public const string Name = "--query";

    public static Option<string?> Optional(string what = "workflows") => Create($"Only {what} that this filter takes.");

    public static Option<string?> Required(string what)
    {
        var option = Create($"The filter that says {what}.");
        option.Required = true;
        return option;
    }

    private static Option<string?> Create(string description) =>
        new(Name, "-q") { Description = $"{description} Such as \"ExecutionStatus = 'Running' AND StartTime > now() - 1d\".", HelpName = "filter" };
}
