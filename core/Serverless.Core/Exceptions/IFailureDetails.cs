namespace Serverless.Exceptions;

/// <summary>Values that a failure carries.</summary>
public interface IFailureDetails
{
    /// <summary>How many there are.</summary>
    int Count { get; }

    /// <summary>The value at a position, converted.</summary>
    /// <typeparam name="T">What to convert it to.</typeparam>
    /// <param name="index">Position, from 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such position.</exception>
    T ElementAt<T>(int index);
}
