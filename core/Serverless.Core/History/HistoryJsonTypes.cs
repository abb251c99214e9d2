using System.Collections;
using System.Globalization;
using System.Reflection;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Serverless.History;

/// <summary>How the parts of events look in an exported history. What is missing there has its default.</summary>
internal static class HistoryJsonTypes
{
    private static readonly NullabilityInfoContext Nullability = new();

    private static readonly JsonDerivedType[] FailureKinds =
    [
        new(typeof(ApplicationFailureInfo), "Application"),
        new(typeof(TimeoutFailureInfo), "Timeout"),
        new(typeof(CanceledFailureInfo), "Canceled"),
        new(typeof(TerminatedFailureInfo), "Terminated"),
        new(typeof(ServerFailureInfo), "Server"),
        new(typeof(ActivityFailureInfo), "Activity"),
        new(typeof(ChildWorkflowFailureInfo), "ChildWorkflow"),
    ];

    public static JsonSerializerOptions Options { get; } = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        AllowOutOfOrderMetadataProperties = true,
        RespectNullableAnnotations = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        MaxDepth = HistoryJson.MaxDepth,
        TypeInfoResolver = new DefaultJsonTypeInfoResolver { Modifiers = { Shape } },
        Converters =
        {
            new PayloadJson(),
            new JsonStringEnumConverter(),
            new TextJson<long>(static value => value.ToString(CultureInfo.InvariantCulture), static text => long.Parse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture)),
            new TextJson<ulong>(static value => value.ToString(CultureInfo.InvariantCulture), static text => ulong.Parse(text, NumberStyles.None, CultureInfo.InvariantCulture)),
            new TextJson<TimeSpan>(
                static value => string.Create(CultureInfo.InvariantCulture, $"{value.Ticks / (decimal)TimeSpan.TicksPerSecond}s"),
                static text => TimeSpan.FromTicks((long)(decimal.Parse(text.AsSpan().TrimEnd('s'), NumberStyles.Float, CultureInfo.InvariantCulture) * TimeSpan.TicksPerSecond))),
            new TextJson<DateTimeOffset>(
                static value => value.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'", CultureInfo.InvariantCulture),
                static text => DateTimeOffset.Parse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal).ToUniversalTime()),
        },
    };

    private static void Shape(JsonTypeInfo type)
    {
        if (type.Type == typeof(FailureInfo))
        {
            type.PolymorphismOptions = new() { TypeDiscriminatorPropertyName = "kind" };
            foreach (var kind in FailureKinds)
            {
                type.PolymorphismOptions.DerivedTypes.Add(kind);
            }
        }

        if (!type.Type.IsAssignableTo(typeof(HistoryEvent)) && !type.Type.IsAssignableTo(typeof(FailureInfo)) && type.Type != typeof(Failure))
        {
            return;
        }

        for (var i = type.Properties.Count - 1; i >= 0; i--)
        {
            var property = type.Properties[i];
            if (property.Name is "id" or "time" && type.Type.IsAssignableTo(typeof(HistoryEvent)))
            {
                // They stand beside the attributes, under other names.
                type.Properties.RemoveAt(i);
            }
            else if (property.AssociatedParameter is { } parameter)
            {
                property.IsRequired = !parameter.IsNullable;
                property.Order = parameter.Position - type.Properties.Count;
            }
            else if (IsImplied(property) is { } implied)
            {
                property.ShouldSerialize = (_, value) => !implied(value);
            }
        }
    }

    /// <summary>Tells the value that a property has when nothing is said about it; null when each value must be said.</summary>
    private static Func<object?, bool>? IsImplied(JsonPropertyInfo property)
    {
        var type = property.PropertyType;
        if (type != typeof(string) && type.IsAssignableTo(typeof(IEnumerable)))
        {
            return Nullability.Create((PropertyInfo)property.AttributeProvider!).WriteState == NullabilityState.Nullable
                ? null
                : static value => !((IEnumerable)value!).GetEnumerator().MoveNext();
        }

        // Attempts count from 1, and 0 is not the same as unsaid.
        if (!type.IsValueType || type == typeof(int) || Nullable.GetUnderlyingType(type) is not null)
        {
            return null;
        }

        var unsaid = Activator.CreateInstance(type);
        return value => Equals(value, unsaid);
    }

    /// <summary>Values whose exact form JSON numbers don't keep, or have none: as text.</summary>
    private sealed class TextJson<T>(Func<T, string> write, Func<string, T> read) : JsonConverter<T>
    {
        public override T Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
        {
            var text = reader.TokenType == JsonTokenType.String ? reader.GetString()! : JsonElement.ParseValue(ref reader).GetRawText();
            try
            {
                return read(text);
            }
            catch (Exception e) when (e is FormatException or OverflowException)
            {
                throw new JsonException($"'{text}' is no {typeof(T).Name}.", e);
            }
        }

        public override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options) => writer.WriteStringValue(write(value));
    }
}
