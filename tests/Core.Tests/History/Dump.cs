using System.Collections;
using System.Globalization;
using System.Reflection;
using System.Text;
using Serverless.Converters;

namespace Core.Tests.History;

/// <summary>All that an object holds, as text: equal texts mean equal objects, whatever their collections are made of.</summary>
internal static class Dump
{
    public static string Of(object? value)
    {
        var text = new StringBuilder();
        Write(text, value, 0);
        return text.ToString();
    }

    private static void Write(StringBuilder text, object? value, int indent)
    {
        switch (value)
        {
            case null: text.Append("null"); break;
            case string s: text.Append('"').Append(s).Append('"'); break;
            case TimeSpan span: text.Append(span.Ticks); break;
            case DateTimeOffset time: text.Append(time.UtcTicks); break;
            case Enum or ValueType and IFormattable: text.Append(Convert.ToString(value, CultureInfo.InvariantCulture)); break;
            case bool flag: text.Append(flag); break;
            case ReadOnlyMemory<byte> bytes: text.Append(Convert.ToHexString(bytes.Span)); break;
            case ByteString bytes: text.Append(Convert.ToHexString(bytes.Span)); break;
            case IReadOnlyDictionary<string, Payload> map: WriteMap(text, map, indent); break;
            case IReadOnlyDictionary<string, ByteString> map: WriteMap(text, map, indent); break;
            case IEnumerable list: WriteList(text, list, indent); break;
            default: WriteProperties(text, value, indent); break;
        }
    }

    private static void WriteMap<T>(StringBuilder text, IReadOnlyDictionary<string, T> map, int indent)
    {
        text.Append('{');
        foreach (var (key, value) in map.OrderBy(e => e.Key, StringComparer.Ordinal))
        {
            Line(text, indent + 1).Append(key).Append(": ");
            Write(text, value, indent + 1);
        }

        text.Append('}');
    }

    private static void WriteList(StringBuilder text, IEnumerable list, int indent)
    {
        text.Append('[');
        foreach (var item in list)
        {
            Line(text, indent + 1);
            Write(text, item, indent + 1);
        }

        text.Append(']');
    }

    private static void WriteProperties(StringBuilder text, object value, int indent)
    {
        text.Append(value.GetType().Name);
        foreach (var property in Properties(value.GetType()))
        {
            Line(text, indent + 1).Append(property.Name).Append(" = ");
            Write(text, property.GetValue(value), indent + 1);
        }
    }

    public static IEnumerable<PropertyInfo> Properties(Type type) =>
        type.GetProperties(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic)
            .Where(p => p.Name != "EqualityContract" && p.GetIndexParameters().Length == 0)
            .OrderBy(p => p.Name, StringComparer.Ordinal);

    private static StringBuilder Line(StringBuilder text, int indent) => text.Append('\n').Append(' ', indent * 2);
}
