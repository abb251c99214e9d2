using System.Runtime.ExceptionServices;

namespace Serverless.Functions.Hosting.Code;

/// <summary>Tells when the process is about to run out of memory: of what the machine, its container or the setting <c>DOTNET_GCHeapHardLimit</c> allows.</summary>
internal static class MemoryWatch
{
    /// <summary>Share of the memory that objects may fill before somebody is to blame.</summary>
    private const double Share = 0.7;

    private static int _isWatching;

    [ThreadStatic]
    private static bool _isLooking;

    /// <summary>True when objects that are in use fill most of what there is.</summary>
    public static bool IsShort()
    {
        var last = GC.GetGCMemoryInfo(GCKind.Any);
        return last.HeapSizeBytes > Share * last.TotalAvailableMemoryBytes;
    }

    /// <summary>
    /// Ends the process once it has no memory for anything but workflow code: what was refused some in the middle of its work may never go on, and would hold its messages for ever. What
    /// the process was doing goes on in the next one, as after a kill.
    /// </summary>
    public static void EndWhenExhausted()
    {
        if (Interlocked.Exchange(ref _isWatching, 1) == 0)
        {
            AppDomain.CurrentDomain.FirstChanceException += OnException;
        }
    }

    private static void OnException(object? sender, FirstChanceExceptionEventArgs thrown)
    {
        if (thrown.Exception is not OutOfMemoryException || CodeThread.IsCurrent)
        {
            return;
        }

        // Looking takes memory too: where there is not even that much, the look itself ends here.
        var isShort = _isLooking;
        _isLooking = true;
        if (isShort || IsShort())
        {
            Environment.FailFast("The process has no memory left. It must be started again; what it was doing goes on then. Give it more memory if no workflow is blocked as MemoryExhausted.");
        }

        _isLooking = false;
    }
}
