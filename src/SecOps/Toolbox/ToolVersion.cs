using System.Text.RegularExpressions;
using SecOps.Processes;

namespace SecOps.Toolbox;

/// <summary>Asks tools for their version.</summary>
public static partial class ToolVersion
{
    [GeneratedRegex(@"(?<![\w.])v?(\d+\.\d+(?:\.\d+)*)")]
    private static partial Regex UsualPattern();

    public static Regex Usual => UsualPattern();

    /// <returns>Null when the tool does not say.</returns>
    public static async Task<string?> AskAsync(ProcessRunner processes, ToolSpecification tool, string executable, CancellationToken cancellation)
    {
        try
        {
            var result = await processes.RunAsync(
                new ProcessCall(executable, tool.VersionArguments) { Timeout = TimeSpan.FromSeconds(20), MaxCapture = 8 * 1024 }, cancellation);
            var match = tool.VersionPattern.Match(result.Output + "\n" + result.Error);
            return match.Success ? match.Groups[1].Value : null;
        }
        catch (ToolNotFoundException)
        {
            return null;
        }
    }

    /// <summary>Whether the version is older than the oldest good one; unknown versions get the benefit of the doubt.</summary>
    public static bool IsTooOld(ToolSpecification tool, string? version) =>
        tool.OldestGood is { } oldest && Version.TryParse(version, out var parsed) && parsed < oldest;
}
