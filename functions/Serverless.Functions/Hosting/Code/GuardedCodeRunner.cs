using System.Diagnostics;
using Serverless.Activities;
using Serverless.Engine;
using Serverless.Replay;

namespace Serverless.Functions.Hosting;

/// <summary>
/// Runs user code on the thread pool, without what is ambient where it was asked for: a replay could not repeat that, and a caller's context travels by headers. Workflow
/// code that does not give control back in time is reported and its thread left to it.
/// </summary>
internal sealed class PoolCodeRunner(TimeProvider time) : ICodeRunner
{
    public async Task<T> RunWorkflowAsync<T>(string what, TimeSpan limit, Func<T> code)
    {
        var running = RunDetached(code);
        if (running.IsCompleted || Debugger.IsAttached)
        {
            return await running;
        }

        try
        {
            return await running.WaitAsync(limit, time);
        }
        catch (TimeoutException) when (!running.IsCompleted)
        {
            throw new WorkflowTaskFailedException(
                WorkflowTaskFailedCause.Deadlock,
                $"{what} did not give control back within {limit.TotalSeconds:0.###} s. Workflow code must not block a thread or loop without end; move such work into an "
                + "activity. If replaying its history takes that long, continue as new earlier, or start it with a longer TaskTimeout (at most 2 min).");
        }
    }

    public Task<ActivityOutcome> RunActivityAsync(Func<Task<ActivityOutcome>> code) => RunDetached(code).Unwrap();

    private static Task<T> RunDetached<T>(Func<T> code)
    {
        if (ExecutionContext.IsFlowSuppressed())
        {
            return Task.Run(code);
        }

        using (ExecutionContext.SuppressFlow())
        {
            return Task.Run(code);
        }
    }
}
