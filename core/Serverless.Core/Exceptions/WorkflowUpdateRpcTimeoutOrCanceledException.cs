namespace Serverless.Exceptions;

/// <summary>Waiting for an update was given up. The update itself goes on; get it again by its id.</summary>
public class WorkflowUpdateRpcTimeoutOrCanceledException : RpcTimeoutOrCanceledException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="inner">What ended the wait.</param>
    public WorkflowUpdateRpcTimeoutOrCanceledException(Exception? inner)
        : base("Timeout or cancellation waiting for update", inner)
    {
    }
}
