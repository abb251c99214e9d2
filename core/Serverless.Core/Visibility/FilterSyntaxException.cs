namespace Serverless.Visibility;

/// <summary>A list filter can't be read. The message shows the position and what was expected.</summary>
public sealed class FilterSyntaxException : FormatException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">What is wrong and what was expected.</param>
    /// <param name="position">Offset in the filter text, from 0.</param>
    public FilterSyntaxException(string message, int position)
        : base(message) => Position = position;

    /// <summary>Offset in the filter text, from 0.</summary>
    public int Position { get; }
}
