namespace Serverless.Converters;

/// <summary>Settings of <see cref="DefaultFailureConverter"/>.</summary>
public class DefaultFailureConverterOptions : ICloneable
{
    /// <summary>
    /// True: messages and stack traces are stored as payloads, so that a codec encrypts them too; who looks without the codec sees "Encoded failure".
    /// Default false.
    /// </summary>
    public bool EncodeCommonAttributes { get; set; }

    /// <inheritdoc/>
    public virtual object Clone() => MemberwiseClone();
}
