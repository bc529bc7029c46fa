using System.Globalization;
using System.Security.Cryptography;
using SecOps.Docker;
using SecOps.Findings;

namespace SecOps.Delivery.Attest;

/// <summary>The verdict in <c>.secops</c>, and what it rests on.</summary>
/// <param name="Verdict">The worse of what the scan decided and what today's policy decides about its findings.</param>
/// <param name="Because">For people: the first reasons; empty when it passed.</param>
/// <param name="ScannedAt">When the scan ended.</param>
/// <param name="Commit">What was scanned; null outside git.</param>
/// <param name="Inputs">Findings and raw reports: name in <c>.secops</c>, digest.</param>
public sealed record GateEvidence(Verdict Verdict, IReadOnlyList<string> Because, DateTimeOffset ScannedAt, string? Commit, IReadOnlyList<KeyValuePair<string, string>> Inputs)
{
    /// <summary>The images that were scanned themselves: as they were named, and the digest where the scanner saw one.</summary>
    public IReadOnlyList<Image> Images { get; init; } = [];

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

        return new GateEvidence(worst.Verdict, Reasons(worst), document.Run.FinishedAt, document.Run.Commit, inputs) { Images = Scanned(document) };
    }

    /// <summary>A verdict about something else is none about this image: another commit, another image, or the same name before it was built anew.</summary>
    /// <param name="names">What the image is called, each with its tag.</param>
    /// <param name="releaseRevision">The commit that only raised the version after the build.</param>
    /// <returns>Why the verdict is not about the image; null when nothing speaks against it.</returns>
    public string? WhyNotAbout(DockerImage image, IEnumerable<string> names, string? releaseRevision)
    {
        var built = image.Labels.GetValueOrDefault("org.opencontainers.image.revision") is { Length: > 0 } revision ? revision : null;
        var sameCommit = Commit is not null && (Commit == built || Commit == releaseRevision);
        if (Commit is not null && built is not null && !sameCommit)
        {
            return $"the scan is of commit {Short(Commit)}, the image of commit {Short(built)}";
        }

        var known = names.Concat(image.Tags).ToHashSet(StringComparer.Ordinal);
        var digests = image.RepositoryDigests.Select(d => d[(d.IndexOf('@', StringComparison.Ordinal) + 1)..]).Append(image.Id).ToHashSet(StringComparer.Ordinal);
        if (Images.Any(i => i.Digest is { } digest && digests.Contains(digest)))
        {
            return null;
        }

        if (Images.FirstOrDefault(i => known.Contains(i.Reference)) is { } same)
        {
            return same.Digest is { } digest ? $"the scan is of {Terminal.Clean(same.Reference)} when it was {Terminal.Clean(digest)}"
                : image.Created > ScannedAt ? string.Create(CultureInfo.InvariantCulture, $"{Terminal.Clean(same.Reference)} was built anew after the scan of {ScannedAt.UtcDateTime:yyyy-MM-dd HH:mm:ss} UTC")
                : null;
        }

        return Images.Count == 0 || sameCommit ? null : $"the scan is of the image {Terminal.Clean(Images[0].Reference)}";
    }

    /// <summary>An image scan looks at nothing of the source; of what is so, an address has a scheme and an image has none.</summary>
    private static List<Image> Scanned(FindingsDocument document) =>
        [.. document.Coverage.SelectMany(c => c.Parts.Count > 0 ? c.Parts : [c])
            .Where(c => c is { Scope.Count: 0, Status: CoverageStatus.Completed, Source: "native" or "container" } && !c.Target.Contains("://", StringComparison.Ordinal))
            .Select(c => c.Target).Distinct(StringComparer.Ordinal)
            .Select(t => new Image(t, document.Findings.Select(f => f.Location.Image).FirstOrDefault(i => i?.Reference == t)?.Digest))];

    private static string Short(string commit) => Terminal.Clean(commit.Length > 12 ? commit[..12] : commit);

    /// <summary>Equal reasons once, counted.</summary>
    private static List<string> Reasons(GateResult gate) => [.. gate.Reasons.GroupBy(r => r.Because, StringComparer.Ordinal).Take(4)
        .Select(g => Terminal.Clean(g.Any(r => r.Finding is not null) ? $"{Words.Count(g.Count(), "finding")}: {g.Key}" : g.Key))];

    private static int Rank(Verdict verdict) => verdict switch { Verdict.Passed => 0, Verdict.Incomplete => 1, _ => 2 };

    private static string Digest(string file)
    {
        using var stream = File.OpenRead(file);
        return "sha256:" + Convert.ToHexStringLower(SHA256.HashData(stream));
    }
}
