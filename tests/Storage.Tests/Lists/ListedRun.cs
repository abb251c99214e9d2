using Serverless.Api.Enums.V1;
using Serverless.Client;
using Serverless.Common;
using Serverless.Converters;

namespace Serverless.Storage.Tests.Lists;

/// <summary>A run as the generator made it: the facts that filters ask about, in plain types.</summary>
internal sealed record ListedRun(string Id, string Run, string Type, WorkflowExecutionStatus Status, DateTimeOffset Start)
{
    public static readonly SearchAttributeKey<string> CustomerKey = SearchAttributeKey.CreateKeyword("Customer");
    public static readonly SearchAttributeKey<double> AmountKey = SearchAttributeKey.CreateDouble("Amount");
    public static readonly SearchAttributeKey<long> ItemsKey = SearchAttributeKey.CreateLong("Items");
    public static readonly SearchAttributeKey<bool> VipKey = SearchAttributeKey.CreateBool("Vip");
    public static readonly SearchAttributeKey<DateTimeOffset> DueKey = SearchAttributeKey.CreateDateTimeOffset("Due");
    public static readonly SearchAttributeKey<IReadOnlyCollection<string>> TagsKey = SearchAttributeKey.CreateKeywordList("Tags");
    public static readonly SearchAttributeKey<string> NoteKey = SearchAttributeKey.CreateText("Note");
    public static readonly SearchAttributeKey<string> RegionKey = SearchAttributeKey.CreateText("Region");

    /// <summary>What is declared. Texts, as Note and Region are, have no index: they are found by reading.</summary>
    public static IReadOnlyDictionary<string, IndexedValueType> Declared { get; } =
        new SearchAttributeKey[] { CustomerKey, AmountKey, ItemsKey, VipKey, DueKey, TagsKey, NoteKey, RegionKey }.ToDictionary(k => k.Name, k => k.ValueType);

    public DateTimeOffset? Close { get; init; }

    public long Events { get; init; }

    public string? Parent { get; init; }

    public string? Customer { get; init; }

    public double? Amount { get; init; }

    public long? Items { get; init; }

    public bool? Vip { get; init; }

    public DateTimeOffset? Due { get; init; }

    public IReadOnlyList<string> Tags { get; init; } = [];

    public string? Note { get; init; }

    public string? Region { get; init; }

    public bool IsOpen => Close is null;

    public WorkflowSummary Summary => new(Id, Run, Type, "main", Status)
    {
        StartTime = Start,
        CloseTime = Close,
        ExecutionTime = Start,
        HistoryLength = Events,
        HistoryBytes = Events * 100,
        ParentWorkflowId = Parent,
        RootWorkflowId = Parent ?? Id,
        SearchAttributes = Attributes().ToDictionary(a => a.Key.Name, a => SearchAttributeEncoding.Encode(a.Key, a.Value)),
    };

    private IEnumerable<(SearchAttributeKey Key, object Value)> Attributes()
    {
        (SearchAttributeKey, object?)[] all =
        [
            (CustomerKey, Customer), (AmountKey, Amount), (ItemsKey, Items), (VipKey, Vip), (DueKey, Due), (NoteKey, Note), (RegionKey, Region),
            (TagsKey, Tags.Count == 0 ? null : Tags.ToArray()),
        ];
        return all.Where(a => a.Item2 is not null).Select(a => (a.Item1, a.Item2!));
    }
}
