using Serverless.Converters;

namespace Serverless.Client;

/// <summary>Reads the notes of blocked workflows.</summary>
internal static class BlockedNotes
{
    /// <summary>The note with its message decoded; as it is when it was not encoded.</summary>
    public static async Task<BlockedNote?> RevealAsync(this DataConverter converter, BlockedNote? note)
    {
        if (note?.Encoded is not { } encoded)
        {
            return note;
        }

        var failure = new Failure(note.Message, new ApplicationFailureInfo(null, NonRetryable: false)) { EncodedAttributes = encoded };
        return note with { Message = (await converter.ToExceptionAsync(failure)).Message, Encoded = null };
    }
}
