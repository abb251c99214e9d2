using Serverless.Converters;

namespace Serverless.Operations;

/// <summary>Payloads inside of the records of system workflows: whole, not encoded by the codec, for the record around them is.</summary>
internal static class PayloadTexts
{
    public static string Write(Payload payload) => Convert.ToBase64String(payload.ToByteArray());

    /// <exception cref="InvalidDataException">The text is no payload.</exception>
    public static Payload Read(string text)
    {
        try
        {
            return Payload.Parser.ParseFrom(Convert.FromBase64String(text));
        }
        catch (FormatException e)
        {
            throw new InvalidDataException($"A stored value can't be read: {e.Message}", e);
        }
    }
}
