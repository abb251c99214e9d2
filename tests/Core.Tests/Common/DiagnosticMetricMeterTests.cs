using System.Diagnostics.Metrics;
using Serverless.Common;

namespace Core.Tests.Common;

/// <summary>What an exporter would see of a meter.</summary>
internal sealed class Measurements : IDisposable
{
    private readonly MeterListener _listener = new();
    private readonly List<string> _lines = [];

    public Measurements()
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (ReferenceEquals(instrument.Meter, Meter))
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Note(instrument, "long", value, tags));
        _listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Note(instrument, "double", value, tags));
        _listener.Start();
    }

    public Meter Meter { get; } = new("Serverless");

    public DiagnosticMetricMeter User => new(Meter, MetricTags.None);

    public string[] Lines
    {
        get
        {
            lock (_lines)
            {
                return [.. _lines];
            }
        }
    }

    public void Dispose()
    {
        _listener.Dispose();
        Meter.Dispose();
    }

    private void Note(Instrument instrument, string type, IFormattable value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var kind = instrument.GetType().Name.Split('`')[0];
        var text = string.Join(",", tags.ToArray().Select(tag => $"{tag.Key}={tag.Value}"));
        lock (_lines)
        {
            _lines.Add(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{kind} {type} {instrument.Name} {instrument.Unit} {value} [{text}]"));
        }
    }
}

[TestClass]
public sealed class DiagnosticMetricMeterTests
{
    [TestMethod]
    public void Values_OfAllKinds_AreMeasured()
    {
        using var seen = new Measurements();
        var meter = seen.User;

        meter.CreateCounter<int>("orders", "{order}", "Orders taken").Add(2);
        meter.CreateCounter<ulong>("bytes").Add(ulong.MaxValue);
        meter.CreateHistogram<short>("size").Record(7);
        meter.CreateHistogram<float>("share").Record(0.5f);
        meter.CreateHistogram<decimal>("price").Record(9.5m);
        meter.CreateHistogram<TimeSpan>("wait").Record(TimeSpan.FromMilliseconds(1500));
        meter.CreateHistogram<TimeSpan>("delay", "ms").Record(TimeSpan.FromMilliseconds(1500));
        meter.CreateGauge<byte>("depth").Set(3);
        meter.CreateGauge<double>("load").Set(0.25);

        CollectionAssert.AreEqual(
            new[]
            {
                "Counter long orders {order} 2 []",
                "Counter long bytes  9223372036854775807 []",
                "Histogram long size  7 []",
                "Histogram double share  0.5 []",
                "Histogram double price  9.5 []",
                "Histogram double wait s 1.5 []",
                "Histogram double delay ms 1500 []",
                "Gauge long depth  3 []",
                "Gauge double load  0.25 []",
            },
            seen.Lines);
    }

    [TestMethod]
    public void Tags_OfMeterMetricAndValue_AreMergedAndTheNearestWins()
    {
        using var seen = new Measurements();
        var counter = seen.User.WithTags([new("a", 1), new("b", 1)]).CreateCounter<int>("c").WithTags([new("b", 2), new("c", 2)]);

        counter.Add(1, [new("c", 3), new("d", 3)]);
        counter.Add(1);

        CollectionAssert.AreEqual(new[] { "Counter long c  1 [a=1,b=2,c=3,d=3]", "Counter long c  1 [a=1,b=2,c=2]" }, seen.Lines);
    }

    [TestMethod]
    public void Metrics_SayWhatTheyAre()
    {
        using var seen = new Measurements();

        var counter = seen.User.CreateCounter<int>("orders", "{order}", "Orders taken");

        Assert.AreEqual("orders {order} Orders taken", $"{counter.Name} {counter.Unit} {counter.Description}");
        Assert.AreEqual("s", seen.User.CreateHistogram<TimeSpan>("wait").Unit);
    }

    [TestMethod]
    public void OtherTypes_AreRefused()
    {
        using var seen = new Measurements();
        var meter = seen.User;

        Assert.ThrowsExactly<ArgumentException>(() => meter.CreateCounter<double>("x"));
        Assert.ThrowsExactly<ArgumentException>(() => meter.CreateHistogram<Guid>("x"));
        Assert.ThrowsExactly<ArgumentException>(() => meter.CreateGauge<TimeSpan>("x"));
    }
}
