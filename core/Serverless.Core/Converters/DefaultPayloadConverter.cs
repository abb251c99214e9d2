using System.Text.Json;

namespace Serverless.Converters;

/// <summary>
/// Tries its encodings in order: "binary/null" for null, "binary/plain" for bytes, "json/plain" for the rest. What is read is decided by the payload's
/// encoding and the type asked for, never by type names in the data. Types with a <see cref="TemporalTransferTypeConverterAttribute"/> have the form that it gives them.
/// </summary>
public class DefaultPayloadConverter : IPayloadConverter, IWithSerializationContext<IPayloadConverter>
{
    /// <summary>Creates the converter with the default JSON options.</summary>
    public DefaultPayloadConverter()
        : this(new JsonSerializerOptions())
    {
    }

    /// <summary>Creates the converter.</summary>
    /// <param name="jsonSerializerOptions">How JSON is written and read. Must not change afterwards.</param>
    public DefaultPayloadConverter(JsonSerializerOptions jsonSerializerOptions)
        : this(new BinaryNullConverter(), new BinaryPlainConverter(), new JsonPlainConverter(jsonSerializerOptions))
    {
    }

    /// <summary>Creates the converter with encodings of one's own.</summary>
    /// <param name="encodingConverters">Tried in this order. Each encoding once.</param>
    public DefaultPayloadConverter(params IEncodingConverter[] encodingConverters)
    {
        ArgumentNullException.ThrowIfNull(encodingConverters);
        EncodingConverters = Array.AsReadOnly(encodingConverters);
        IndexedEncodingConverters = encodingConverters.ToDictionary(converter => ByteString.CopyFromUtf8(converter.Encoding));
    }

    /// <summary>The encodings, in the order in which they are tried.</summary>
    public IReadOnlyCollection<IEncodingConverter> EncodingConverters { get; private init; }

    /// <summary>The encodings by their names.</summary>
    protected IReadOnlyDictionary<ByteString, IEncodingConverter> IndexedEncodingConverters { get; private init; }

    /// <inheritdoc/>
    public Payload ToPayload(object? value)
    {
        if (value is IRawValue raw)
        {
            return raw.Payload;
        }

        if (value is IEncodedRawValue)
        {
            throw new InvalidOperationException("An IEncodedRawValue can't be sent as it is. Await its ToValueAsync and send that.");
        }

        if (value is not null && TransferTypes.Of(value.GetType()) is { } transfer)
        {
            value = transfer.ToTransferType(value);
        }

        foreach (var converter in EncodingConverters)
        {
            if (converter.TryToPayload(value, out var payload))
            {
                return payload!;
            }
        }

        throw new ArgumentException($"No encoding is for a value of type {value?.GetType().ToString() ?? "null"}. Add an IEncodingConverter for it.", nameof(value));
    }

    /// <inheritdoc/>
    public object? ToValue(Payload payload, Type type)
    {
        ArgumentNullException.ThrowIfNull(payload);
        if (type == typeof(IRawValue) || type == typeof(RawValue))
        {
            return new RawValue(payload);
        }

        return TransferTypes.Of(type) is { } transfer ? transfer.FromTransferType(Read(payload, transfer.TransferType)) : Read(payload, type);
    }

    /// <inheritdoc/>
    public virtual IPayloadConverter WithSerializationContext(ISerializationContext context)
    {
        if (!EncodingConverters.Any(converter => converter is IWithSerializationContext<IEncodingConverter>))
        {
            return this;
        }

        return new DefaultPayloadConverter([.. EncodingConverters.Select(converter =>
            converter is IWithSerializationContext<IEncodingConverter> aware ? aware.WithSerializationContext(context) : converter)]);
    }

    private object? Read(Payload payload, Type type)
    {
        var encoding = payload.Metadata.GetValueOrDefault(PayloadEncoding.Key)
            ?? throw new ArgumentException("The payload has no encoding in its metadata.", nameof(payload));
        return IndexedEncodingConverters.TryGetValue(encoding, out var converter)
            ? converter.ToValue(payload, type)
            : throw new ArgumentException(
                $"The payload's encoding '{encoding.ToStringUtf8()}' is not known. Add an IEncodingConverter for it, or the codec that wrote it.", nameof(payload));
    }
}
