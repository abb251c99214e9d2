using Serverless.Engine;

namespace Serverless.Functions.Hosting.Code;

/// <summary>
/// Code that runs on a thread of its own until it returns. Nothing can end it before: .NET's one way to do so (<c>ControlledExecution</c>) ends the process when the code is asynchronous,
/// since what it throws leaves an await's continuation, where nobody catches.
/// </summary>
internal abstract class CodeRun(CodeOwner owner, CodeThread thread, TimeProvider time)
{
    public CodeOwner Owner { get; } = owner;

    public CodeThread Thread { get; } = thread;

    /// <summary>When the code was given to its thread.</summary>
    public long Begun { get; } = time.GetTimestamp();

    public TimeSpan Elapsed => time.GetElapsedTime(Begun);

    public abstract Task Completion { get; }

    /// <summary>Runs the code on the calling thread. Throws nothing.</summary>
    public abstract void Execute();
}

/// <inheritdoc/>
internal sealed class CodeRun<T>(CodeOwner owner, CodeThread thread, Func<T> code, TimeProvider time) : CodeRun(owner, thread, time)
{
    private readonly TaskCompletionSource<T> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public override Task Completion => _done.Task;

    public Task<T> Result => _done.Task;

    public override void Execute()
    {
        try
        {
            _done.SetResult(code());
        }
#pragma warning disable CA1031 // The caller gets whatever the code threw.
        catch (Exception e)
#pragma warning restore CA1031
        {
            _done.SetException(e);
        }
    }
}
