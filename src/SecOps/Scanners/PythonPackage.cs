using System.Text;
using SecOps.Findings;

namespace SecOps.Scanners;

/// <summary>What the scanners of Python dependencies share.</summary>
internal static class PythonPackage
{
    /// <summary>Reports that name no file mean the usual one: the same finding then has the same id, whichever tool found it.</summary>
    public const string UsualManifest = "requirements.txt";

    /// <summary>requirements.txt, requirements-dev.txt, requirements/prod.txt, in any folder.</summary>
    public static bool IsRequirements(string file) =>
        file.EndsWith(".txt", StringComparison.Ordinal)
        && (Path.GetFileName(file).StartsWith("requirements", StringComparison.Ordinal) || Path.GetFileName(Path.GetDirectoryName(file)) == "requirements");

    public static Package Of(string name, string? version, string? fixedVersion, string? manifest)
    {
        var purl = $"pkg:pypi/{Normalize(name)}";
        return new Package(version is null ? purl : $"{purl}@{version}", name, version, fixedVersion, manifest ?? UsualManifest);
    }

    /// <summary>Lower case, with runs of -, _ and . as one - (https://packaging.python.org/en/latest/specifications/name-normalization/).</summary>
    public static string Normalize(string name)
    {
        var normal = new StringBuilder(name.Length);
        foreach (var c in name)
        {
            if (c is not ('-' or '_' or '.'))
            {
                normal.Append(char.ToLowerInvariant(c));
            }
            else if (normal.Length == 0 || normal[^1] != '-')
            {
                normal.Append('-');
            }
        }

        return normal.ToString();
    }
}
