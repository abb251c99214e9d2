using System.IO.Compression;
using System.Text;
using Serverless.Converters;
using Serverless.Exceptions;
using Serverless.History;

namespace Core.Tests.Hostile;

/// <summary>Few bytes that claim or become many: refused, or read at a price that is bounded.</summary>
[TestClass]
public sealed class BombTests
{
    [TestMethod]
    public void Record_that_claims_much_and_holds_little_costs_little()
    {
        var claim = Compressed(Envelope.MaxContent, [1, 2, 3]);
        AssertRefused(() => Envelope.Open(claim), 256 * 1024);
    }

    [TestMethod]
    public void Record_that_becomes_more_than_it_claims_ends_at_its_claim()
    {
        var bomb = Compressed(1_000, new byte[50_000_000]);
        AssertRefused(() => Envelope.Open(bomb), 256 * 1024);
    }

    [TestMethod]
    public void Largest_record_is_read_and_costs_at_most_three_times_its_content()
    {
        var content = new byte[Envelope.MaxContent];
        var record = Envelope.Seal(content);
        Assert.IsLessThan(100_000, record.Length);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.AreEqual(content.Length, Envelope.Open(record).Length);
        Assert.IsLessThan(3L * content.Length, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [TestMethod]
    public void Largest_record_and_one_byte_more_is_not_written() =>
        Assert.ThrowsExactly<RecordTooLargeException>(() => Envelope.Seal(new byte[Envelope.MaxContent + 1]));

    [TestMethod]
    public void Smallest_events_in_a_record_are_counted()
    {
        // An event of three bytes is an object of a hundred: it is their number that must have a limit.
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.HasCount(EventCodec.MaxEvents, EventCodec.Decode(Envelope.Seal(Events(EventCodec.MaxEvents))));
        var error = Assert.ThrowsExactly<InvalidDataException>(() => EventCodec.Decode(Envelope.Seal(Events(EventCodec.MaxEvents + 1))));
        Assert.Contains($"more than {EventCodec.MaxEvents} events", error.Message);
        Assert.IsLessThan(1024L * 1024 * 1024, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [TestMethod]
    public void Nesting_without_end_is_refused_on_a_small_stack()
    {
        Exception? failure = null;
        var thread = new Thread(() => failure = Assert.Throws<Exception>(() => HistoryJson.Read("{\"events\":" + new string('[', 1_000_000))), maxStackSize: 256 * 1024);
        thread.Start();
        Assert.IsTrue(thread.Join(TimeSpan.FromMinutes(1)), "Reading nested lists did not end.");
        Assert.IsInstanceOfType<InvalidDataException>(failure);
    }

    [TestMethod]
    public void Failure_with_causes_as_deep_as_JSON_may_be_is_read_on_a_small_stack()
    {
        var text = new StringBuilder("""{"events":[{"eventId":"1","eventTime":"2026-11-23T09:30:00Z","eventType":"EVENT_TYPE_WORKFLOW_EXECUTION_FAILED","workflowExecutionFailedEventAttributes":{"retryState":0,"failure":""");
        var depth = 5;
        for (; depth < HistoryJson.MaxDepth - 1; depth++)
        {
            text.Append("""{"message":"m","info":{"kind":"terminated"},"cause":""");
        }

        Exception? failure = null;
        var thread = new Thread(
            () =>
            {
                try
                {
                    HistoryJson.Read(text.Append("null").Append('}', depth - 5).Append("}}]}").ToString());
                }
                catch (Exception e)
                {
                    failure = e;
                }
            },
            maxStackSize: 512 * 1024);
        thread.Start();
        Assert.IsTrue(thread.Join(TimeSpan.FromMinutes(1)), "Reading causes did not end.");
        Assert.IsTrue(failure is null or InvalidDataException, $"{failure}");
    }

    [TestMethod]
    public async Task Compressed_payload_ends_at_its_limit()
    {
        var limit = 64 * 1024;
        var bomb = new CompressionPayloadCodec(new() { MaxDecompressedBytes = 50_000_000 });
        var packed = await bomb.EncodeAsync([new Payload { Data = ByteString.CopyFrom(new byte[40_000_000]) }]);
        var before = GC.GetAllocatedBytesForCurrentThread();
        var error = await Assert.ThrowsExactlyAsync<PayloadCodecException>(() => new CompressionPayloadCodec(new() { MaxDecompressedBytes = limit }).DecodeAsync(packed));
        Assert.AreEqual(PayloadCodecError.TooLarge, error.Error);
        Assert.IsLessThan(4L * limit, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    private static void AssertRefused(Action read, long most)
    {
        Assert.ThrowsExactly<InvalidDataException>(read);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.ThrowsExactly<InvalidDataException>(read);
        Assert.IsLessThan(most, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    private static byte[] Compressed(int claim, byte[] content)
    {
        var room = new byte[content.Length + 1_000];
        Assert.IsTrue(BrotliEncoder.TryCompress(content, room, out var written, 4, 18));
        var writer = new WireWriter();
        writer.Number(Envelope.Version);
        writer.Number(1);
        writer.Number((ulong)claim);
        byte[] record = [.. writer.ToArray(), .. room.AsSpan(0, written), 0, 0, 0, 0];
        BitConverter.TryWriteBytes(record.AsSpan(record.Length - 4), Envelope.Checksum(record.AsSpan(0, record.Length - 4)));
        return record;
    }

    private static byte[] Events(int count)
    {
        var writer = new WireWriter();
        writer.Signed(1);
        writer.Signed(DateTimeOffset.UnixEpoch.UtcTicks);
        for (var i = 0; i < count; i++)
        {
            writer.Number((ulong)EventKind.TimerFired);
            writer.Signed(0);
            writer.Close(writer.OpenBare());
        }

        return writer.ToArray();
    }
}
