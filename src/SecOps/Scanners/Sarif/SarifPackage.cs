using SecOps.Findings;

namespace SecOps.Scanners.Sarif;

/// <summary>The format has no place for packages; Trivy writes them into the message, a line each.</summary>
internal static class SarifPackage
{
    /// <returns>Null when the message names none.</returns>
    public static Package? In(string? message, string? manifest)
    {
        if (message is null || !message.StartsWith("Package: ", StringComparison.Ordinal))
        {
            return null;
        }

        string? Line(string label)
        {
            var start = message.IndexOf("\n" + label + ": ", StringComparison.Ordinal);
            if (start < 0)
            {
                return null;
            }

            var value = message[(start + label.Length + 3)..].Split('\n')[0].Trim();
            return value.Length == 0 ? null : value;
        }

        return new Package(null, message["Package: ".Length..].Split('\n')[0].Trim(), Line("Installed Version"), Line("Fixed Version"), manifest);
    }
}
