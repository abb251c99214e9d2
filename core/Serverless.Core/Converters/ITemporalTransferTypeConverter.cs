namespace Serverless.Converters;

/// <summary>
/// Gives values of a type another form in payloads. Named by <see cref="TemporalTransferTypeConverterAttribute"/>; has a public constructor without parameters.
/// One instance serves all threads.
/// </summary>
public interface ITemporalTransferTypeConverter
{
    /// <summary>The type that is written and read in place of the marked one. Its own mark, if it has one, does not count.</summary>
    Type TransferType { get; }

    /// <summary>What is written for a value.</summary>
    /// <param name="value">The value; never null.</param>
    /// <returns>A value of <see cref="TransferType"/>, or null.</returns>
    object? ToTransferType(object? value);

    /// <summary>The value for what was read.</summary>
    /// <param name="transferType">A value of <see cref="TransferType"/>; null if null was written.</param>
    /// <returns>A value of the marked type, or null.</returns>
    object? FromTransferType(object? transferType);
}

/// <summary>
/// Gives a type another form in payloads: <see cref="DefaultPayloadConverter"/> writes and reads what the converter makes of it. Only values of exactly this
/// type count, and only where they are the whole payload: not inside other values, not types that derive from it.
/// </summary>
/// <param name="converterType">An <see cref="ITemporalTransferTypeConverter"/>.</param>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Struct, Inherited = false)]
public sealed class TemporalTransferTypeConverterAttribute(Type converterType) : Attribute
{
    /// <summary>The converter.</summary>
    public Type ConverterType { get; } = converterType;
}
