using System.Runtime.InteropServices;

namespace Serverless.Functions.Hosting.Code;

/// <summary>One thread that runs workflow code. Given work by one caller at a time; hands itself back when it is done with it.</summary>
internal sealed partial class CodeThread
{
    [ThreadStatic]
    private static bool _isCurrent;

    private readonly Thread _thread;
    private readonly object _lock = new();
    private readonly Action<CodeThread> _idle;
    private CodeRun? _next;
    private bool _isGiven;
    private volatile int _nativeId;

    /// <param name="idle">Told when it may be given work again.</param>
    public CodeThread(Action<CodeThread> idle)
    {
        _idle = idle;
        _thread = new Thread(Loop) { IsBackground = true, Name = "workflow-code" };

        // Nothing that is ambient where the first work came from.
        _thread.UnsafeStart();
    }

    /// <summary>True on threads of workflow code.</summary>
    public static bool IsCurrent => _isCurrent;

    /// <summary>True once its priority was lowered: it can't be raised again everywhere, so the thread ends with its work.</summary>
    public bool IsWorn { get; private set; }

    /// <summary>True while the code waits or sleeps: it costs a thread and nothing else.</summary>
    public bool IsWaiting => (_thread.ThreadState & ThreadState.WaitSleepJoin) != 0;

    /// <summary>Gives it work; null ends it.</summary>
    public void Give(CodeRun? run)
    {
        lock (_lock)
        {
            (_next, _isGiven) = (run, true);
            Monitor.Pulse(_lock);
        }
    }

    /// <summary>Lets everything else of the machine go before this thread.</summary>
    /// <param name="priority">How far: 1 (a little) to 19 (it gets what nobody else wants).</param>
    public void Lower(int priority)
    {
        IsWorn = true;
        if (!OperatingSystem.IsLinux())
        {
            _thread.Priority = priority < 15 ? ThreadPriority.BelowNormal : ThreadPriority.Lowest;
        }
        else if (_nativeId != 0)
        {
            // The runtime's own priorities have no effect on Linux.
            _ = SetPriority(0, _nativeId, priority);
        }
    }

    private void Loop()
    {
        _isCurrent = true;
        _nativeId = OperatingSystem.IsLinux() ? GetThreadId() : 0;
        var nothingAmbient = ExecutionContext.Capture()!;
        while (true)
        {
            if (Take() is not { } run)
            {
                return;
            }

            ExecutionContext.Run(nothingAmbient, static state => ((CodeRun)state!).Execute(), run);
            if (IsWorn)
            {
                return;
            }

            _idle(this);
        }
    }

    private CodeRun? Take()
    {
        lock (_lock)
        {
            while (!_isGiven)
            {
                Monitor.Wait(_lock);
            }

            var run = _next;
            (_next, _isGiven) = (null, false);
            return run;
        }
    }

    [LibraryImport("libc", EntryPoint = "gettid")]
    private static partial int GetThreadId();

    [LibraryImport("libc", EntryPoint = "setpriority")]
    private static partial int SetPriority(int which, int who, int priority);
}
