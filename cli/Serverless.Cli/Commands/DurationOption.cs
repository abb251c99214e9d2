using System.CommandLine;
using Serverless.Functions.Configuration;

namespace Serverless.Cli.Commands;

/// <summary>Options whose value is a duration such as 30s; it goes to the API as it was written.</summary>
internal static class DurationOption
{
    public static Option<string?> Create(string name, string description)
    {
        var option = new Option<string?>(name) { Description = description, HelpName = "duration" };
        option.Validators.Add(result =>
        {
            var text = result.GetValueOrDefault<string?>();
            if (text is not null && !Durations.TryParse(text, out _))
            {
                result.AddError($"{name}: '{text}' is not a duration. Write {Durations.Syntax}.");
            }
        });
        return option;
    }

    /// <summary>The duration; null when the option was not given.</summary>
    public static TimeSpan? Parse(string? text) => Durations.TryParse(text, out var duration) ? duration : null;
}
