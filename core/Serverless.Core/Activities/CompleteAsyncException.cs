using Serverless.Exceptions;

namespace Serverless.Activities;

/// <summary>Thrown by an activity to say: I return, but I am not done; a client completes me by my task token.</summary>
public class CompleteAsyncException : TemporalException
{
    /// <summary>Creates the exception.</summary>
    public CompleteAsyncException()
        : base("The activity will be completed by a client.")
    {
    }
}
