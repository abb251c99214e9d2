using System.Collections.Concurrent;
using System.Reflection;

namespace Serverless.Converters;

/// <summary>The converters of types that are marked with <see cref="TemporalTransferTypeConverterAttribute"/>, one per type.</summary>
internal static class TransferTypes
{
    private static readonly ConcurrentDictionary<Type, ITemporalTransferTypeConverter?> Known = new();

    /// <summary>Null when the type is not marked.</summary>
    /// <exception cref="InvalidOperationException">What the mark names is no converter; the message says why.</exception>
    public static ITemporalTransferTypeConverter? Of(Type type) => Known.GetOrAdd(type, Create);

    private static ITemporalTransferTypeConverter? Create(Type type)
    {
        if (type.GetCustomAttribute<TemporalTransferTypeConverterAttribute>(inherit: false) is not { } mark)
        {
            return null;
        }

        if (Problem(mark.ConverterType) is { } problem)
        {
            throw new InvalidOperationException($"The transfer type converter {mark.ConverterType} of {type} {problem}.");
        }

        var converter = (ITemporalTransferTypeConverter)Activator.CreateInstance(mark.ConverterType)!;
        return converter.TransferType is not null
            ? converter
            : throw new InvalidOperationException($"The transfer type converter {mark.ConverterType} of {type} has no transfer type.");
    }

    private static string? Problem(Type converter) => converter switch
    {
        _ when !converter.IsAssignableTo(typeof(ITemporalTransferTypeConverter)) => $"does not implement {nameof(ITemporalTransferTypeConverter)}",
        { IsAbstract: true } => "is abstract",
        { ContainsGenericParameters: true } => "is an open generic type",
        { IsValueType: false } when converter.GetConstructor(Type.EmptyTypes) is null => "has no public parameterless constructor",
        _ => null,
    };
}
