using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using SecOps.Findings;

namespace SecOps.Remediation.PullRequests;

/// <summary>Fixes that a reviewer reads together: one manifest's dependencies, one family of rules in code, one Terraform module.</summary>
/// <param name="Name">Part of the branch's name: <c>code-sql-parameters</c>.</param>
/// <param name="Fixes">Verified, in the order of their commits.</param>
public sealed partial record FixGroup(string Name, IReadOnlyList<FixOutcome> Fixes)
{
    public static IReadOnlyList<FixGroup> Of(IReadOnlyList<FixOutcome> outcomes) =>
        [.. outcomes.Where(o => o.IsVerified && o.Commit is not null)
            // Findings that one commit mends stay together, under the finding it was made for.
            .GroupBy(o => o.Commit!)
            .Select(commit => (Key: KeyOf(commit.First()), Fixes: commit.ToList()))
            .GroupBy(c => c.Key)
            .Select(g => new FixGroup(g.Key, [.. g.SelectMany(c => c.Fixes)]))];

    /// <summary>The same for the same group of the same repository, whatever it holds.</summary>
    public string Branch => $"secops/fix/{Name}-{Hash(Name)[..8]}";

    /// <summary>Changes when the fixes do.</summary>
    public string Checksum => Hash(string.Join('\n', Fixes.Select(f => f.Finding.Id + "\n" + f.Diff)))[..16];

    private static string KeyOf(FixOutcome o)
    {
        var f = o.Finding;
        var key = f.Category == Category.Dependency ? "dependencies-" + (f.Location.Package?.Manifest ?? "manifest")
            : o.Files is [var tf, ..] && tf.EndsWith(".tf", StringComparison.Ordinal) ? "terraform-" + (Path.GetDirectoryName(tf) is { Length: > 0 } folder ? folder : "root")
            : RuleList.Find(f) is { } rule ? "code-" + Humps().Replace(rule.GetType().Name, "-$1")
            : "code-" + f.Rule.Id;
        return Odd().Replace(key.ToLowerInvariant(), "-").Trim('-');
    }

    private static string Hash(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    [GeneratedRegex("(?<=[a-z])([A-Z])")]
    private static partial Regex Humps();

    [GeneratedRegex("[^a-z0-9]+")]
    private static partial Regex Odd();
}
