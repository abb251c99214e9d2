namespace Serverless.Converters;

/// <summary>Encoding "binary/null": null, without bytes.</summary>
public class BinaryNullConverter : IEncodingConverter
{
    /// <inheritdoc/>
    public string Encoding => PayloadEncoding.BinaryNull;

    /// <inheritdoc/>
    public bool TryToPayload(object? value, out Payload? payload)
    {
        payload = value is null ? PayloadEncoding.Create(PayloadEncoding.BinaryNull, default) : null;
        return payload is not null;
    }

    /// <inheritdoc/>
    public object? ToValue(Payload payload, Type type)
    {
        ArgumentNullException.ThrowIfNull(type);
        return type.IsValueType && Nullable.GetUnderlyingType(type) is null
            ? throw new ArgumentException($"The payload is null, which {type} can't be. Use a nullable type.", nameof(type))
            : null;
    }
}
