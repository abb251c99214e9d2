namespace Serverless.Converters;

/// <summary>Converts values for one encoding. Deterministic, without I/O, usable from several threads.</summary>
public interface IEncodingConverter
{
    /// <summary>Name of the encoding, as in the payload's metadata.</summary>
    string Encoding { get; }

    /// <summary>The payload of a value, if this encoding is for such values.</summary>
    /// <param name="value">The value; may be null.</param>
    /// <param name="payload">The payload, with the encoding in its metadata.</param>
    bool TryToPayload(object? value, out Payload? payload);

    /// <summary>The value of a payload of this encoding.</summary>
    /// <param name="payload">The payload.</param>
    /// <param name="type">What to make of it.</param>
    object? ToValue(Payload payload, Type type);
}
