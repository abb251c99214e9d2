using System.Collections;
using Serverless.Converters;
using Serverless.History;

namespace Core.Tests.History;

[TestClass]
public sealed class EventCodecTests
{
    [TestMethod]
    public void Decode_EveryKindWithEveryField_GivesTheSameEvents()
    {
        var decoded = EventCodec.Decode(EventCodec.Encode(EventSamples.All));
        Assert.HasCount(EventSamples.All.Count, decoded);
        for (var i = 0; i < decoded.Count; i++)
        {
            Assert.AreEqual(Dump.Of(EventSamples.All[i]), Dump.Of(decoded[i]));
        }
    }

    [TestMethod]
    public void Decode_EachEventAlone_GivesTheSameEvent()
    {
        foreach (var e in EventSamples.All)
        {
            Assert.AreEqual(Dump.Of(e), Dump.Of(EventCodec.Decode(EventCodec.Encode([e])).Single()));
        }
    }

    [TestMethod]
    public void EveryConcreteEventType_HasAKindAndASampleWithEveryPropertySet()
    {
        var samples = EventSamples.All.ToDictionary(e => e.GetType());
        var kinds = new HashSet<EventKind>();
        foreach (var type in typeof(HistoryEvent).Assembly.GetTypes().Where(t => t.IsAssignableTo(typeof(HistoryEvent)) && !t.IsAbstract))
        {
            Assert.IsTrue(samples.TryGetValue(type, out var sample), $"{type.Name} has no sample in {nameof(EventSamples)}.");
            Assert.IsTrue(kinds.Add(EventWriter.KindOf(sample)), $"The kind number of {type.Name} belongs to another type.");
            Assert.AreEqual(type.Name, EventWriter.KindOf(sample).ToString());
            foreach (var property in Dump.Properties(type))
            {
                var unset = property.PropertyType.IsValueType ? Activator.CreateInstance(property.PropertyType) : null;
                var value = property.GetValue(sample);
                Assert.AreNotEqual(unset, value, $"{type.Name}.{property.Name} is not set in its sample.");
                Assert.IsFalse(value is System.Collections.ICollection { Count: 0 }, $"{type.Name}.{property.Name} is empty in its sample.");
            }
        }

        Assert.HasCount(Enum.GetValues<EventKind>().Length, kinds);
    }

    [TestMethod]
    public void Decode_EveryKindOfFailure_GivesTheSameFailure()
    {
        foreach (var failure in EventSamples.Failures)
        {
            Assert.AreEqual(Dump.Of(failure), Dump.Of(RoundTrip(new ExternalSignalClosed(1, failure)).Failure));
        }

        var concrete = typeof(FailureInfo).Assembly.GetTypes().Count(t => t.IsSubclassOf(typeof(FailureInfo)));
        Assert.AreEqual(concrete, EventSamples.Failures.Select(f => f.Info.GetType()).Distinct().Count());
    }

    [TestMethod]
    public void Encode_EmptyList_DecodesToEmptyList() => Assert.IsEmpty(EventCodec.Decode(EventCodec.Encode([])));

    [TestMethod]
    public void Encode_GapInIds_IsRefused()
    {
        var error = Assert.ThrowsExactly<ArgumentException>(() => EventCodec.Encode([new TimerFired(1) { Id = 4 }, new TimerFired(2) { Id = 6 }]));
        Assert.StartsWith("Event 6 (TimerFired) stands where event 5 belongs.", error.Message);
    }

    [TestMethod]
    public void Encode_NullAndEmptyMaps_StayWhatTheyAre()
    {
        var carried = RoundTrip(new WorkflowContinuedAsNew("T", "q", []));
        Assert.IsNull(carried.Memo);
        Assert.IsNull(carried.SearchAttributes);
        var cleared = RoundTrip(carried with { Memo = WorkflowStarted.Empty, SearchAttributes = WorkflowStarted.Empty });
        Assert.IsEmpty(cleared.Memo!);
        Assert.IsEmpty(cleared.SearchAttributes!);
    }

    [TestMethod]
    public void Encode_ZeroAndNullDurations_StayWhatTheyAre()
    {
        var e = RoundTrip(new ActivityScheduled("1", "A", "q", []) { StartToCloseTimeout = TimeSpan.Zero, HeartbeatTimeout = TimeSpan.MaxValue });
        Assert.AreEqual(TimeSpan.Zero, e.StartToCloseTimeout);
        Assert.AreEqual(TimeSpan.MaxValue, e.HeartbeatTimeout);
        Assert.IsNull(e.ScheduleToStartTimeout);
    }

    [TestMethod]
    public void Encode_ManyEvents_IsCompressedAndTheSame()
    {
        HistoryEvent[] events = [.. Enumerable.Range(1, 500).Select(i => new WorkflowSignaled("tick", [EventSamples.Json($"\"value {i}\"")]) { Id = i, Time = EventSamples.Start })];
        var bytes = EventCodec.Encode(events);
        Assert.AreEqual(1, bytes[1]);
        Assert.IsLessThan(500 * 10, bytes.Length);
        CollectionAssert.AreEqual(events.Select(Dump.Of).ToArray(), EventCodec.Decode(bytes).Select(Dump.Of).ToArray());
    }

    [TestMethod]
    public void Encode_IncompressibleEvents_AreLeftAsTheyAre()
    {
        var noise = new byte[4000];
        new Random(7).NextBytes(noise);
        var bytes = EventCodec.Encode([new WorkflowCompleted(new Payload(EventSamples.Json("").Metadata, noise)) { Id = 1, Time = EventSamples.Start }]);
        Assert.AreEqual(0, bytes[1]);
        Assert.IsLessThan(4040, bytes.Length);
    }

    [TestMethod]
    public void Encode_SixtyFiveCauses_KeepsSixtyFour()
    {
        var decoded = RoundTrip(new WorkflowFailed(Nested(70), default)).Failure;
        var causes = 0;
        for (var cause = decoded.Cause; cause is not null; cause = cause.Cause)
        {
            causes++;
        }

        Assert.AreEqual(FailureCodec.MaxCauses, causes);
    }

    [TestMethod]
    public void Encode_MapsInAnyOrder_GiveTheSameBytes()
    {
        Dictionary<string, Payload> reversed = new(EventSamples.Map.Reverse());
        CollectionAssert.AreEqual(
            EventCodec.Encode([new WorkflowSignaled("s", []) { Headers = EventSamples.Map }]),
            EventCodec.Encode([new WorkflowSignaled("s", []) { Headers = reversed }]));
    }

    [TestMethod]
    public void Decode_RepeatedNames_AreTheSameString()
    {
        var events = EventCodec.Decode(EventCodec.Encode(
        [
            new ActivityScheduled("1", "Pay", "payments", [EventSamples.Json("1")]) { Id = 1 },
            new ActivityScheduled("2", "Pay", "payments", [EventSamples.Json("2")]) { Id = 2 },
        ])).Cast<ActivityScheduled>().ToArray();
        Assert.AreSame(events[0].ActivityType, events[1].ActivityType);
        Assert.AreSame(events[0].TaskQueue, events[1].TaskQueue);
        Assert.AreSame(events[0].Args[0].Metadata, events[1].Args[0].Metadata);
    }

    [TestMethod]
    public void Decode_UsualRun_IsCompact() => Assert.IsLessThan(260, EventCodec.Encode(EventSamples.Usual).Length);

    [TestMethod]
    public void Encode_MoreThanMostEvents_IsRefused()
    {
        Assert.StartsWith(
            "Event 1 (TimerFired) stands where event 2 belongs.",
            Assert.ThrowsExactly<ArgumentException>(static () => EventCodec.Encode(new Claim(EventCodec.MaxEvents))).Message);
        Assert.AreEqual(
            "1000001 events are above the limit of 1000000 for one segment.",
            Assert.ThrowsExactly<RecordTooLargeException>(static () => EventCodec.Encode(new Claim(EventCodec.MaxEvents + 1))).Message);
    }

    [TestMethod]
    public void Decode_MoreThanMostEvents_IsRefused()
    {
        var segment = EventCodec.Encode([new TimerFired(5) { Id = 1 }, new TimerFired(6) { Id = 2 }, new TimerFired(7) { Id = 3 }]);
        Assert.HasCount(3, EventCodec.Decode(segment, most: 3));
        Assert.AreEqual(
            "History segment from event 1, event 3 of kind 41: The record is damaged: it has more than 2 events.",
            Assert.ThrowsExactly<InvalidDataException>(() => EventCodec.Decode(segment, most: 2)).Message);
    }

    /// <summary>The same event again and again: whoever looks at the second one finds that it is wrong.</summary>
    private sealed class Claim(int count) : IReadOnlyList<HistoryEvent>
    {
        public int Count => count;

        public HistoryEvent this[int index] => new TimerFired(7) { Id = 1 };

        public IEnumerator<HistoryEvent> GetEnumerator() => Enumerable.Range(0, count).Select(i => this[i]).GetEnumerator();

        IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
    }

    private static Failure Nested(int causes) =>
        new($"level {causes}", new ServerFailureInfo(false)) { Cause = causes == 0 ? null : Nested(causes - 1) };

    private static T RoundTrip<T>(T e)
        where T : HistoryEvent => (T)EventCodec.Decode(EventCodec.Encode([e])).Single();
}
