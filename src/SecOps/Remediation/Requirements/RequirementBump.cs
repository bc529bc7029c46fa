using NuGet.Versioning;
using SecOps.Findings;

namespace SecOps.Remediation.Requirements;

/// <summary>Raises a pinned requirement to the first version that an advisory names as fixed, in the same major version.</summary>
internal sealed class RequirementBump : IFixRule
{
    public IReadOnlyList<string> Scanners { get; } = ["trivy", "safety", "pip-audit"];

    /// <summary>Any advisory: told by the finding's category.</summary>
    public IReadOnlyList<string> RuleIds { get; } = [];

    public FixResult Propose(FixRequest request)
    {
        if (request.Finding.Location.Package is not { } package || (package.Manifest ?? request.Finding.Location.Path) is not { } manifest)
        {
            return new NoFix("the finding names no package and file");
        }

        var name = Path.GetFileName(manifest);
        if (!name.StartsWith("requirements", StringComparison.OrdinalIgnoreCase) || !(name.EndsWith(".txt", StringComparison.Ordinal) || name.EndsWith(".in", StringComparison.Ordinal)))
        {
            return new NoFix($"{name} is written by a tool: raise {package.Name} there and lock again");
        }

        if (request.Tree.Read(manifest) is not { } text)
        {
            return new NoFix($"{manifest} can't be read");
        }

        if (RequirementsEditor.IsCompiled(text))
        {
            return new NoFix($"{manifest} is compiled, or pins hashes: raise {package.Name} in its source and compile again");
        }

        if (Version(package, request.Finding.Fix) is not { } version)
        {
            return new NoFix($"no fixed version in the same major version as {package.Version} is known");
        }

        return Raise(text, package, version) is { } after
            ? new Proposal([new FileChange(manifest, text, after)], $"Raise {package.Name} to {version}") { Risk = "Read the package's changes between the two versions." }
            : new NoFix($"{package.Name} is not pinned with == {package.Version} in {manifest}");
    }

    /// <summary>The smallest fixed version above the installed one in the same major; advisories name one for each branch.</summary>
    internal static string? Version(Package package, Fix? fix)
    {
        if (!NuGetVersion.TryParse(package.Version, out var installed))
        {
            return null;
        }

        return (package.FixedVersion ?? fix?.Version ?? "").Split([',', ' ', '|'], StringSplitOptions.RemoveEmptyEntries)
            .Select(v => (Text: v, Parsed: NuGetVersion.TryParse(v.TrimStart('>', '=', '~', '^'), out var parsed) ? parsed : null))
            .Where(v => v.Parsed is not null && v.Parsed > installed && (v.Parsed.Major == installed.Major || IsCalendar(installed, v.Parsed)))
            .OrderBy(v => v.Parsed).Select(v => v.Text.TrimStart('>', '=', '~', '^')).FirstOrDefault();
    }

    /// <summary>Versions that are dates, such as certifi's: the year promises nothing.</summary>
    private static bool IsCalendar(NuGetVersion installed, NuGetVersion later) => installed.Major is >= 2000 and < 2200 && later.Major is >= 2000 and < 2200;

    /// <summary>The version alone changes; a package that is not named is pinned at the end, as a transitive one.</summary>
    private static string? Raise(string text, Package package, string version)
    {
        var at = 0;
        foreach (var line in text.Split('\n'))
        {
            if (RequirementsEditor.NameOf(line) is { } name && RequirementsEditor.Canonical(name) == RequirementsEditor.Canonical(package.Name))
            {
                var code = line.Split('#')[0].Split(';')[0];
                var pin = code.IndexOf("==", StringComparison.Ordinal);
                if (pin < 0 || code.IndexOf(',', pin) >= 0)
                {
                    return null;
                }

                var start = pin + 2;
                while (start < code.Length && code[start] is '=' or ' ')
                {
                    start++;
                }

                var end = start;
                while (end < code.Length && !char.IsWhiteSpace(code[end]))
                {
                    end++;
                }

                return text[..(at + start)] + version + text[(at + end)..];
            }

            at += line.Length + 1;
        }

        var lineEnd = text.Contains("\r\n", StringComparison.Ordinal) ? "\r\n" : "\n";
        return (text.Length == 0 || text.EndsWith('\n') ? text : text + lineEnd) + $"{package.Name}=={version}{lineEnd}";
    }
}
