namespace SecOps.Findings;

/// <summary>Tells what a run looked at, by its coverage.</summary>
internal sealed class Rescanned
{
    private readonly ILookup<string, Part> parts;

    public Rescanned(IReadOnlyList<Coverage> coverage) => parts = coverage
        .SelectMany(c => c.Parts.Count > 0 ? c.Parts : [c])
        .Where(c => c.Status != CoverageStatus.Skipped || c.NothingToScan)
        .ToLookup(c => c.Scanner, c => new Part(c));

    /// <summary>Whether every scanner that reported it has looked at its place again: only then its absence means that it is gone.</summary>
    public bool Covers(Finding f)
    {
        foreach (var scanner in f.Scanners)
        {
            var (looked, failed) = (false, false);
            foreach (var part in parts[scanner.Name])
            {
                var covers = part.Covers(f.Location);
                looked |= covers && part.IsGood;
                failed |= covers && !part.IsGood;
            }

            if (!looked || failed)
            {
                return false;
            }
        }

        return true;
    }

    private sealed class Part(Coverage coverage)
    {
        private readonly HashSet<string> unread = [.. coverage.Unread.Select(u => u.Path)];
        private readonly HashSet<string> files = [.. (coverage.Scope ?? []).Where(s => !s.EndsWith('/'))];
        private readonly List<string> folders = [.. (coverage.Scope ?? []).Where(s => s.EndsWith('/'))];

        public bool IsGood { get; } = coverage.Status == CoverageStatus.Completed || coverage.NothingToScan;

        public bool Covers(Location l)
        {
            if (l.Image is { } image)
            {
                return coverage.Source == "import" || ImageName.Repository(coverage.Target) == ImageName.Repository(image.Reference);
            }

            return (l.Path ?? l.Package?.Manifest) is not { } path
                || ((!unread.Contains(path) || !IsGood) && (coverage.Scope is null || files.Contains(path) || folders.Exists(folder => path.StartsWith(folder, StringComparison.Ordinal))));
        }
    }
}
