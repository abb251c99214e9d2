using Serverless.Api.Enums.V1;
using Serverless.Visibility;

namespace Serverless.Storage.Tests.Lists;

/// <summary>Runs made by a generator with a fixed seed, in a list and in memory alike.</summary>
internal sealed class ListWorld
{
    public static readonly DateTimeOffset Now = new(2026, 11, 24, 12, 0, 0, TimeSpan.Zero);
    private static readonly string[] Types = ["Order", "Payment", "Refund", "Ship/ment", "Order2"];
    private static readonly string[] Tags = ["red", "green", "blue", "grün", "a/b", "x y", "rare"];
    private static readonly string[] Regions = ["eu", "us", "ap"];
    private static readonly WorkflowExecutionStatus[] Ends =
    [
        WorkflowExecutionStatus.Completed, WorkflowExecutionStatus.Completed, WorkflowExecutionStatus.Completed, WorkflowExecutionStatus.Failed,
        WorkflowExecutionStatus.Canceled, WorkflowExecutionStatus.Terminated, WorkflowExecutionStatus.TimedOut, WorkflowExecutionStatus.ContinuedAsNew,
    ];

    private readonly Random _random = new(20261124);
    private readonly List<ListedRun> _runs = [];
    private readonly List<int> _open = [];
    private readonly TimeSpan _step;
    private DateTimeOffset _clock = Now.AddDays(-30);

    /// <param name="rows">Where the list is.</param>
    /// <param name="count">About how many runs there will be.</param>
    public ListWorld(IRowStore rows, int count)
    {
        _step = TimeSpan.FromDays(30) / count;
        var clock = new SteadyClock();
        Index = new VisibilityIndex(rows, clock, ListedRun.Declared, slot: 3);
        Lister = new WorkflowLister(Index, clock);
    }

    public VisibilityIndex Index { get; }

    public WorkflowLister Lister { get; }

    public IReadOnlyList<ListedRun> Runs => _runs;

    /// <summary>Fills the list: first all as they began, a part of them closed later, as in life.</summary>
    public async Task FillAsync(int count, int open)
    {
        const int Group = 2_000;
        for (var left = count; left > 0; left -= Group)
        {
            var made = Enumerable.Range(0, Math.Min(left, Group)).Select(_ => Make()).ToList();
            await Task.WhenAll(made.Select(r => Index.ProjectAsync(r.Summary, isFirst: true)));
            var closing = Math.Max(0, _open.Count - (open * (count - left + Group) / count));
            await Task.WhenAll(Enumerable.Range(0, closing).Select(_ => CloseAsync()));
        }
    }

    /// <summary>What happens between two pages: runs start, close, and change their attributes.</summary>
    public async Task GoOnAsync()
    {
        var changes = new List<Task>();
        for (var i = 0; i < 3; i++)
        {
            changes.Add(Index.ProjectAsync(Make().Summary, isFirst: true));
        }

        for (var i = 0; i < 2 && _open.Count > 10; i++)
        {
            changes.Add(CloseAsync());
        }

        var at = _open[_random.Next(_open.Count)];
        _runs[at] = WithAttributes(_runs[at] with { Events = _runs[at].Events + 3 });
        changes.Add(Index.ProjectAsync(_runs[at].Summary));
        await Task.WhenAll(changes);
    }

    private Task CloseAsync()
    {
        var pick = _random.Next(_open.Count);
        var at = _open[pick];
        _open[pick] = _open[^1];
        _open.RemoveAt(_open.Count - 1);
        _runs[at] = Closed(_runs[at]);
        return Index.ProjectAsync(_runs[at].Summary);
    }

    private ListedRun Closed(ListedRun run) => run with
    {
        Status = Ends[_random.Next(Ends.Length)],
        Close = run.Start.AddSeconds(_random.Next(1, 5_000)),
        Events = run.Events + 5,
    };

    /// <summary>A new run. Nine of ten close at once, before anybody wrote them.</summary>
    private ListedRun Make()
    {
        var n = _runs.Count;
        var bytes = new byte[16];
        _random.NextBytes(bytes);

        // They start one after the other, within 30 days; some at the very same moment as the one before, some were reported late.
        _clock += _random.Next(20) == 0 ? TimeSpan.Zero : _step * (2 * _random.NextDouble());
        var start = _random.Next(20) == 0 ? _clock - TimeSpan.FromHours(_random.Next(50)) : _clock;
        var run = WithAttributes(new ListedRun($"wf-{_random.Next(40_000)}", new Guid(bytes).ToString(), Types[(int)(Types.Length * Math.Pow(_random.NextDouble(), 2))], WorkflowExecutionStatus.Running, start)
        {
            Events = 3,
            Parent = _random.Next(10) == 0 ? $"parent-{_random.Next(50)}" : null,
        });
        if (_random.Next(10) != 0)
        {
            run = Closed(run);
        }
        else
        {
            _open.Add(n);
        }

        _runs.Add(run);
        return run;
    }

    private ListedRun WithAttributes(ListedRun run) => run with
    {
        Customer = Maybe(0.7) ? $"customer-{(int)(1000 * Math.Pow(_random.NextDouble(), 3)):d4}" : Maybe(0.5) ? new string('ß', 50) + _random.Next(5) : null,
        Amount = Maybe(0.4) ? Math.Round(Math.Pow(10, _random.NextDouble() * 6), 2) - 1_000 : null,
        Items = Maybe(0.4) ? _random.Next(-5, 2_000) : null,
        Vip = Maybe(0.3) ? Maybe(0.02) : null,
        Due = Maybe(0.3) ? Now.AddMinutes(_random.Next(-100_000, 100_000)) : null,
        Tags = [.. Tags.Where((_, i) => _random.Next(3 * (i + 1) * (i + 1)) == 0)],
        Note = Maybe(0.1) ? "ship it before Monday" : null,
        Region = Maybe(0.9) ? Regions[_random.Next(Regions.Length)] : null,
    };

    private bool Maybe(double chance) => _random.NextDouble() < chance;

    /// <summary>Stands still, and lets real timers run.</summary>
    private sealed class SteadyClock : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => Now;
    }
}
