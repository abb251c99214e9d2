using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Serverless.Api.Enums.V1;
using Serverless.Client;

namespace Serverless.Visibility;

/// <summary>
/// Where a page ended: the next one is what matches then, strictly after this. It holds for one filter; what now() meant on the first page is kept for all.
/// Text of letters, digits, '-' and '_'.
/// </summary>
internal sealed record PageToken(DateTimeOffset Now, ListPosition After)
{
    /// <summary>Longest token that is read, in characters.</summary>
    public const int MaxLength = 64 * 1024;

    private const byte Version = 1;
    private const int SealBytes = 8;

    private enum Kind : byte
    {
        None,
        Text,
        Int,
        Double,
        Bool,
        Time,
        Duration,
        Status,
        Unordered,
    }

    public string Write(ListFilter filter, ListDivision division)
    {
        using var stream = new MemoryStream(64);
        using var writer = new BinaryWriter(stream);
        writer.Write(Version);
        writer.Write(Now.UtcTicks);
        writer.Write(After.Start.UtcTicks);
        writer.Write(After.RunId);
        foreach (var value in After.Values)
        {
            Write(writer, value);
        }

        writer.Write(Seal(filter, division, stream.ToArray()));
        return Base64Url.EncodeToString(stream.ToArray());
    }

    /// <exception cref="WorkflowServiceException">It is damaged, or of another filter.</exception>
    public static PageToken Read(string text, ListFilter filter, ListDivision division)
    {
        try
        {
            var bytes = text.Length <= MaxLength ? Base64Url.DecodeFromChars(text) : [];
            if (bytes.Length > SealBytes && bytes.AsSpan(^SealBytes).SequenceEqual(Seal(filter, division, bytes[..^SealBytes])) && bytes[0] == Version)
            {
                using var reader = new BinaryReader(new MemoryStream(bytes, 1, bytes.Length - 1 - SealBytes, writable: false));
                var (now, start) = (reader.ReadInt64(), reader.ReadInt64());
                var run = reader.ReadString();
                return new PageToken(
                    new DateTimeOffset(now, TimeSpan.Zero),
                    new ListPosition([.. filter.Order.Select(_ => Value(reader))], new DateTimeOffset(start, TimeSpan.Zero), run));
            }
        }
        catch (Exception e) when (e is FormatException or IOException or ArgumentException)
        {
            // It is refused below, as any that is damaged in another way.
        }

        throw new WorkflowServiceException(
            WorkflowServiceError.InvalidArgument, "The page token does not belong to this filter, or it is damaged. Repeat the filter that gave it, unchanged.");
    }

    /// <summary>Binds the token to its filter, and tells damage.</summary>
    private static byte[] Seal(ListFilter filter, ListDivision division, byte[] content) =>
        SHA256.HashData([.. content, (byte)division, .. Encoding.UTF8.GetBytes(FilterPrinter.Print(filter))])[..SealBytes];

    private static void Write(BinaryWriter writer, object? value)
    {
        switch (value)
        {
            case null:
                writer.Write((byte)Kind.None);
                break;
            case string text:
                writer.Write((byte)Kind.Text);
                writer.Write(text);
                break;
            case long number:
                writer.Write((byte)Kind.Int);
                writer.Write(number);
                break;
            case double number:
                writer.Write((byte)Kind.Double);
                writer.Write(number);
                break;
            case bool flag:
                writer.Write((byte)Kind.Bool);
                writer.Write(flag);
                break;
            case DateTimeOffset time:
                writer.Write((byte)Kind.Time);
                writer.Write(time.UtcTicks);
                break;
            case TimeSpan span:
                writer.Write((byte)Kind.Duration);
                writer.Write(span.Ticks);
                break;
            case WorkflowExecutionStatus status:
                writer.Write((byte)Kind.Status);
                writer.Write((byte)status);
                break;
            case UnorderedValue unordered:
                writer.Write((byte)Kind.Unordered);
                writer.Write(unordered.TypeName);
                break;
            default:
                throw new ArgumentException($"A {value.GetType().Name} has no place in an order.", nameof(value));
        }
    }

    private static object? Value(BinaryReader reader) => (Kind)reader.ReadByte() switch
    {
        Kind.None => null,
        Kind.Text => reader.ReadString(),
        Kind.Int => reader.ReadInt64(),
        Kind.Double => reader.ReadDouble(),
        Kind.Bool => reader.ReadBoolean(),
        Kind.Time => new DateTimeOffset(reader.ReadInt64(), TimeSpan.Zero),
        Kind.Duration => new TimeSpan(reader.ReadInt64()),
        Kind.Status => (WorkflowExecutionStatus)reader.ReadByte(),
        Kind.Unordered => new UnorderedValue(reader.ReadString()),
        _ => throw new FormatException("A page token holds an unknown kind of value."),
    };
}
