namespace Serverless.Exceptions;

/// <summary>
/// Root of the exceptions of this library that user code is meant to catch. The name is the field's: code written for it keeps compiling.
/// </summary>
public abstract class TemporalException : Exception
{
    /// <summary>Creates the exception with the default message.</summary>
    protected TemporalException()
    {
    }

    /// <summary>Creates the exception.</summary>
    /// <param name="message">What is wrong.</param>
    protected TemporalException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the exception.</summary>
    /// <param name="message">What is wrong.</param>
    /// <param name="inner">Its cause.</param>
    protected TemporalException(string message, Exception? inner)
        : base(message, inner)
    {
    }

    /// <summary>
    /// True when the exception means "cancelled": an <see cref="OperationCanceledException"/>, a <see cref="CanceledFailureException"/>, or an activity
    /// or child workflow that failed because it was cancelled.
    /// </summary>
    /// <param name="e">The exception to judge.</param>
    public static bool IsCanceledException(Exception e) => e switch
    {
        OperationCanceledException or CanceledFailureException => true,
        ActivityFailureException or ChildWorkflowFailureException => e.InnerException is CanceledFailureException,
        _ => false,
    };
}
