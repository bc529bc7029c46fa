using System.Text.RegularExpressions;
using SecOps.Testing;
using Shouldly;
using Xunit;

namespace SecOps;

/// <summary>The direction of references, as src/README.md draws it. A folder sees what its row names, and itself.</summary>
public sealed partial class ArchitectureTests
{
    private static readonly string[] Remotes = ["Docker", "Registry", "Aws", "GitHub", "Git", "Terraform", "Graylog"];

    /// <summary>Seen by every folder.</summary>
    private static readonly string[] Ground = ["Findings", "Processes"];

    private static readonly Dictionary<string, string[]> Allowed = new()
    {
        [""] = ["Commands", "Configuration", "Toolbox", .. Remotes, .. Ground],
        ["Commands"] = ["Configuration", "Scanners", "Toolbox", "Delivery", "Remediation", "Reports", .. Remotes, .. Ground],
        ["Configuration"] = [.. Ground],
        ["Scanners"] = ["Toolbox", .. Remotes, .. Ground],
        ["Toolbox"] = ["Docker", .. Ground],
        // Verifying a fix is running its scanner again.
        ["Remediation"] = ["Scanners", "Toolbox", .. Remotes, .. Ground],
        ["Delivery"] = [.. Remotes, .. Ground],
        ["Reports"] = [.. Remotes, .. Ground],
        ["Processes"] = [],
        ["Findings"] = [],
    };

    /// <summary>Root types for the program and the commands alone: the rest gets what it needs by its constructor.</summary>
    private static readonly string[] RootTypes = ["Workspace", "Cli", "GlobalOptions", "Logging"];

    [Fact]
    public void Every_reference_goes_in_an_allowed_direction()
    {
        var source = Path.Combine(Parts.Repository, "src", "SecOps");
        var folders = Directory.GetDirectories(source).Select(f => Path.GetFileName(f)!).ToHashSet();
        var wrong = new List<string>();
        foreach (var file in Directory.GetFiles(source, "*.cs", SearchOption.AllDirectories))
        {
            var relative = Path.GetRelativePath(source, file).Replace('\\', '/');
            var folder = relative.Contains('/', StringComparison.Ordinal) ? relative.Split('/')[0] : "";
            var allowed = Allowed.GetValueOrDefault(folder, Ground);
            var code = Code(File.ReadAllText(file));
            wrong.AddRange(Reference().Matches(code).Select(m => m.Groups[1].Value)
                .Where(seen => folders.Contains(seen) && seen != folder && !allowed.Contains(seen))
                .Distinct().Select(seen => $"{relative} sees {seen}"));
            if (folder is not ("" or "Commands"))
            {
                wrong.AddRange(RootTypes.Where(type => Regex.IsMatch(code, $@"(?<![\w.]){type}(?!\w)\s*[.(?\s]") && UsesRootType(code, type)).Select(type => $"{relative} sees {type}"));
            }
        }

        wrong.ShouldBeEmpty();
    }

    [Fact]
    public void A_source_file_stays_readable_in_one_sitting() =>
        Directory.GetFiles(Path.Combine(Parts.Repository, "src", "SecOps"), "*.cs", SearchOption.AllDirectories)
            .Select(file => (File: Path.GetFileName(file), Lines: File.ReadLines(file).Count()))
            .Where(f => f.Lines > 350).ShouldBeEmpty();

    private static bool UsesRootType(string code, string type) =>
        type is "Workspace" ? Regex.IsMatch(code, @"(?<![\w.""])Workspace\s+\w+\s*[,)=;]|new Workspace\(") : Regex.IsMatch(code, $@"(?<![\w.""]){type}\.\w|(?<![\w.""]){type}\s+\w+\s*[,)=;]");

    private static string Code(string text) => Comment().Replace(text, "");

    [GeneratedRegex(@"\bSecOps\.(\w+)")]
    private static partial Regex Reference();

    [GeneratedRegex(@"^\s*//.*$|""[^""\n]*""", RegexOptions.Multiline)]
    private static partial Regex Comment();
}
