using System.Runtime;

namespace SecOps;

/// <summary>The memory of this process.</summary>
internal static class Heap
{
    private const long Small = 16 * 1024 * 1024;
    private const long Most = 512 * 1024 * 1024;

    /// <summary>
    /// Lets as much be allocated as large reports are long before garbage is collected again: nearly all that is read from them lives until
    /// the result is written, and a collection would only move it about. Takes no memory by itself, and at most a quarter of what there is.
    /// </summary>
    /// <param name="reports">Their paths; absent ones count nothing.</param>
    public static void ReserveFor(IEnumerable<string> reports)
    {
        var bytes = Math.Min(Most, reports.Select(r => new FileInfo(r)).Sum(f => f.Exists ? f.Length : 0));
        if (bytes < Small || bytes > GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 4 || GCSettings.LatencyMode == GCLatencyMode.NoGCRegion)
        {
            return;
        }

        try
        {
            GC.TryStartNoGCRegion(bytes);
        }
        catch (Exception e) when (e is ArgumentOutOfRangeException or InvalidOperationException)
        {
            // A collector that can't put off so much collects as ever.
        }
    }
}
