using System.Collections;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Serverless.Converters;
using Serverless.History;

namespace Serverless.Functions.Http;

/// <summary>Shows stored records (events, failures, descriptions) as JSON: names in camel case, payloads as their values, nothing that is empty.</summary>
internal static class StoredJson
{
    public static JsonSerializerOptions Options { get; } = Create();

    public static JsonNode? Node<T>(T value) => JsonSerializer.SerializeToNode(value, Options);

    /// <summary>An event as <c>{ id, time, type, attributes }</c>.</summary>
    public static JsonNode Event(HistoryEvent e)
    {
        var attributes = JsonSerializer.SerializeToNode(e, e.GetType(), Options)!.AsObject();
        attributes.Remove("id");
        attributes.Remove("time");
        return new JsonObject { ["id"] = e.Id, ["time"] = e.Time, ["type"] = e.GetType().Name, ["attributes"] = attributes };
    }

    private static JsonSerializerOptions Create()
    {
        var resolver = new DefaultJsonTypeInfoResolver();
        resolver.Modifiers.Add(SkipEmpty);
        return new JsonSerializerOptions(JsonSerializerDefaults.Web)
        {
            TypeInfoResolver = resolver,
            DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
            Converters = { new JsonStringEnumConverter(), new PayloadJson(), new FailureJson(), new DurationJson() },
        };
    }

    private static void SkipEmpty(JsonTypeInfo type)
    {
        foreach (var property in type.Properties.Where(p => typeof(IEnumerable).IsAssignableFrom(p.PropertyType) && p.PropertyType != typeof(string)))
        {
            property.ShouldSerialize = (_, value) => value is IEnumerable items && items.GetEnumerator().MoveNext();
        }
    }

    private sealed class PayloadJson : JsonConverter<Payload>
    {
        public override Payload Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => throw new NotSupportedException();

        public override void Write(Utf8JsonWriter writer, Payload value, JsonSerializerOptions options)
        {
            if (JsonPayloads.ToJson(value) is { } node)
            {
                node.WriteTo(writer);
            }
            else
            {
                writer.WriteNullValue();
            }
        }
    }

    /// <summary>A failure with the facts of its kind beside its message.</summary>
    private sealed class FailureJson : JsonConverter<Failure>
    {
        public override Failure Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => throw new NotSupportedException();

        public override void Write(Utf8JsonWriter writer, Failure value, JsonSerializerOptions options)
        {
            if (value.EncodedAttributes is { } encoded && EncodedAttributes.TryRead(encoded) is { } common)
            {
                value = value with { Message = common.Message, StackTrace = common.StackTrace };
            }

            var node = new JsonObject
            {
                ["message"] = value.Message,
                ["kind"] = value.Info.GetType().Name.Replace("FailureInfo", "", StringComparison.Ordinal),
            };
            foreach (var (name, fact) in JsonSerializer.SerializeToNode(value.Info, value.Info.GetType(), options)!.AsObject().ToList())
            {
                node[name] = fact?.DeepClone();
            }

            if (value.StackTrace is not null)
            {
                node["stackTrace"] = value.StackTrace;
            }

            if (value.Cause is not null)
            {
                node["cause"] = JsonSerializer.SerializeToNode(value.Cause, options);
            }

            node.WriteTo(writer);
        }
    }

    private sealed class DurationJson : JsonConverter<TimeSpan>
    {
        public override TimeSpan Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => throw new NotSupportedException();

        public override void Write(Utf8JsonWriter writer, TimeSpan value, JsonSerializerOptions options) =>
            writer.WriteStringValue(string.Create(CultureInfo.InvariantCulture, $"{value.TotalSeconds}s"));
    }
}
