namespace Core.Tests.Hostile;

/// <summary>Something that reads bytes which may come from anywhere.</summary>
/// <param name="Name">Which one.</param>
/// <param name="Refusal">The only exception that it may throw.</param>
/// <param name="Read">Reads.</param>
/// <param name="Valid">What it can read.</param>
internal sealed record Decoder(string Name, Type Refusal, Action<byte[]> Read, IReadOnlyList<byte[]> Valid)
{
    /// <summary>Bytes that reading may allocate besides those for the input: buffers, an exception with its text.</summary>
    private const long Constant = 96 * 1024;

    /// <summary>What one byte of input may cost. The smallest event has three bytes and becomes an object.</summary>
    private const long PerByte = 64;

    /// <summary>Reads: success or the refusal, within the memory that the input explains. Says what is wrong otherwise.</summary>
    /// <returns>True when the bytes were read.</returns>
    public bool Try(byte[] bytes)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        Exception? failure = null;
        try
        {
            Read(bytes);
        }
        catch (Exception e)
        {
            failure = e;
        }

        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        if (failure is not null && failure.GetType() != Refusal)
        {
            throw new AssertFailedException($"{Name}, bytes {Convert.ToHexString(bytes)}: {failure}");
        }

        if (allocated > Constant + (PerByte * bytes.Length) && allocated > Constant + (PerByte * Envelopes.Weight(bytes)))
        {
            throw new AssertFailedException($"{Name} allocated {allocated} bytes for {bytes.Length} bytes: {Convert.ToHexString(bytes)}");
        }

        return failure is null;
    }
}
