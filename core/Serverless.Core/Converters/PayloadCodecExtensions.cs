namespace Serverless.Converters;

/// <summary>Shorter ways to encode and decode.</summary>
public static class PayloadCodecExtensions
{
    /// <summary>Encodes one payload.</summary>
    /// <param name="codec">The codec.</param>
    /// <param name="payload">The payload.</param>
    public static async Task<Payload> EncodeSingleAsync(this IPayloadCodec codec, Payload payload) =>
        (await codec.EncodeAllAsync([payload]))[0];

    /// <summary>Decodes one payload.</summary>
    /// <param name="codec">The codec.</param>
    /// <param name="payload">The payload.</param>
    public static async Task<Payload> DecodeSingleAsync(this IPayloadCodec codec, Payload payload) =>
        (await codec.DecodeAllAsync([payload]))[0];

    // Below: a codec or none, applied to what holds payloads. Nothing is called when there is nothing to do.
    internal static Task<IReadOnlyList<Payload>> EncodeAllAsync(this IPayloadCodec? codec, IReadOnlyList<Payload> payloads) =>
        ApplyAsync(codec, payloads, static (c, p) => c.EncodeAsync(p));

    internal static Task<IReadOnlyList<Payload>> DecodeAllAsync(this IPayloadCodec? codec, IReadOnlyList<Payload> payloads) =>
        ApplyAsync(codec, payloads, static (c, p) => c.DecodeAsync(p));

    internal static Task<IReadOnlyDictionary<string, Payload>> EncodeMapAsync(this IPayloadCodec? codec, IReadOnlyDictionary<string, Payload> payloads) =>
        ApplyAsync(codec, payloads, static (c, p) => c.EncodeAsync(p));

    internal static Task<IReadOnlyDictionary<string, Payload>> DecodeMapAsync(this IPayloadCodec? codec, IReadOnlyDictionary<string, Payload> payloads) =>
        ApplyAsync(codec, payloads, static (c, p) => c.DecodeAsync(p));

    internal static Task<Payload?> EncodeOneAsync(this IPayloadCodec? codec, Payload? payload) =>
        ApplyAsync(codec, payload, static (c, p) => c.EncodeAsync(p));

    internal static Task<Payload?> DecodeOneAsync(this IPayloadCodec? codec, Payload? payload) =>
        ApplyAsync(codec, payload, static (c, p) => c.DecodeAsync(p));

    internal static Task<Failure> EncodeFailureAsync(this IPayloadCodec? codec, Failure failure) =>
        ApplyAsync(codec, failure, static (c, p) => c.EncodeAsync(p));

    internal static Task<Failure> DecodeFailureAsync(this IPayloadCodec? codec, Failure failure) =>
        ApplyAsync(codec, failure, static (c, p) => c.DecodeAsync(p));

    private static async Task<IReadOnlyList<Payload>> ApplyAsync(
        IPayloadCodec? codec, IReadOnlyList<Payload> payloads, Func<IPayloadCodec, IReadOnlyCollection<Payload>, Task<IReadOnlyCollection<Payload>>> apply)
    {
        if (codec is null || payloads.Count == 0)
        {
            return payloads;
        }

        var result = await apply(codec, payloads);
        return result.Count == payloads.Count
            ? [.. result]
            : throw new InvalidOperationException(
                $"The payload codec {codec.GetType().Name} made {result.Count} payloads of {payloads.Count}. It must return one for each, in order.");
    }

    private static async Task<Payload?> ApplyAsync(
        IPayloadCodec? codec, Payload? payload, Func<IPayloadCodec, IReadOnlyCollection<Payload>, Task<IReadOnlyCollection<Payload>>> apply) =>
        codec is null || payload is null ? payload : (await ApplyAsync(codec, [payload], apply))[0];

    private static async Task<IReadOnlyDictionary<string, Payload>> ApplyAsync(
        IPayloadCodec? codec,
        IReadOnlyDictionary<string, Payload> payloads,
        Func<IPayloadCodec, IReadOnlyCollection<Payload>, Task<IReadOnlyCollection<Payload>>> apply)
    {
        if (codec is null || payloads.Count == 0)
        {
            return payloads;
        }

        var keys = payloads.Keys.Order(StringComparer.Ordinal).ToArray();
        var values = await ApplyAsync(codec, [.. keys.Select(key => payloads[key])], apply);
        var result = new SortedDictionary<string, Payload>(StringComparer.Ordinal);
        for (var i = 0; i < keys.Length; i++)
        {
            result[keys[i]] = values[i];
        }

        return result;
    }

    private static async Task<Failure> ApplyAsync(
        IPayloadCodec? codec, Failure failure, Func<IPayloadCodec, IReadOnlyCollection<Payload>, Task<IReadOnlyCollection<Payload>>> apply)
    {
        if (codec is null)
        {
            return failure;
        }

        FailureInfo info = failure.Info switch
        {
            ApplicationFailureInfo i => i with { Details = await ApplyAsync(codec, i.Details, apply) },
            TimeoutFailureInfo i => i with { LastHeartbeatDetails = await ApplyAsync(codec, i.LastHeartbeatDetails, apply) },
            CanceledFailureInfo i => i with { Details = await ApplyAsync(codec, i.Details, apply) },
            _ => failure.Info,
        };
        return failure with
        {
            Info = info,
            EncodedAttributes = await ApplyAsync(codec, failure.EncodedAttributes, apply),
            Cause = failure.Cause is null ? null : await ApplyAsync(codec, failure.Cause, apply),
        };
    }
}
