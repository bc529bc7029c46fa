namespace SecOps.Commands;

/// <summary>What a project's file names tell about it.</summary>
/// <param name="Folder">Its folder's name.</param>
/// <param name="Prefix">Where it stands in its repository, e.g. <c>services/api/</c>; empty at the top.</param>
/// <param name="Files">How many files it has.</param>
internal sealed record ProjectFacts(string Folder, string Prefix, int Files)
{
    /// <summary>From so many files on, a workflow splits the scan over several jobs.</summary>
    public const int ManyFiles = 5000;

    /// <summary>Manifests and lock files that Trivy reads, and whose they are.</summary>
    private static readonly Dictionary<string, string> Manifests = new()
    {
        ["requirements.txt"] = "Python", ["Pipfile.lock"] = "Python", ["poetry.lock"] = "Python", ["uv.lock"] = "Python",
        ["package-lock.json"] = "Node", ["yarn.lock"] = "Node", ["pnpm-lock.yaml"] = "Node", ["package.json"] = "Node",
        ["go.mod"] = "Go", ["Cargo.lock"] = "Rust", ["pom.xml"] = "Java", ["gradle.lockfile"] = "Java",
        ["packages.lock.json"] = ".NET", ["Gemfile.lock"] = "Ruby", ["composer.lock"] = "PHP",
    };

    public bool Python { get; init; }

    /// <summary>The first of each language, with its language, e.g. <c>package-lock.json (Node)</c>.</summary>
    public IReadOnlyList<string> Dependencies { get; init; } = [];

    /// <summary>Relative to the folder, the nearest first.</summary>
    public IReadOnlyList<string> Dockerfiles { get; init; } = [];

    /// <summary>The folder of the first configuration, relative; <c>.</c> is the project's own.</summary>
    public string? Terraform { get; init; }

    public bool Tests { get; init; }

    /// <param name="files">Relative to the root, with /.</param>
    public static ProjectFacts Of(string folder, string root, IReadOnlyList<string> files)
    {
        var prefix = Path.GetRelativePath(root, folder).Replace('\\', '/') is var relative && relative == "." ? "" : relative + "/";
        var own = files.Where(f => f.StartsWith(prefix, StringComparison.Ordinal)).Select(f => f[prefix.Length..]).OrderBy(f => f.Count(c => c == '/')).ThenBy(f => f, StringComparer.Ordinal).ToList();
        return new ProjectFacts(Path.GetFileName(folder), prefix, own.Count)
        {
            Python = own.Exists(f => f.EndsWith(".py", StringComparison.Ordinal)),
            Dependencies = [.. own.Where(f => Manifests.ContainsKey(Path.GetFileName(f))).GroupBy(f => Manifests[Path.GetFileName(f)]).Select(g => $"{Best(g)} ({g.Key})")],
            Dockerfiles = [.. own.Where(f => Path.GetFileName(f) is var n && (n == "Dockerfile" || n.StartsWith("Dockerfile.", StringComparison.Ordinal)))],
            Terraform = own.Find(f => f.EndsWith(".tf", StringComparison.Ordinal)) is { } terraform ? Path.GetDirectoryName(terraform) is { Length: > 0 } at ? at.Replace('\\', '/') : "." : null,
            Tests = own.Exists(f => Path.GetFileName(f) is var n && n.StartsWith("test", StringComparison.Ordinal) && n.EndsWith(".py", StringComparison.Ordinal)),
        };

        // package.json names ranges, its lock file what is installed.
        static string Best(IEnumerable<string> files) => files.FirstOrDefault(f => Path.GetFileName(f) != "package.json") ?? files.First();
    }

    /// <summary>What Trivy would look at.</summary>
    public IReadOnlyList<string> ForTrivy => [.. Dependencies.Select(d => d.Split(' ')[0]), .. Dockerfiles.Take(1), .. Terraform is null ? Array.Empty<string>() : ["Terraform"]];

    /// <summary>For a person, in one line.</summary>
    public string Describe()
    {
        IEnumerable<string?> seen =
        [
            Python && !Dependencies.Any(d => d.EndsWith("(Python)", StringComparison.Ordinal)) ? "Python" : null,
            .. Dependencies,
            Dockerfiles.Count switch { 0 => null, 1 => Dockerfiles[0], var more => $"{Dockerfiles[0]} and {more - 1} more" },
            Terraform switch { null => null, "." => "Terraform", var at => $"Terraform in {at}" },
            Tests ? "tests" : null,
        ];
        var known = string.Join(", ", seen.OfType<string>());
        return known.Length > 0 ? known : Files == 0 ? "an empty folder" : "nothing that a scanner of secops knows yet";
    }
}
