namespace Serverless.Functions.Hosting.Code;

/// <summary>Tells when the process is about to run out of memory: of what the machine, its container or the setting <c>DOTNET_GCHeapHardLimit</c> allows.</summary>
internal static class MemoryWatch
{
    /// <summary>Share of the memory that objects may fill before somebody is to blame.</summary>
    private const double Share = 0.7;

    /// <summary>True when objects that are in use fill most of what there is.</summary>
    public static bool IsShort()
    {
        var last = GC.GetGCMemoryInfo(GCKind.Any);
        return last.HeapSizeBytes > Share * last.TotalAvailableMemoryBytes;
    }
}
