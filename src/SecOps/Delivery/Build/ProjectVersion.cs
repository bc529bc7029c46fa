using System.Text.RegularExpressions;

namespace SecOps.Delivery.Build;

/// <summary>A semantic version (https://semver.org) in a file that holds nothing else.</summary>
public sealed partial record ProjectVersion(int Major, int Minor, int Patch, string Suffix)
{
    public static readonly IReadOnlyList<string> Parts = ["major", "minor", "patch"];

    /// <exception cref="SecOpsException">The file is absent or holds something else (exit code 2).</exception>
    public static ProjectVersion Read(string file)
    {
        try
        {
            var text = File.ReadAllText(file).Trim();
            return Parse(text) ?? throw SecOpsException.Usage($"{file} holds \"{Terminal.Clean(text.Length > 40 ? text[..40] + "…" : text)}\", which is no version. Write one such as 1.4.0.");
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw SecOpsException.Usage($"{file} does not exist. Write the version into it, e.g. 0.1.0, or name another file in build.version.file.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw SecOpsException.Tool($"{file} cannot be read: {e.Message}", e);
        }
    }

    /// <returns>Null when the text is no semantic version.</returns>
    public static ProjectVersion? Parse(string text) =>
        Form().Match(text) is { Success: true } m && int.TryParse(m.Groups[1].Value, out var major) && int.TryParse(m.Groups[2].Value, out var minor) && int.TryParse(m.Groups[3].Value, out var patch)
            ? new ProjectVersion(major, minor, patch, m.Groups[4].Value)
            : null;

    /// <summary>The next version: a pre-release's patch is its release.</summary>
    public ProjectVersion Bump(string part) => part switch
    {
        "major" => new ProjectVersion(Major + 1, 0, 0, ""),
        "minor" => new ProjectVersion(Major, Minor + 1, 0, ""),
        _ => Suffix.StartsWith('-') ? this with { Suffix = "" } : new ProjectVersion(Major, Minor, Patch + 1, ""),
    };

    public void Write(string file) => AtomicFile.WriteText(file, ToString() + "\n");

    /// <summary>As a tag, in which + may not stand.</summary>
    public string Tag => ToString().Replace('+', '-');

    public override string ToString() => $"{Major}.{Minor}.{Patch}{Suffix}";

    [GeneratedRegex(@"^(0|[1-9][0-9]{0,8})\.(0|[1-9][0-9]{0,8})\.(0|[1-9][0-9]{0,8})((?:-[0-9A-Za-z.-]+)?(?:\+[0-9A-Za-z.-]+)?)\z")]
    private static partial Regex Form();
}
