using Serverless.Activities;

namespace Serverless.Engine;

/// <summary>
/// Where user code runs: the engine itself has no threads. The host's runner uses the thread pool and watches the time; a test's runs everything in place.
/// </summary>
internal interface ICodeRunner
{
    /// <summary>Runs workflow code until it blocks, for at most the given time.</summary>
    /// <exception cref="Replay.WorkflowTaskFailedException">
    /// It did not give control back in time (cause Deadlock) or took too much memory (cause MemoryExhausted). It may still be running: its executor must not be used again.
    /// </exception>
    Task<T> RunWorkflowAsync<T>(CodeOwner owner, TimeSpan limit, Func<T> code);

    /// <summary>Runs an activity attempt off the caller's thread.</summary>
    Task<ActivityOutcome> RunActivityAsync(Func<Task<ActivityOutcome>> code);
}

/// <summary>Whose code runs.</summary>
internal readonly record struct CodeOwner(string WorkflowType, string WorkflowId)
{
    public override string ToString() => $"{WorkflowType} '{WorkflowId}'";
}

/// <summary>Runs code where it stands: for tests and simulation, where no code misbehaves and nothing may leave the scheduler.</summary>
internal sealed class InPlaceCodeRunner : ICodeRunner
{
    public Task<T> RunWorkflowAsync<T>(CodeOwner owner, TimeSpan limit, Func<T> code)
    {
        try
        {
            return Task.FromResult(code());
        }
        catch (Replay.WorkflowTaskFailedException e)
        {
            return Task.FromException<T>(e);
        }
        catch (Replay.QueryFailedException e)
        {
            return Task.FromException<T>(e);
        }
    }

    public Task<ActivityOutcome> RunActivityAsync(Func<Task<ActivityOutcome>> code) => code();
}
