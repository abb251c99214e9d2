namespace Serverless.Converters;

/// <summary>How values and failures are turned into what is stored. Clients and workers of a hub must use the same.</summary>
/// <param name="PayloadConverter">Values to payloads and back.</param>
/// <param name="FailureConverter">Exceptions to failures and back.</param>
/// <param name="PayloadCodec">Encrypts or compresses payloads; null for neither.</param>
public record DataConverter(IPayloadConverter PayloadConverter, IFailureConverter FailureConverter, IPayloadCodec? PayloadCodec = null)
    : IWithSerializationContext<DataConverter>
{
    /// <summary>JSON, readable failures, no codec.</summary>
    public static DataConverter Default { get; } = new(new DefaultPayloadConverter(), new DefaultFailureConverter());

    /// <summary>The same for one context, or itself when no part of it asks for contexts.</summary>
    /// <param name="context">The context.</param>
    public virtual DataConverter WithSerializationContext(ISerializationContext context)
    {
        var payloadConverter = PayloadConverter is IWithSerializationContext<IPayloadConverter> p ? p.WithSerializationContext(context) : PayloadConverter;
        var failureConverter = FailureConverter is IWithSerializationContext<IFailureConverter> f ? f.WithSerializationContext(context) : FailureConverter;
        var payloadCodec = PayloadCodec is IWithSerializationContext<IPayloadCodec> c ? c.WithSerializationContext(context) : PayloadCodec;
        return ReferenceEquals(payloadConverter, PayloadConverter) && ReferenceEquals(failureConverter, FailureConverter)
            && ReferenceEquals(payloadCodec, PayloadCodec)
            ? this
            : new(payloadConverter, failureConverter, payloadCodec);
    }
}
