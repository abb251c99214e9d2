namespace Serverless.Exceptions;

/// <summary>
/// Base of the failures that travel between workflows, activities and clients, and are stored. Thrown by workflow code, any of them fails the workflow.
/// </summary>
public class FailureException : TemporalException
{
    /// <summary>Creates a failure that has not travelled yet.</summary>
    /// <param name="message">What is wrong.</param>
    /// <param name="inner">Its cause.</param>
    internal protected FailureException(string message, Exception? inner = null)
        : base(message, inner)
    {
    }

    internal FailureException(Failure failure, Exception? inner)
        : base(failure.Message, inner) => Failure = failure;

    /// <summary>The stored form this was made from; null when it was thrown here.</summary>
    public Failure? Failure { get; }

    /// <summary>Where it was thrown: the recorded place first, if it was recorded, then the place where it was thrown again here.</summary>
    public override string? StackTrace
    {
        get
        {
            var here = base.StackTrace;
            var recorded = Failure?.StackTrace;
            if (string.IsNullOrEmpty(recorded))
            {
                return here;
            }

            return string.IsNullOrEmpty(here) ? recorded : recorded + Environment.NewLine + here;
        }
    }

    /// <summary>The facts of the expected kind, for constructors.</summary>
    private protected static T Facts<T>(Failure failure)
        where T : FailureInfo =>
        failure.Info as T ?? throw new ArgumentException($"The stored failure is a {failure.Info.GetType().Name}, expected {typeof(T).Name}.", nameof(failure));
}
