namespace Serverless.Converters;

/// <summary>
/// Turns values into payloads and back. Called from workflow code: it must be deterministic, without I/O, and usable from several threads.
/// </summary>
public interface IPayloadConverter
{
    /// <summary>The payload of a value. An <see cref="IRawValue"/> gives its own.</summary>
    /// <param name="value">The value; may be null.</param>
    Payload ToPayload(object? value);

    /// <summary>The value of a payload. For <see cref="IRawValue"/> and <see cref="RawValue"/> it is wrapped, not converted.</summary>
    /// <param name="payload">The payload.</param>
    /// <param name="type">What to make of it.</param>
    object? ToValue(Payload payload, Type type);
}
