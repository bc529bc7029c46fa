using System.Security.Cryptography;
using SecOps.Findings;

namespace SecOps.Delivery;

/// <summary>The verdict in <c>.secops</c>, and what it rests on.</summary>
/// <param name="Verdict">The worse of what the scan decided and what today's policy decides about its findings.</param>
/// <param name="Because">For people: the first reasons; empty when it passed.</param>
/// <param name="ScannedAt">When the scan ended.</param>
/// <param name="Commit">What was scanned; null outside git.</param>
/// <param name="Inputs">Findings and raw reports: name in <c>.secops</c>, digest.</param>
public sealed record GateEvidence(Verdict Verdict, IReadOnlyList<string> Because, DateTimeOffset ScannedAt, string? Commit, IReadOnlyList<KeyValuePair<string, string>> Inputs)
{
    /// <param name="folder"><c>.secops</c></param>
    /// <returns>Null when nothing was scanned here.</returns>
    /// <exception cref="SecOpsException">There are findings that cannot be read: then nothing is known, and nothing passes.</exception>
    public static GateEvidence? Read(string folder, GatePolicy policy, DateTimeOffset now)
    {
        var file = Path.Combine(folder, "findings.json");
        if (!File.Exists(file))
        {
            return null;
        }

        var document = FindingsReader.Read(file);
        var today = Gate.Evaluate(policy, document.Findings, document.Coverage, now);
        // A scan with a laxer --fail-on must not pass the configured policy, nor a stricter one be forgotten.
        var worst = document.Gate is { } then && Rank(then.Verdict) > Rank(today.Verdict) ? then : today;
        var inputs = new List<KeyValuePair<string, string>> { KeyValuePair.Create("findings.json", Digest(file)) };
        var raw = Path.Combine(folder, "raw");
        if (Directory.Exists(raw))
        {
            inputs.AddRange(Directory.EnumerateFiles(raw, "*", SearchOption.AllDirectories)
                .Where(f => !f.EndsWith(".tmp", StringComparison.Ordinal))
                .Select(f => KeyValuePair.Create(Path.GetRelativePath(folder, f).Replace('\\', '/'), Digest(f)))
                .OrderBy(i => i.Key, StringComparer.Ordinal));
        }

        return new GateEvidence(worst.Verdict, Reasons(worst), document.Run.FinishedAt, document.Run.Commit, inputs);
    }

    /// <summary>Equal reasons once, counted.</summary>
    private static List<string> Reasons(GateResult gate) => [.. gate.Reasons.GroupBy(r => r.Because, StringComparer.Ordinal).Take(4)
        .Select(g => Terminal.Clean(g.Any(r => r.Finding is not null) ? $"{g.Count()} finding{(g.Count() == 1 ? "" : "s")}: {g.Key}" : g.Key))];

    private static int Rank(Verdict verdict) => verdict switch { Verdict.Passed => 0, Verdict.Incomplete => 1, _ => 2 };

    private static string Digest(string file)
    {
        using var stream = File.OpenRead(file);
        return "sha256:" + Convert.ToHexStringLower(SHA256.HashData(stream));
    }
}
