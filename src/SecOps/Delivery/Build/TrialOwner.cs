using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;

namespace SecOps.Delivery.Build;

/// <summary>Which process owns something in the Engine: machine, process id and start time, so that an id given out again is not taken for it.</summary>
internal static class TrialOwner
{
    public static string Current { get; } = Describe(Process.GetCurrentProcess());

    /// <summary>True when it was a process of this machine that has ended; others' things are left alone.</summary>
    public static bool IsGone(string owner)
    {
        var parts = owner.Split('/');
        if (parts.Length != 3 || parts[0] != Environment.MachineName || !int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var id))
        {
            return false;
        }

        try
        {
            using var process = Process.GetProcessById(id);
            return Describe(process) != owner;
        }
        catch (ArgumentException)
        {
            return true;
        }
        catch (Exception e) when (e is Win32Exception or InvalidOperationException)
        {
            return false;
        }
    }

    private static string Describe(Process process) =>
        string.Create(CultureInfo.InvariantCulture, $"{Environment.MachineName}/{process.Id}/{new DateTimeOffset(process.StartTime).ToUnixTimeSeconds()}");
}
