using System.Collections.Concurrent;
using Serverless.Engine;

namespace Serverless.Functions.Hosting.Code;

/// <summary>
/// Threads of their own for workflow code. Code that does not return costs one of them, and none of the thread pool's, on which everything else of the process runs. Thread-safe.
/// </summary>
internal sealed class CodeThreads
{
    private static readonly int _maxIdle = 2 * Environment.ProcessorCount;
    private readonly ConcurrentStack<CodeThread> _idle = [];

    /// <summary>Runs code on a thread of its own, at once.</summary>
    public CodeRun<T> Run<T>(CodeOwner owner, Func<T> code, TimeProvider time)
    {
        var thread = _idle.TryPop(out var idle) ? idle : new CodeThread(TakeBack);
        var run = new CodeRun<T>(owner, thread, code, time);
        thread.Give(run);
        return run;
    }

    private void TakeBack(CodeThread thread)
    {
        if (_idle.Count < _maxIdle)
        {
            _idle.Push(thread);
        }
        else
        {
            thread.Give(null);
        }
    }
}
