using System.Globalization;

namespace SecOps.Remediation.Python.Rules;

/// <summary>B505: RSA and DSA keys that are too short.</summary>
internal sealed class KeySize() : PythonRule("B505")
{
    private const int Bits = 3072;

    protected override string? Fix(PythonFix fix)
    {
        if (fix.FindCall(c => c.Function is "generate_private_key" or "generate" or "generate_parameters" && Size(fix, c) is not null) is not { } call)
        {
            return "no call that makes a key of a given number of bits stands there";
        }

        var size = Size(fix, call)!;
        fix.Replace(size.Value, size.Last, Bits.ToString(CultureInfo.InvariantCulture));
        fix.Summary = "Make keys of 3072 bits";
        return null;
    }

    private static Argument? Size(PythonFix fix, Call call) =>
        ((call.Keyword("key_size") ?? call.Keyword("bits")) is { } named ? [named] : call.Positional)
        .FirstOrDefault(a => a.Value == a.Last && int.TryParse(fix.Source.TextOf(a.Value), NumberStyles.None, CultureInfo.InvariantCulture, out var bits) && bits is >= 512 and < Bits);
}
