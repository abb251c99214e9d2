using Serverless.Common;
using Serverless.Converters;

namespace Serverless.History;

/// <summary>Wire form of payloads, and of lists and maps of them. Maps are written in the ordinal order of their keys.</summary>
internal static class PayloadCodec
{
    /// <summary>Encodings that are stored as one number when they are a payload's only metadata. The numbers (index + 1) are for ever.</summary>
    private static readonly string[] KnownEncodings =
        ["json/plain", "binary/null", "binary/plain", "json/protobuf", "binary/protobuf", "binary/encrypted"];

    private static readonly MetadataDictionary[] KnownMetadata =
        [.. KnownEncodings.Select(e => MetadataDictionary.Fixed(new() { ["encoding"] = ByteString.CopyFromUtf8(e) }))];

    private static readonly MetadataDictionary NoMetadata = MetadataDictionary.Fixed([]);

    // Payload: 1 known encoding, 2 metadata entry (1 key, 2 value), 3 data, 4 blob name, 5 original size when it is not the data's.
    public static void Field(this WireWriter writer, int tag, Payload? payload)
    {
        if (payload is null)
        {
            return;
        }

        var mark = writer.Open(tag);
        WriteMetadata(writer, payload.Metadata);
        writer.Field(3, payload.Data.Memory);
        writer.Field(4, payload.BlobName);
        writer.Field(5, payload.OriginalSize == payload.Data.Length ? 0UL : (ulong)payload.OriginalSize);
        writer.Close(mark);
    }

    public static void Field(this WireWriter writer, int tag, IReadOnlyList<Payload> payloads)
    {
        for (var i = 0; i < payloads.Count; i++)
        {
            writer.Field(tag, payloads[i]);
        }
    }

    /// <summary>Entries with a null value are kept; a null map writes nothing; an empty one is an empty message.</summary>
    public static void Field(this WireWriter writer, int tag, IReadOnlyDictionary<string, Payload?>? map)
    {
        if (map is null)
        {
            return;
        }

        var mark = writer.Open(tag);
        foreach (var (key, value) in InOrder(map))
        {
            var entry = writer.Open(1);
            writer.Field(1, key);
            writer.Field(2, value);
            writer.Close(entry);
        }

        writer.Close(mark);
    }

    /// <summary>An empty map writes nothing.</summary>
    public static void Map(this WireWriter writer, int tag, IReadOnlyDictionary<string, Payload> map)
    {
        if (map.Count > 0)
        {
            writer.Field(tag, map!);
        }
    }

    public static Payload ReadPayload(this in WireReader field)
    {
        var reader = field.Message();
        var metadata = NoMetadata;
        Dictionary<string, ByteString>? entries = null;
        ReadOnlyMemory<byte> data = default;
        string? blob = null;
        ulong size = 0;
        while (reader.TryNext(out var tag))
        {
            switch (tag)
            {
                case 1: metadata = Known(reader.Number()); break;
                case 2: ReadMetadata(reader.Message(), entries ??= new(StringComparer.Ordinal)); break;
                case 3: data = reader.Bytes(); break;
                case 4: blob = reader.Text(); break;
                case 5: size = reader.Number(); break;
            }
        }

        return new Payload(entries is null ? metadata : MetadataDictionary.Fixed(entries), data)
        {
            BlobName = blob,
            OriginalSize = size switch
            {
                0 => data.Length,
                <= long.MaxValue => (long)size,
                _ => throw WireReader.Damaged("has a payload of impossible size"),
            },
        };
    }

    /// <summary>Adds one element of a list that is written as a repeated field.</summary>
    public static void ReadInto(this in WireReader field, ref List<Payload>? list) => (list ??= new(2)).Add(field.ReadPayload());

    /// <summary>The elements read; an empty list when there were none.</summary>
    public static IReadOnlyList<Payload> OrEmpty(this List<Payload>? list) => list ?? (IReadOnlyList<Payload>)[];

    public static IReadOnlyDictionary<string, Payload?> ReadMapWithNulls(this in WireReader field)
    {
        var map = new Dictionary<string, Payload?>(StringComparer.Ordinal);
        var entries = field.Message();
        while (entries.TryNext(out var tag))
        {
            if (tag != 1)
            {
                continue;
            }

            var key = "";
            Payload? value = null;
            var entry = entries.Message();
            while (entry.TryNext(out var part))
            {
                switch (part)
                {
                    case 1: key = entry.Name(); break;
                    case 2: value = entry.ReadPayload(); break;
                }
            }

            map[key] = value;
        }

        return map;
    }

    /// <exception cref="InvalidDataException">An entry has no value.</exception>
    public static IReadOnlyDictionary<string, Payload> ReadMap(this in WireReader field) => Whole(field.ReadMapWithNulls());

    /// <exception cref="InvalidDataException">An entry has no value.</exception>
    public static IReadOnlyDictionary<string, Payload> Whole(IReadOnlyDictionary<string, Payload?> map)
    {
        if (map.Values.Contains(null))
        {
            throw WireReader.Damaged("has a map entry without a value");
        }

        return map!;
    }

    // RetryPolicy: 1 initial interval, 2 coefficient, 3 maximum interval, 4 maximum attempts, 5 error types that are not retried.
    public static void Field(this WireWriter writer, int tag, RetryPolicy? policy)
    {
        if (policy is null)
        {
            return;
        }

        var mark = writer.Open(tag);
        writer.Field(1, policy.InitialInterval.Ticks);
        writer.Field(2, policy.BackoffCoefficient);
        writer.Field(3, policy.MaximumInterval);
        writer.Field(4, (long)policy.MaximumAttempts);
        foreach (var type in policy.NonRetryableErrorTypes ?? [])
        {
            writer.Field(5, type);
        }

        writer.Close(mark);
    }

    public static RetryPolicy ReadRetryPolicy(this in WireReader field)
    {
        var reader = field.Message();
        TimeSpan initial = default;
        TimeSpan? maximum = null;
        float coefficient = 0;
        var attempts = 0;
        List<string>? types = null;
        while (reader.TryNext(out var tag))
        {
            switch (tag)
            {
                case 1: initial = reader.Duration(); break;
                case 2: coefficient = reader.Float(); break;
                case 3: maximum = reader.Duration(); break;
                case 4: attempts = reader.Int(); break;
                case 5: (types ??= []).Add(reader.Name()); break;
            }
        }

        return new RetryPolicy
        {
            InitialInterval = initial,
            BackoffCoefficient = coefficient,
            MaximumInterval = maximum,
            MaximumAttempts = attempts,
            NonRetryableErrorTypes = types,
        };
    }

    private static void WriteMetadata(WireWriter writer, MetadataDictionary metadata)
    {
        if (metadata.Count == 1 && metadata.TryGetValue("encoding", out var encoding))
        {
            for (var i = 0; i < KnownMetadata.Length; i++)
            {
                if (encoding == KnownMetadata[i]["encoding"])
                {
                    writer.Field(1, (ulong)i + 1);
                    return;
                }
            }
        }

        foreach (var (key, value) in InOrder(metadata))
        {
            var entry = writer.Open(2);
            writer.Field(1, key);
            writer.Field(2, value.Memory);
            writer.Close(entry);
        }
    }

    private static void ReadMetadata(WireReader entry, Dictionary<string, ByteString> entries)
    {
        var key = "";
        ReadOnlyMemory<byte> value = default;
        while (entry.TryNext(out var tag))
        {
            switch (tag)
            {
                case 1: key = entry.Name(); break;
                case 2: value = entry.Bytes(); break;
            }
        }

        entries[key] = ByteString.Wrap(value);
    }

    private static MetadataDictionary Known(ulong number) =>
        number >= 1 && number <= (ulong)KnownMetadata.Length
            ? KnownMetadata[number - 1]
            : throw new InvalidDataException($"Payload encoding number {number} is unknown: it was written by a newer release; run that one.");

    private static IEnumerable<KeyValuePair<string, T>> InOrder<T>(IReadOnlyDictionary<string, T> map) =>
        map.Count < 2 ? map : map.OrderBy(entry => entry.Key, StringComparer.Ordinal);
}
