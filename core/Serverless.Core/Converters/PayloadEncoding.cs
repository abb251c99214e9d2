using System.Text;

namespace Serverless.Converters;

/// <summary>The "encoding" of payloads: its metadata key, the names in use, and payloads made with them.</summary>
internal static class PayloadEncoding
{
    public const string Key = "encoding";
    public const string BinaryNull = "binary/null";
    public const string BinaryPlain = "binary/plain";
    public const string JsonPlain = "json/plain";

    public static readonly ReadOnlyMemory<byte> JsonPlainBytes = Encoding.UTF8.GetBytes(JsonPlain);

    // Shared by all payloads of an encoding: they are many, and immutable.
    private static readonly IReadOnlyDictionary<string, ReadOnlyMemory<byte>> s_binaryNull = Metadata(BinaryNull);
    private static readonly IReadOnlyDictionary<string, ReadOnlyMemory<byte>> s_binaryPlain = Metadata(BinaryPlain);
    private static readonly IReadOnlyDictionary<string, ReadOnlyMemory<byte>> s_jsonPlain = Metadata(JsonPlain);

    public static Payload Create(string encoding, ReadOnlyMemory<byte> data) => new(
        encoding switch
        {
            JsonPlain => s_jsonPlain,
            BinaryNull => s_binaryNull,
            BinaryPlain => s_binaryPlain,
            _ => Metadata(encoding),
        },
        data);

    /// <summary>The encoding; null when the payload has none.</summary>
    public static string? Of(Payload payload) =>
        payload.Metadata.TryGetValue(Key, out var name) ? Encoding.UTF8.GetString(name.Span) : null;

    private static Dictionary<string, ReadOnlyMemory<byte>> Metadata(string encoding) =>
        new(1, StringComparer.Ordinal) { [Key] = Encoding.UTF8.GetBytes(encoding) };
}
