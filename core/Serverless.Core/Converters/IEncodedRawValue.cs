namespace Serverless.Converters;

/// <summary>A stored value that is neither decoded nor converted yet.</summary>
public interface IEncodedRawValue
{
    /// <summary>The payload as stored.</summary>
    Payload Payload { get; }

    /// <summary>Decodes and converts the value.</summary>
    /// <typeparam name="T">What to make of it.</typeparam>
    Task<T> ToValueAsync<T>();

    /// <summary>Decodes and converts the value.</summary>
    /// <param name="type">What to make of it.</param>
    Task<object?> ToValueAsync(Type type);
}

/// <summary>A stored value that is neither decoded nor converted yet.</summary>
/// <param name="DataConverter">Decodes and converts it.</param>
/// <param name="Payload">The payload as stored.</param>
public record EncodedRawValue(DataConverter DataConverter, Payload Payload) : IEncodedRawValue
{
    /// <inheritdoc/>
    public Task<T> ToValueAsync<T>() => DataConverter.ToValueAsync<T>(Payload);

    /// <inheritdoc/>
    public Task<object?> ToValueAsync(Type type) => DataConverter.ToValueAsync(Payload, type);
}
