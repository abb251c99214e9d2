namespace Serverless.Converters;

/// <summary>A value that is not converted: as a parameter it takes any argument, as an argument it is sent as it is.</summary>
public interface IRawValue
{
    /// <summary>The payload.</summary>
    Payload Payload { get; }
}

/// <summary>A value that is not converted.</summary>
/// <param name="Payload">The payload.</param>
public record RawValue(Payload Payload) : IRawValue;
