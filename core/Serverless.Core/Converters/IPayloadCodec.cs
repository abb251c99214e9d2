namespace Serverless.Converters;

/// <summary>
/// Changes payloads on their way to and from storage: encrypts, compresses. Runs outside of workflow code, so it may do I/O. Search attributes and
/// the names of workflows, activities and messages do not pass through it.
/// </summary>
public interface IPayloadCodec
{
    /// <summary>Encodes payloads. The input is not changed.</summary>
    /// <param name="payloads">The payloads.</param>
    /// <returns>As many, in the same order.</returns>
    Task<IReadOnlyCollection<Payload>> EncodeAsync(IReadOnlyCollection<Payload> payloads);

    /// <summary>Decodes payloads. What this codec did not encode should be returned as it is.</summary>
    /// <param name="payloads">The payloads.</param>
    /// <returns>As many, in the same order.</returns>
    Task<IReadOnlyCollection<Payload>> DecodeAsync(IReadOnlyCollection<Payload> payloads);
}
