using System.Text.Json;

namespace Serverless.Converters;

/// <summary>Encoding "json/plain": any value that System.Text.Json can write.</summary>
public class JsonPlainConverter : IEncodingConverter
{
    /// <summary>Creates the converter.</summary>
    /// <param name="serializerOptions">How JSON is written and read. Must not change afterwards.</param>
    public JsonPlainConverter(JsonSerializerOptions serializerOptions) => SerializerOptions = serializerOptions;

    /// <inheritdoc/>
    public virtual string Encoding => PayloadEncoding.JsonPlain;

    /// <summary>How JSON is written and read.</summary>
    protected JsonSerializerOptions SerializerOptions { get; private init; }

    /// <inheritdoc/>
    public virtual bool TryToPayload(object? value, out Payload? payload)
    {
        payload = PayloadEncoding.Create(Encoding, JsonSerializer.SerializeToUtf8Bytes(value, value?.GetType() ?? typeof(object), SerializerOptions));
        return true;
    }

    /// <inheritdoc/>
    public virtual object? ToValue(Payload payload, Type type)
    {
        ArgumentNullException.ThrowIfNull(payload);
        return JsonSerializer.Deserialize(payload.Data.Span, type, SerializerOptions);
    }
}
