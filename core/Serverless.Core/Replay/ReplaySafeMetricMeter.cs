using Serverless.Common;

namespace Serverless.Replay;

/// <summary>Metrics of workflow code: silent while history is replayed, in queries, and when the engine has given up on the run.</summary>
internal sealed class ReplaySafeMetricMeter(MetricMeter inner, WorkflowRun run) : MetricMeter
{
    public override MetricCounter<T> CreateCounter<T>(string name, string? unit = null, string? description = null) =>
        new Counter<T>(inner.CreateCounter<T>(name, unit, description), run);

    public override MetricHistogram<T> CreateHistogram<T>(string name, string? unit = null, string? description = null) =>
        new Histogram<T>(inner.CreateHistogram<T>(name, unit, description), run);

    public override MetricGauge<T> CreateGauge<T>(string name, string? unit = null, string? description = null) =>
        new Gauge<T>(inner.CreateGauge<T>(name, unit, description), run);

    public override MetricMeter WithTags(IEnumerable<KeyValuePair<string, object>> tags) => new ReplaySafeMetricMeter(inner.WithTags(tags), run);

    private static void Record(WorkflowRun run, Action record)
    {
        if (run.IsReplaying || run.IsAnswering || run.IsAbandoned)
        {
            return;
        }

        using var outside = WorkflowScheduler.Leave();
        record();
    }

    private sealed class Counter<T>(MetricCounter<T> inner, WorkflowRun run) : MetricCounter<T>(inner.Name, inner.Unit, inner.Description)
        where T : struct
    {
        public override void Add(T value, IEnumerable<KeyValuePair<string, object>>? extraTags = null) => Record(run, () => inner.Add(value, extraTags));

        public override MetricCounter<T> WithTags(IEnumerable<KeyValuePair<string, object>> tags) => new Counter<T>(inner.WithTags(tags), run);
    }

    private sealed class Histogram<T>(MetricHistogram<T> inner, WorkflowRun run) : MetricHistogram<T>(inner.Name, inner.Unit, inner.Description)
        where T : struct
    {
        public override void Record(T value, IEnumerable<KeyValuePair<string, object>>? extraTags = null) =>
            ReplaySafeMetricMeter.Record(run, () => inner.Record(value, extraTags));

        public override MetricHistogram<T> WithTags(IEnumerable<KeyValuePair<string, object>> tags) => new Histogram<T>(inner.WithTags(tags), run);
    }

    private sealed class Gauge<T>(MetricGauge<T> inner, WorkflowRun run) : MetricGauge<T>(inner.Name, inner.Unit, inner.Description)
        where T : struct
    {
        public override void Set(T value, IEnumerable<KeyValuePair<string, object>>? extraTags = null) => Record(run, () => inner.Set(value, extraTags));

        public override MetricGauge<T> WithTags(IEnumerable<KeyValuePair<string, object>> tags) => new Gauge<T>(inner.WithTags(tags), run);
    }
}
