using System.Globalization;
using Serverless.Api.Enums.V1;
using Serverless.Client;

namespace Serverless.Visibility;

/// <summary>
/// Keys of a list's partition. A run is named by its suffix, <c>{inverted start}-{run id}</c>, which sorts the newest start first; all keys of a run end with it.
/// </summary>
internal static class ListKeys
{
    /// <summary>The row itself.</summary>
    public const string RowPrefix = "r:";

    /// <summary>By status: <c>s:{status}!{suffix}</c>.</summary>
    public const string StatusPrefix = "s:";

    /// <summary>By workflow type.</summary>
    public const string TypePrefix = "t:";

    /// <summary>By workflow id.</summary>
    public const string WorkflowPrefix = "w:";

    /// <summary>Children, by their parent's workflow id.</summary>
    public const string ParentPrefix = "p:";

    /// <summary>Closed runs, the first to close first.</summary>
    public const string ClosePrefix = "c:";

    /// <summary>By the value of a search attribute: <c>a:{name}!{value}!{suffix}</c>.</summary>
    public const string AttributePrefix = "a:";

    /// <summary>Runs with more attribute values than are indexed: read beside every range of attribute keys.</summary>
    public const string CrowdedPrefix = "o:!";

    /// <summary>Counters: <c>n:{slot}:{status}!{type}</c>.</summary>
    public const string CounterPrefix = "n:";

    /// <summary>
    /// Attribute keys of one run. A change deletes and writes at most this many, and with all other keys and the counters it fits one transaction.
    /// </summary>
    public const int MaxAttributeKeys = 40;

    private const int MaxNameUnits = 24;

    /// <summary>The part of its keys that names a run.</summary>
    public static string Suffix(WorkflowSummary summary) => Suffix(summary.StartTime, summary.RunId);

    public static string Suffix(DateTimeOffset start, string runId) => Inverted(start) + "-" + KeyText.Of(runId);

    /// <summary>The beginning of the suffixes of runs that started then.</summary>
    public static string Inverted(DateTimeOffset start) => (long.MaxValue - start.UtcTicks).ToString("x16", CultureInfo.InvariantCulture);

    public static string Row(string suffix) => RowPrefix + suffix;

    /// <summary>The suffix within any key of a run.</summary>
    public static string SuffixIn(string key) => key.LastIndexOf(KeyText.End) is >= 0 and var end ? key[(end + 1)..] : key[RowPrefix.Length..];

    /// <summary>End of the keys that begin with a prefix which ends with ':' or '!'.</summary>
    public static string EndOf(string prefix) => prefix[..^1] + (char)(prefix[^1] + 1);

    public static string Attribute(string name) => AttributePrefix + KeyText.Of(name, MaxNameUnits) + KeyText.End;

    public static string Value(WorkflowExecutionStatus status) => KeyText.Of(status.ToString());

    /// <summary>All keys of a run but its row's.</summary>
    public static IReadOnlyList<string> Of(ListRow row)
    {
        var summary = row.Summary;
        var suffix = KeyText.End + Suffix(summary);
        var keys = new List<string>(16)
        {
            StatusPrefix + Value(summary.Status) + suffix,
            TypePrefix + KeyText.Of(summary.WorkflowType) + suffix,
            WorkflowPrefix + KeyText.Of(summary.WorkflowId) + suffix,
        };
        if (summary.ParentWorkflowId is { } parent)
        {
            keys.Add(ParentPrefix + KeyText.Of(parent) + suffix);
        }

        if (summary.CloseTime is { } closed)
        {
            keys.Add(ClosePrefix + KeyText.Of(closed) + suffix);
        }

        var attributes = ListIndex.ValuesOf(row).Select(value => value + suffix).ToList();
        keys.AddRange(attributes.Take(MaxAttributeKeys));
        if (attributes.Count > MaxAttributeKeys)
        {
            keys.Add(CrowdedPrefix + suffix[1..]);
        }

        return keys;
    }
}
