using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Configuration;
using Serverless.Common;
using Serverless.Engine;
using Serverless.Visibility;

namespace Serverless.Functions.Configuration;

/// <summary>Reads the keys under <c>Serverless:</c> into the options and checks every value: a wrong one stops the start.</summary>
internal static partial class SettingsReader
{
    public static void Read(IConfiguration configuration, ServerlessWorkflowsOptions options)
    {
        RefuseUnknownKeys(configuration.GetSection(SettingKeys.Section));
        options.Hub = configuration[SettingKeys.Hub] ?? options.Hub;
        options.TaskQueue = configuration[SettingKeys.TaskQueue] ?? options.TaskQueue;
        options.BuildId = configuration[SettingKeys.BuildId] ?? options.BuildId;
        options.DefaultVersioningBehavior = Choice(configuration, SettingKeys.DefaultVersioningBehavior, options.DefaultVersioningBehavior);
        options.PinnedOnly = Choice(configuration, SettingKeys.PinnedOnly, options.PinnedOnly ? Answer.True : Answer.False) == Answer.True;
        AccessSettings.Read(configuration, options);
        options.DataDirectory = configuration[SettingKeys.DataDirectory] ?? options.DataDirectory;
        options.MaxConcurrentWorkflowTasks = (int)Number(configuration, SettingKeys.MaxConcurrentWorkflowTasks, options.MaxConcurrentWorkflowTasks);
        options.MaxConcurrentActivities = (int)Number(configuration, SettingKeys.MaxConcurrentActivities, options.MaxConcurrentActivities);
        options.MaxRequestBytes = Number(configuration, SettingKeys.MaxRequestBytes, options.MaxRequestBytes);
        options.MaxPollInterval = Duration(configuration, SettingKeys.MaxPollInterval) ?? options.MaxPollInterval;
        options.MessageLease = Duration(configuration, SettingKeys.MessageLease) ?? options.MessageLease;
        options.Retention = Duration(configuration, SettingKeys.Retention) ?? options.Retention;
        options.ShutdownTimeout = Duration(configuration, SettingKeys.ShutdownTimeout) ?? options.ShutdownTimeout;
        foreach (var queue in List(configuration, SettingKeys.ActivityTaskQueues))
        {
            options.ActivityTaskQueues.Add(queue);
        }

        foreach (var entry in List(configuration, SettingKeys.ActivityLimits))
        {
            var match = ActivityLimit().Match(entry);
            Require(match.Success, SettingKeys.ActivityLimits, $"'{entry}' is no limit. Write 'Charge=5/20' for 5 per process and 20 across processes, 'Charge=5' or 'Charge=/20'.");
            options.ActivityLimits.Add(match.Groups["type"].Value, Places(match.Groups["process"]), Places(match.Groups["all"]));
        }

        ReadSearchAttributes(configuration, options.SearchAttributes);
    }

    /// <exception cref="ServerlessConfigurationException">A value is impossible.</exception>
    public static void Check(ServerlessWorkflowsOptions options)
    {
        Require(HubName().IsMatch(options.Hub), SettingKeys.Hub,
            $"'{options.Hub}' is no hub name. Use 3 to 30 lower-case letters and digits, beginning with a letter, such as 'orders'.");
        CheckTaskQueue(options.TaskQueue, SettingKeys.TaskQueue);
        foreach (var queue in options.ActivityTaskQueues)
        {
            CheckTaskQueue(queue, SettingKeys.ActivityTaskQueues);
        }

        Require(options.BuildId is null || (options.BuildId.Length is > 0 and <= 100 && !options.BuildId.Any(char.IsControl)), SettingKeys.BuildId,
            "a build id has 1 to 100 characters, none of them a control character.");
        Require(!options.PinnedOnly || options.BuildId is not null, SettingKeys.PinnedOnly,
            $"a process that takes only what is pinned to its build needs a build. Set {SettingKeys.BuildId}.");
        AccessSettings.Check(options);
        Require(options.DataDirectory.Trim().Length > 0, SettingKeys.DataDirectory, "the folder's name is empty. Leave the key out for '.data'.");
        Range(options.MaxConcurrentWorkflowTasks, 1, 1000, SettingKeys.MaxConcurrentWorkflowTasks);
        Range(options.MaxConcurrentActivities, 1, 10_000, SettingKeys.MaxConcurrentActivities);
        CheckLimits(options.ActivityLimits);
        Range(options.MaxRequestBytes, 1024, 100 * 1024 * 1024, SettingKeys.MaxRequestBytes);
        Require(options.MaxPollInterval is not { } poll || (poll >= TimeSpan.FromMilliseconds(100) && poll <= TimeSpan.FromMinutes(5)), SettingKeys.MaxPollInterval,
            $"{options.MaxPollInterval} is outside the range 100ms to 5m.");
        Require(options.MessageLease >= TimeSpan.FromSeconds(2) && options.MessageLease <= TimeSpan.FromMinutes(5), SettingKeys.MessageLease,
            $"{options.MessageLease} is outside the range 2s to 5m.");
        Require(options.Retention is not { } keep || (keep >= TimeSpan.FromMinutes(1) && keep <= TimeSpan.FromDays(36_500)), SettingKeys.Retention,
            $"{options.Retention} is outside the range 1m to 36500d. Leave the key out to keep closed workflows for ever.");
        Require(options.ShutdownTimeout >= TimeSpan.FromSeconds(1) && options.ShutdownTimeout <= TimeSpan.FromMinutes(10), SettingKeys.ShutdownTimeout,
            $"{options.ShutdownTimeout} is outside the range 1s to 10m.");
    }

    /// <summary>Under the Functions host, the name of the build's queue stands in a function.json, with the build id in it as it is.</summary>
    /// <exception cref="ServerlessConfigurationException">Workflows are pinned, and the build id can't be part of a queue's name.</exception>
    public static void CheckUnderFunctions(ServerlessWorkflowsOptions options)
    {
        var pins = options.DefaultVersioningBehavior == VersioningBehavior.Pinned
            || options.Registrations.Workflows.Any(static w => w.VersioningBehavior == VersioningBehavior.Pinned);
        Require(options.BuildId is null || !pins || QueueNames.IsPlainBuild(options.BuildId), SettingKeys.BuildId,
            $"'{options.BuildId}' can't be part of a queue's name, as pinned workflows need under the Functions host. Use up to 15 lower-case letters, digits and hyphens, "
            + "such as the beginning of a commit's hash.");
    }

    private static void ReadSearchAttributes(IConfiguration configuration, SearchAttributeDeclarations attributes)
    {
        foreach (var entry in List(configuration, SettingKeys.SearchAttributes))
        {
            if (entry.Split('=', StringSplitOptions.TrimEntries) is not [var name, var typeName] || SearchAttributeTypes.Find(typeName) is not { } type)
            {
                throw new ServerlessConfigurationException(
                    SettingKeys.SearchAttributes, $"'{entry}' is no search attribute. Write 'Customer=Keyword'; the types are {SearchAttributeTypes.Names}.");
            }

            Require(!attributes.ByName.ContainsKey(name), SettingKeys.SearchAttributes, $"'{name}' is declared twice.");
            Require(DeclaredAttributes.ProblemOfName(name) is null, SettingKeys.SearchAttributes, DeclaredAttributes.ProblemOfName(name) ?? "");
            attributes.Add(new SearchAttributeKey(name, type));
        }
    }

    private static void CheckTaskQueue(string name, string key) => Require(name.Length is > 0 and <= 200 && !name.Any(char.IsControl), key,
        $"'{name}' is no task queue name. Use 1 to 200 characters, none of them a control character.");

    private static void CheckLimits(ActivityLimits limits)
    {
        foreach (var (type, limit) in limits.ByType)
        {
            Require(type.Length > 0 && WorkflowKey.Escape(type).Length <= WorkflowKey.MaxEscapedLength, SettingKeys.ActivityLimits,
                $"'{type}' is no activity type: it is empty or too long.");
            Require(limit is not { PerProcess: null, AcrossProcesses: null }, SettingKeys.ActivityLimits, $"{type} has neither limit. Give one, or leave the type out.");
            Range(limit.PerProcess ?? 1, 1, 10_000, SettingKeys.ActivityLimits);
            Range(limit.AcrossProcesses ?? 1, 1, 1000, SettingKeys.ActivityLimits);
        }
    }

    private static void RefuseUnknownKeys(IConfigurationSection section)
    {
        foreach (var child in section.GetChildren())
        {
            var isKnown = SettingKeys.Known.Contains($"{SettingKeys.Section}:{child.Key}", StringComparer.OrdinalIgnoreCase);
            Require(isKnown, $"{SettingKeys.Section}:{child.Key}", $"there is no such setting. Known are: {string.Join(", ", SettingKeys.Known)}.");
            var isSection = SettingKeys.Sections.Contains(child.Path, StringComparer.OrdinalIgnoreCase);
            Require((child.Value is null) == isSection, child.Path, isSection ? "a section is expected, not a single value." : "a single value is expected, not a section.");
        }
    }

    private static string[] List(IConfiguration configuration, string key) =>
        (configuration[key] ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    private static int? Places(Group text) => text.Length == 0 ? null : int.Parse(text.Value, CultureInfo.InvariantCulture);

    private static long Number(IConfiguration configuration, string key, long fallback)
    {
        var text = configuration[key];
        if (text is null)
        {
            return fallback;
        }

        // The length keeps the value far from overflow of the narrower types it is put in; the ranges are checked afterwards.
        Require(text.Length <= 9 && long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out _), key, $"'{text}' is not a whole number in range.");
        return long.Parse(text, CultureInfo.InvariantCulture);
    }

    private static T Choice<T>(IConfiguration configuration, string key, T fallback)
        where T : struct, Enum
    {
        var text = configuration[key];
        if (text is null)
        {
            return fallback;
        }

        Require(Enum.GetNames<T>().Contains(text, StringComparer.OrdinalIgnoreCase), key, $"'{text}' is none of {string.Join(", ", Enum.GetNames<T>())}.");
        return Enum.Parse<T>(text, ignoreCase: true);
    }

    private static TimeSpan? Duration(IConfiguration configuration, string key)
    {
        var text = configuration[key];
        if (text is null)
        {
            return null;
        }

        Require(Durations.TryParse(text, out var duration), key, $"'{text}' is not a duration. Write {Durations.Syntax}.");
        return duration;
    }

    private static void Range(long value, long min, long max, string key) =>
        Require(value >= min && value <= max, key, $"{value} is outside the range {min} to {max}.");

    private static void Require(bool condition, string key, string message)
    {
        if (!condition)
        {
            throw new ServerlessConfigurationException(key, message);
        }
    }

    [GeneratedRegex("^(?<type>[^=]+)=(?<process>[0-9]{0,5})(/(?<all>[0-9]{1,5}))?$", RegexOptions.ExplicitCapture)]
    private static partial Regex ActivityLimit();

    [GeneratedRegex(@"^[a-z][a-z0-9]{2,29}\z")]
    private static partial Regex HubName();

    private enum Answer
    {
        False,
        True,
    }
}
