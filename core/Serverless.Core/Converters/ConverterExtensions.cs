namespace Serverless.Converters;

/// <summary>Shorter ways to convert.</summary>
public static class ConverterExtensions
{
    /// <summary>Converts and encodes values.</summary>
    /// <param name="converter">The converter.</param>
    /// <param name="values">The values.</param>
    public static async Task<IReadOnlyCollection<Payload>> ToPayloadsAsync(this DataConverter converter, IReadOnlyCollection<object?> values)
    {
        ArgumentNullException.ThrowIfNull(converter);
        ArgumentNullException.ThrowIfNull(values);
        return await converter.EncodeAsync(values);
    }

    /// <summary>Converts and encodes a value.</summary>
    /// <param name="converter">The converter.</param>
    /// <param name="value">The value.</param>
    public static async Task<Payload> ToPayloadAsync(this DataConverter converter, object? value)
    {
        ArgumentNullException.ThrowIfNull(converter);
        return (await converter.PayloadCodec.EncodeOneAsync(converter.PayloadConverter.ToPayload(value)))!;
    }

    /// <summary>Decodes and converts a payload.</summary>
    /// <typeparam name="T">What to make of it.</typeparam>
    /// <param name="converter">The converter.</param>
    /// <param name="payload">The payload.</param>
    public static async Task<T> ToValueAsync<T>(this DataConverter converter, Payload payload) =>
        (T)(await converter.ToValueAsync(payload, typeof(T)))!;

    /// <summary>Decodes and converts a payload.</summary>
    /// <param name="converter">The converter.</param>
    /// <param name="payload">The payload.</param>
    /// <param name="type">What to make of it.</param>
    public static async Task<object?> ToValueAsync(this DataConverter converter, Payload payload, Type type)
    {
        ArgumentNullException.ThrowIfNull(converter);
        return converter.PayloadConverter.ToValue((await converter.PayloadCodec.DecodeOneAsync(payload))!, type);
    }

    /// <summary>Decodes and converts the one payload of a collection.</summary>
    /// <typeparam name="T">What to make of it.</typeparam>
    /// <param name="converter">The converter.</param>
    /// <param name="payloads">The collection.</param>
    /// <exception cref="ArgumentException">It does not hold exactly one.</exception>
    public static async Task<T> ToSingleValueAsync<T>(this DataConverter converter, IReadOnlyCollection<Payload> payloads) =>
        (T)(await converter.ToSingleValueAsync(payloads, typeof(T)))!;

    /// <summary>Decodes and converts the one payload of a collection.</summary>
    /// <param name="converter">The converter.</param>
    /// <param name="payloads">The collection.</param>
    /// <param name="type">What to make of it.</param>
    /// <exception cref="ArgumentException">It does not hold exactly one.</exception>
    public static Task<object?> ToSingleValueAsync(this DataConverter converter, IReadOnlyCollection<Payload> payloads, Type type)
    {
        ArgumentNullException.ThrowIfNull(payloads);
        return payloads.Count == 1
            ? converter.ToValueAsync(payloads.First(), type)
            : throw new ArgumentException($"There are {payloads.Count} payloads, expected 1.", nameof(payloads));
    }

    /// <summary>Decodes and converts a failure.</summary>
    /// <param name="converter">The converter.</param>
    /// <param name="failure">The failure.</param>
    /// <returns>The exception, not thrown.</returns>
    public static async Task<Exception> ToExceptionAsync(this DataConverter converter, Failure failure)
    {
        ArgumentNullException.ThrowIfNull(converter);
        return converter.FailureConverter.ToException(await converter.PayloadCodec.DecodeFailureAsync(failure), converter.PayloadConverter);
    }

    /// <summary>Converts and encodes an exception.</summary>
    /// <param name="converter">The converter.</param>
    /// <param name="exc">The exception.</param>
    public static Task<Failure> ToFailureAsync(this DataConverter converter, Exception exc)
    {
        ArgumentNullException.ThrowIfNull(converter);
        return converter.PayloadCodec.EncodeFailureAsync(converter.FailureConverter.ToFailure(exc, converter.PayloadConverter));
    }

    /// <summary>Converts values, without a codec.</summary>
    /// <param name="converter">The converter.</param>
    /// <param name="values">The values.</param>
    public static IReadOnlyCollection<Payload> ToPayloads(this IPayloadConverter converter, IReadOnlyCollection<object?> values)
    {
        ArgumentNullException.ThrowIfNull(converter);
        return [.. values.Select(converter.ToPayload)];
    }

    /// <summary>Converts a payload, without a codec.</summary>
    /// <typeparam name="T">What to make of it.</typeparam>
    /// <param name="converter">The converter.</param>
    /// <param name="payload">The payload.</param>
    public static T ToValue<T>(this IPayloadConverter converter, Payload payload)
    {
        ArgumentNullException.ThrowIfNull(converter);
        return (T)converter.ToValue(payload, typeof(T))!;
    }

    /// <summary>Converts a raw value, without a codec.</summary>
    /// <typeparam name="T">What to make of it.</typeparam>
    /// <param name="converter">The converter.</param>
    /// <param name="rawValue">The raw value.</param>
    public static T ToValue<T>(this IPayloadConverter converter, IRawValue rawValue)
    {
        ArgumentNullException.ThrowIfNull(rawValue);
        return converter.ToValue<T>(rawValue.Payload);
    }

    /// <summary>Converts a value to a raw one, without a codec.</summary>
    /// <param name="converter">The converter.</param>
    /// <param name="value">The value.</param>
    public static RawValue ToRawValue(this IPayloadConverter converter, object? value)
    {
        ArgumentNullException.ThrowIfNull(converter);
        return new(converter.ToPayload(value));
    }

    /// <summary>Converts and encodes values, as a list.</summary>
    internal static Task<IReadOnlyList<Payload>> EncodeAsync(this DataConverter converter, IReadOnlyCollection<object?> values) =>
        converter.PayloadCodec.EncodeAllAsync([.. values.Select(converter.PayloadConverter.ToPayload)]);

    /// <summary>Converts and encodes values by key. Null values are stored as null.</summary>
    internal static Task<IReadOnlyDictionary<string, Payload>> EncodeAsync(
        this DataConverter converter, IReadOnlyCollection<KeyValuePair<string, object>> values) =>
        converter.PayloadCodec.EncodeMapAsync(new SortedDictionary<string, Payload>(
            values.ToDictionary(pair => pair.Key, pair => converter.PayloadConverter.ToPayload(pair.Value)), StringComparer.Ordinal));

}
