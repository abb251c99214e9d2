using Serverless.Api.Enums.V1;

namespace Serverless.Storage.Tests.Lists;

/// <summary>A filter, and what it means in plain code.</summary>
internal sealed record ListQuery(string Filter, Func<ListedRun, bool> Means)
{
    /// <summary>Null: newest start first.</summary>
    public Comparison<ListedRun>? Order { get; init; }

    public int PageSize { get; init; } = 50;
}

/// <summary>The filters that every store must answer alike.</summary>
internal static class ListQueries
{
    private static readonly DateTimeOffset Now = ListWorld.Now;
    private static readonly string Long = new('ß', 50);

    public static IReadOnlyList<ListQuery> All { get; } =
    [
        .. Counted, .. Starts, .. Keywords, .. Numbers, .. Others, .. Mixed, .. Ordered,
    ];

    private static ListQuery[] Counted =>
    [
        new("", _ => true),
        new("ExecutionStatus = 'Running'", r => r.IsOpen),
        new("ExecutionStatus = 'Running'", r => r.IsOpen) { PageSize = 7 },
        new("ExecutionStatus != 'Completed'", r => r.Status != WorkflowExecutionStatus.Completed),
        new("ExecutionStatus IN ('Failed', 'TimedOut')", r => r.Status is WorkflowExecutionStatus.Failed or WorkflowExecutionStatus.TimedOut),
        new("NOT (ExecutionStatus = 'Running' OR ExecutionStatus = 'Completed')", r => r.Status is not (WorkflowExecutionStatus.Running or WorkflowExecutionStatus.Completed)),
        new("WorkflowType = 'Refund'", r => r.Type == "Refund"),
        new("WorkflowType = 'Ship/ment' AND ExecutionStatus = 'Running'", r => r.Type == "Ship/ment" && r.IsOpen),
        new("WorkflowType STARTS_WITH 'Order'", r => r.Type.StartsWith("Order", StringComparison.Ordinal)),
        new("WorkflowType > 'Order' AND WorkflowType <= 'Refund'", r => string.CompareOrdinal(r.Type, "Order") > 0 && string.CompareOrdinal(r.Type, "Refund") <= 0),
        new("WorkflowType = 'None'", _ => false),
        new("ExecutionStatus = 'Running' AND ExecutionStatus = 'Failed'", _ => false),
    ];

    private static ListQuery[] Starts =>
    [
        new("StartTime > now() - 1d", r => r.Start > Now.AddDays(-1)) { PageSize = 200 },
        new("StartTime < '2026-10-26T00:00:00Z'", r => r.Start < new DateTimeOffset(2026, 10, 26, 0, 0, 0, TimeSpan.Zero)),
        new("StartTime BETWEEN '2026-11-10' AND '2026-11-10T01:00:00Z'", r => r.Start >= new DateTimeOffset(2026, 11, 10, 0, 0, 0, TimeSpan.Zero) && r.Start <= new DateTimeOffset(2026, 11, 10, 1, 0, 0, TimeSpan.Zero)),
        new("ExecutionStatus = 'Failed' AND StartTime >= now() - 2d AND StartTime < now() - 1d", r => r.Status == WorkflowExecutionStatus.Failed && r.Start >= Now.AddDays(-2) && r.Start < Now.AddDays(-1)),
        new("CloseTime IS NULL", r => r.IsOpen),
        new("CloseTime IS NOT NULL AND WorkflowType = 'Order2'", r => !r.IsOpen && r.Type == "Order2"),
        new("CloseTime > now() - 30m", r => r.Close > Now.AddMinutes(-30)),
        new("CloseTime < '2026-10-25T18:00:00Z' AND CloseTime > '2026-10-25T15:00:00Z'", r => r.Close < new DateTimeOffset(2026, 10, 25, 18, 0, 0, TimeSpan.Zero) && r.Close > new DateTimeOffset(2026, 10, 25, 15, 0, 0, TimeSpan.Zero)),
        new("ExecutionDuration > 4990s", r => r.Close - r.Start > TimeSpan.FromSeconds(4990)),
        new("HistoryLength > 8", r => r.Events > 8),
    ];

    private static ListQuery[] Keywords =>
    [
        new("WorkflowId = 'wf-77'", r => r.Id == "wf-77"),
        new("WorkflowId IN ('wf-1', 'wf-2', 'wf-3', 'wf-none')", r => r.Id is "wf-1" or "wf-2" or "wf-3"),
        new("WorkflowId STARTS_WITH 'wf-3999'", r => r.Id.StartsWith("wf-3999", StringComparison.Ordinal)),
        new("WorkflowId STARTS_WITH 'wf-'", _ => true),
        new("ParentWorkflowId = 'parent-7'", r => r.Parent == "parent-7"),
        new("ParentWorkflowId IS NOT NULL AND ExecutionStatus = 'Failed'", r => r.Parent is not null && r.Status == WorkflowExecutionStatus.Failed) { PageSize = 20 },
        new("Customer = 'customer-0800'", r => r.Customer == "customer-0800"),
        new("Customer = 'customer-0000'", r => r.Customer == "customer-0000") { PageSize = 100 },
        new("Customer IN ('customer-0100', 'customer-0200', 'customer-0300')", r => r.Customer is "customer-0100" or "customer-0200" or "customer-0300"),
        new("Customer = 'customer-0100' OR Customer = 'customer-0900'", r => r.Customer is "customer-0100" or "customer-0900"),
        new("Customer BETWEEN 'customer-0950' AND 'customer-0960'", r => string.CompareOrdinal(r.Customer, "customer-0950") >= 0 && string.CompareOrdinal(r.Customer, "customer-0960") <= 0),
        new("Customer STARTS_WITH 'customer-099'", r => r.Customer?.StartsWith("customer-099", StringComparison.Ordinal) == true),
        new($"Customer = '{Long}3'", r => r.Customer == Long + "3"),
        new($"Customer STARTS_WITH '{Long}'", r => r.Customer?.StartsWith(Long, StringComparison.Ordinal) == true),
        new($"Customer > '{Long}3'", r => string.CompareOrdinal(r.Customer, Long + "3") > 0),
        new("Customer != 'customer-0000'", r => r.Customer is not (null or "customer-0000")),
        new("Customer IS NULL", r => r.Customer is null),
        new("Region = 'eu' AND WorkflowType = 'Order2'", r => r.Region == "eu" && r.Type == "Order2"),
    ];

    private static ListQuery[] Numbers =>
    [
        new("Amount > 990000", r => r.Amount > 990_000),
        new("Amount > 0", r => r.Amount > 0),
        new("Amount <= -999", r => r.Amount <= -999),
        new("Amount BETWEEN -10 AND 10.5", r => r.Amount >= -10 && r.Amount <= 10.5) { PageSize = 30 },
        new("Amount >= 100000 AND Amount < 101000 AND ExecutionStatus = 'Completed'", r => r.Amount >= 100_000 && r.Amount < 101_000 && r.Status == WorkflowExecutionStatus.Completed),
        new("Items = 1234", r => r.Items == 1234),
        new("Items < 0", r => r.Items < 0),
        new("Items IN (1, 2, 3, -5)", r => r.Items is 1 or 2 or 3 or -5),
        new("Items = 7 OR Amount > 998500", r => r.Items == 7 || r.Amount > 998_500),
    ];

    private static ListQuery[] Others =>
    [
        new("Vip = true", r => r.Vip == true),
        new("Vip != true", r => r.Vip == false),
        new("Due > '2027-01-30T00:00:00Z'", r => r.Due > new DateTimeOffset(2027, 1, 30, 0, 0, 0, TimeSpan.Zero)),
        new("Due BETWEEN now() - 1h AND now() + 1h", r => r.Due >= Now.AddHours(-1) && r.Due <= Now.AddHours(1)),
        new("Tags = 'rare'", r => r.Tags.Contains("rare")),
        new("Tags IN ('rare', 'x y')", r => r.Tags.Contains("rare") || r.Tags.Contains("x y")) { PageSize = 25 },
        new("Tags = 'a/b' AND Tags = 'grün'", r => r.Tags.Contains("a/b") && r.Tags.Contains("grün")),
        new("Tags = 'red' AND NOT Tags = 'green'", r => r.Tags.Contains("red") && !r.Tags.Contains("green")),
        new("Note = 'monday'", r => r.Note is not null),
    ];

    private static ListQuery[] Mixed =>
    [
        new("Customer = 'customer-0001' AND ExecutionStatus = 'Running'", r => r.Customer == "customer-0001" && r.IsOpen),
        new("Customer = 'customer-0001' AND Vip = true", r => r.Customer == "customer-0001" && r.Vip == true),
        new("WorkflowType = 'Order' AND (Customer = 'customer-0002' OR Vip = true) AND StartTime > now() - 5d", r => r.Type == "Order" && (r.Customer == "customer-0002" || r.Vip == true) && r.Start > Now.AddDays(-5)),
        new("(ExecutionStatus = 'Running' AND Items > 1900) OR (ExecutionStatus = 'Failed' AND Items < 50)", r => (r.IsOpen && r.Items > 1900) || (r.Status == WorkflowExecutionStatus.Failed && r.Items < 50)),
        new("NOT (Amount > 0 OR Items > 0)", r => !(r.Amount > 0 || r.Items > 0)),
    ];

    private static ListQuery[] Ordered =>
    [
        new("ExecutionStatus = 'Running' ORDER BY StartTime", r => r.IsOpen) { Order = (x, y) => x.Start.CompareTo(y.Start) },
        new("Customer = 'customer-0005' ORDER BY CloseTime DESC", r => r.Customer == "customer-0005") { Order = (x, y) => -Last(x.Close, y.Close), PageSize = 20 },
        new("WorkflowType = 'Order2' AND ExecutionStatus = 'Failed' ORDER BY Amount DESC, WorkflowId", r => r.Type == "Order2" && r.Status == WorkflowExecutionStatus.Failed)
        {
            Order = (x, y) => -Last(x.Amount, y.Amount) is not 0 and var byAmount ? byAmount : string.CompareOrdinal(x.Id, y.Id), PageSize = 33,
        },
        new("Vip = true ORDER BY Items", r => r.Vip == true) { Order = (x, y) => Last(x.Items, y.Items), PageSize = 40 },
        new("Tags = 'rare' ORDER BY ExecutionStatus, Due DESC", r => r.Tags.Contains("rare"))
        {
            Order = (x, y) => x.Status != y.Status ? x.Status.CompareTo(y.Status) : -Last(x.Due, y.Due), PageSize = 60,
        },
    ];

    private static int Last<T>(T? x, T? y)
        where T : struct, IComparable<T> => (x, y) switch
    {
        (null, null) => 0,
        (null, _) => 1,
        (_, null) => -1,
        _ => x.Value.CompareTo(y.Value),
    };
}
