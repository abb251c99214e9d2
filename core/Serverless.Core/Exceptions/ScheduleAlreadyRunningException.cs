namespace Serverless.Exceptions;

/// <summary>A schedule with this id exists.</summary>
public class ScheduleAlreadyRunningException : FailureException
{
    /// <summary>Creates the exception.</summary>
    public ScheduleAlreadyRunningException()
        : base("A schedule with this id exists. Choose another id, or update the existing one through its handle.")
    {
    }
}
