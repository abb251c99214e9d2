using System.Diagnostics.Metrics;
using System.Globalization;

namespace Serverless.Common;

/// <summary>
/// User metrics as instruments of a <see cref="Meter"/>, where OpenTelemetry and dotnet-counters find them. Whole numbers are measured as <see cref="long"/>, others as
/// <see cref="double"/>, time spans in seconds, or in milliseconds when that is the unit asked for. Recording never throws.
/// </summary>
internal sealed class DiagnosticMetricMeter(Meter meter, MetricTags tags) : MetricMeter
{
    public const string MeterName = "Serverless";

    public override MetricCounter<T> CreateCounter<T>(string name, string? unit = null, string? description = null)
    {
        MetricNumber.CheckWhole<T>();
        return new UserCounter<T>(meter.CreateCounter<long>(name, unit, description), tags);
    }

    public override MetricHistogram<T> CreateHistogram<T>(string name, string? unit = null, string? description = null)
    {
        if (typeof(T) == typeof(TimeSpan))
        {
            unit ??= MetricNumber.Seconds;
        }
        else if (MetricNumber.IsWhole<T>())
        {
            var whole = meter.CreateHistogram<long>(name, unit, description);
            return new UserHistogram<T>(whole, (value, measured) => whole.Record(MetricNumber.Whole(value), measured), tags);
        }
        else
        {
            MetricNumber.CheckFractional<T>();
        }

        var histogram = meter.CreateHistogram<double>(name, unit, description);
        return new UserHistogram<T>(histogram, (value, measured) => histogram.Record(MetricNumber.Fractional(value, unit), measured), tags);
    }

    public override MetricGauge<T> CreateGauge<T>(string name, string? unit = null, string? description = null)
    {
        if (MetricNumber.IsWhole<T>())
        {
            var whole = meter.CreateGauge<long>(name, unit, description);
            return new UserGauge<T>(whole, (value, measured) => whole.Record(MetricNumber.Whole(value), measured), tags);
        }

        MetricNumber.CheckFractional<T>();
        var gauge = meter.CreateGauge<double>(name, unit, description);
        return new UserGauge<T>(gauge, (value, measured) => gauge.Record(MetricNumber.Fractional(value, unit), measured), tags);
    }

    public override MetricMeter WithTags(IEnumerable<KeyValuePair<string, object>> more) => new DiagnosticMetricMeter(meter, tags.With(more));

    private sealed class UserCounter<T>(Counter<long> counter, MetricTags tags) : MetricCounter<T>(counter.Name, counter.Unit, counter.Description)
        where T : struct
    {
        public override void Add(T value, IEnumerable<KeyValuePair<string, object>>? extraTags = null) =>
            counter.Add(MetricNumber.Whole(value), tags.With(extraTags).Span);

        public override MetricCounter<T> WithTags(IEnumerable<KeyValuePair<string, object>> more) => new UserCounter<T>(counter, tags.With(more));
    }

    private sealed class UserHistogram<T>(Instrument histogram, Measure<T> record, MetricTags tags)
        : MetricHistogram<T>(histogram.Name, histogram.Unit, histogram.Description)
        where T : struct
    {
        public override void Record(T value, IEnumerable<KeyValuePair<string, object>>? extraTags = null) => record(value, tags.With(extraTags).Span);

        public override MetricHistogram<T> WithTags(IEnumerable<KeyValuePair<string, object>> more) => new UserHistogram<T>(histogram, record, tags.With(more));
    }

    private sealed class UserGauge<T>(Instrument gauge, Measure<T> record, MetricTags tags) : MetricGauge<T>(gauge.Name, gauge.Unit, gauge.Description)
        where T : struct
    {
        public override void Set(T value, IEnumerable<KeyValuePair<string, object>>? extraTags = null) => record(value, tags.With(extraTags).Span);

        public override MetricGauge<T> WithTags(IEnumerable<KeyValuePair<string, object>> more) => new UserGauge<T>(gauge, record, tags.With(more));
    }

    private delegate void Measure<T>(T value, ReadOnlySpan<KeyValuePair<string, object?>> tags);
}

/// <summary>Tags in the order in which they were given; a later one replaces an earlier one of its name.</summary>
internal sealed class MetricTags
{
    public static readonly MetricTags None = new([]);
    private readonly KeyValuePair<string, object?>[] _tags;

    private MetricTags(KeyValuePair<string, object?>[] tags) => _tags = tags;

    public ReadOnlySpan<KeyValuePair<string, object?>> Span => _tags;

    public MetricTags With(IEnumerable<KeyValuePair<string, object>>? more)
    {
        if (more is null)
        {
            return this;
        }

        var tags = _tags.ToList();
        foreach (var (name, value) in more)
        {
            var at = tags.FindIndex(tag => tag.Key == name);
            if (at >= 0)
            {
                tags[at] = new(name, value);
            }
            else
            {
                tags.Add(new(name, value));
            }
        }

        return new([.. tags]);
    }
}

/// <summary>Values of user metrics as the two types of number that are measured.</summary>
internal static class MetricNumber
{
    public const string Seconds = "s";
    private const string Milliseconds = "ms";

    public static bool IsWhole<T>() => Type.GetTypeCode(typeof(T)) is >= TypeCode.SByte and <= TypeCode.UInt64;

    /// <exception cref="ArgumentException">It is no whole number.</exception>
    public static void CheckWhole<T>()
    {
        if (!IsWhole<T>())
        {
            throw new ArgumentException($"A counter counts in whole numbers, not in {typeof(T)}.");
        }
    }

    /// <exception cref="ArgumentException">It is no number with a fraction.</exception>
    public static void CheckFractional<T>()
    {
        if (Type.GetTypeCode(typeof(T)) is not (TypeCode.Single or TypeCode.Double or TypeCode.Decimal))
        {
            throw new ArgumentException($"Metrics have numbers, histograms also time spans; {typeof(T)} is neither.");
        }
    }

    /// <summary>The number; the largest there is for one that is larger.</summary>
    public static long Whole<T>(T value)
        where T : struct => value is ulong large
            ? (long)Math.Min(large, long.MaxValue)
            : Convert.ToInt64(value, CultureInfo.InvariantCulture);

    public static double Fractional<T>(T value, string? unit)
        where T : struct => value switch
        {
            TimeSpan time => unit == Milliseconds ? time.TotalMilliseconds : time.TotalSeconds,
            _ => Convert.ToDouble(value, CultureInfo.InvariantCulture),
        };
}
