using System.Buffers.Text;

namespace Serverless.Storage.Azure;

/// <summary>
/// Message bodies as text. Ours are base64, which is what the Functions host expects by default. A message that somebody else put
/// into the queue may be anything: it is delivered as it is, so that its handler can refuse it by name and it doesn't return for ever.
/// </summary>
internal static class MessageText
{
    public static string Encode(ReadOnlySpan<byte> body) => Convert.ToBase64String(body);

    public static ReadOnlyMemory<byte> Decode(BinaryData text)
    {
        var raw = text.ToMemory();
        if (!Base64.IsValid(raw.Span, out var length))
        {
            return raw;
        }

        var body = new byte[length];
        return Base64.DecodeFromUtf8(raw.Span, body, out _, out var written) == System.Buffers.OperationStatus.Done ? body.AsMemory(0, written) : raw;
    }
}
