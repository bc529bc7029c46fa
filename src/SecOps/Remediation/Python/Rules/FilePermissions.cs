using System.Globalization;

namespace SecOps.Remediation.Python.Rules;

/// <summary>B103: a file or folder that others may write to.</summary>
internal sealed class FilePermissions() : PythonRule("B103")
{
    private const int WriteOfOthers = 0b000_010_010;
    private const int Execute = 0b001_001_001;

    protected override string? Fix(PythonFix fix)
    {
        if (fix.FindCall(c => c.Function == "chmod") is not { } call)
        {
            return "no call of chmod stands there";
        }

        if ((call.Keyword("mode") ?? (call.Positional is [.., var last] ? last : null)) is not { } mode || mode.Value != mode.Last || Number(fix.Source.TextOf(mode.Value)) is not { } bits)
        {
            return "the mode is no number that can be read";
        }

        if ((bits & WriteOfOthers) == 0)
        {
            return "others may only read or execute it, and may have to";
        }

        fix.Replace(mode.Value, mode.Last, (bits & Execute) != 0 ? "0o700" : "0o600");
        fix.Summary = "Keep others out of the file";
        fix.Risk = "Another user, or a service of another user, no longer reads it.";
        return null;
    }

    private static int? Number(string text)
    {
        try
        {
            var digits = text.Replace("_", "", StringComparison.Ordinal).ToLowerInvariant();
            return digits.StartsWith("0o", StringComparison.Ordinal) ? Convert.ToInt32(digits[2..], 8)
                : digits.StartsWith("0x", StringComparison.Ordinal) ? Convert.ToInt32(digits[2..], 16)
                : int.Parse(digits, CultureInfo.InvariantCulture);
        }
        catch (Exception e) when (e is FormatException or OverflowException or ArgumentException)
        {
            return null;
        }
    }
}
