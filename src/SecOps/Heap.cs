using System.Globalization;
using System.Runtime;
using System.Runtime.InteropServices;

namespace SecOps;

/// <summary>The memory of this process.</summary>
internal static partial class Heap
{
    private const long Small = 16 * 1024 * 1024;
    private const long Most = 512 * 1024 * 1024;

    /// <summary>MADV_HUGEPAGE of Linux.</summary>
    private const int HugePage = 14;

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
            if (GC.TryStartNoGCRegion(bytes) && OperatingSystem.IsLinux())
            {
                InLargePages(bytes);
            }
        }
        catch (Exception e) when (e is ArgumentOutOfRangeException or InvalidOperationException or IOException or UnauthorizedAccessException)
        {
            // A collector that can't put off so much collects as ever; without /proc the pages are small.
        }
    }

    /// <summary>
    /// Asks the kernel for pages of 2 MB where the reserve lies, or it would be given 4 KB at a time. A hint: where the kernel has none to give
    /// or does not do that (/sys/kernel/mm/transparent_hugepage/enabled says never), all stays as it is.
    /// </summary>
    private static void InLargePages(long reserve)
    {
        foreach (var mapping in File.ReadLines("/proc/self/maps"))
        {
            // proc_pid_maps(5): addresses, permissions, offset, device, inode, and no path: memory of this process alone. The reserve may lie in two.
            if (mapping.Split(' ', StringSplitOptions.RemoveEmptyEntries) is [var range, "rw-p", _, _, "0"]
                && range.Split('-') is [var from, var to]
                && nint.TryParse(from, NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var start)
                && nint.TryParse(to, NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var end)
                && end - start >= reserve / 4)
            {
                _ = Advise(start, end - start, HugePage);
            }
        }
    }

    /// <summary>madvise(2).</summary>
    [LibraryImport("libc", EntryPoint = "madvise")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Advise(nint address, nint length, int advice);
}
