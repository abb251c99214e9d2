namespace Serverless.Converters;

/// <summary>The "encoding" of payloads: its metadata key, the names in use, and payloads made with them.</summary>
internal static class PayloadEncoding
{
    public const string Key = "encoding";
    public const string BinaryNull = "binary/null";
    public const string BinaryPlain = "binary/plain";
    public const string JsonPlain = "json/plain";

    public static readonly ByteString JsonPlainBytes = ByteString.CopyFromUtf8(JsonPlain);

    // The payloads of an encoding share its entries: they are many.
    private static readonly MetadataDictionary s_binaryNull = Metadata(BinaryNull);
    private static readonly MetadataDictionary s_binaryPlain = Metadata(BinaryPlain);
    private static readonly MetadataDictionary s_jsonPlain = Metadata(JsonPlain);

    /// <summary>A payload that a subclass of the converter may still add to.</summary>
    public static Payload Create(string encoding, ReadOnlyMemory<byte> data)
    {
        var metadata = encoding switch
        {
            JsonPlain => s_jsonPlain,
            BinaryNull => s_binaryNull,
            BinaryPlain => s_binaryPlain,
            _ => Metadata(encoding),
        };
        return new Payload(metadata.Copy(), data);
    }

    /// <summary>The encoding; null when the payload has none.</summary>
    public static string? Of(Payload payload) =>
        payload.Metadata.TryGetValue(Key, out var name) ? name.ToStringUtf8() : null;

    private static MetadataDictionary Metadata(string encoding) =>
        MetadataDictionary.Fixed(new(1, StringComparer.Ordinal) { [Key] = ByteString.CopyFromUtf8(encoding) });
}
