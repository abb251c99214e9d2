namespace Serverless.Converters;

/// <summary>Encoding "binary/plain": byte arrays and memories as they are.</summary>
public class BinaryPlainConverter : IEncodingConverter
{
    /// <inheritdoc/>
    public string Encoding => PayloadEncoding.BinaryPlain;

    /// <inheritdoc/>
    public bool TryToPayload(object? value, out Payload? payload)
    {
        // Copied, as the caller may go on to change the array.
        var bytes = value switch
        {
            byte[] array => array.AsSpan().ToArray(),
            ReadOnlyMemory<byte> memory => memory.ToArray(),
            Memory<byte> memory => memory.ToArray(),
            _ => null,
        };
        payload = bytes is null ? null : PayloadEncoding.Create(PayloadEncoding.BinaryPlain, bytes);
        return payload is not null;
    }

    /// <inheritdoc/>
    public object? ToValue(Payload payload, Type type)
    {
        ArgumentNullException.ThrowIfNull(payload);
        ArgumentNullException.ThrowIfNull(type);
        if (type.IsAssignableFrom(typeof(byte[])))
        {
            return payload.Data.ToByteArray();
        }

        var target = Nullable.GetUnderlyingType(type) ?? type;
        if (target == typeof(ReadOnlyMemory<byte>))
        {
            return payload.Data.Memory;
        }

        return target == typeof(Memory<byte>)
            ? payload.Data.ToByteArray().AsMemory()
            : throw new ArgumentException($"The payload is bytes, which can't become {type}. Use byte[].", nameof(type));
    }
}
