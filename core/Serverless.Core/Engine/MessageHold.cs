namespace Serverless.Engine;

/// <summary>
/// How long a message is surely kept from others: by the clock of this process that no one sets, and counted from before the request that granted it. Thread-safe.
/// </summary>
internal sealed class MessageHold(TimeProvider time)
{
    private long _until = long.MinValue;

    /// <summary>False when others may have the message by now, or have had it.</summary>
    public bool IsSure => time.GetTimestamp() < Interlocked.Read(ref _until);

    /// <summary>A moment to be named to <see cref="Granted"/>.</summary>
    public long Now => time.GetTimestamp();

    /// <summary>The service granted a time.</summary>
    /// <param name="asked">When it was asked for.</param>
    /// <param name="granted">How long nobody else gets the message; zero when others have it.</param>
    public void Granted(long asked, TimeSpan granted) => Interlocked.Exchange(ref _until, asked + (long)(granted.TotalSeconds * time.TimestampFrequency));
}
