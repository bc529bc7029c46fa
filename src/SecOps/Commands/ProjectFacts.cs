namespace SecOps.Commands;

/// <summary>What a project's file names tell about it.</summary>
/// <param name="Folder">Its folder's name.</param>
/// <param name="Files">How many files it has.</param>
internal sealed record ProjectFacts(string Folder, int Files, bool Python, string? Requirements, string? Dockerfile, string? Terraform, string? PythonTests)
{
    /// <summary>From so many files on, a workflow splits the scan over several jobs.</summary>
    public const int ManyFiles = 5000;

    /// <param name="files">Relative to the root, with /.</param>
    public static ProjectFacts Of(string folder, string root, IReadOnlyList<string> files)
    {
        var prefix = Path.GetRelativePath(root, folder).Replace('\\', '/') is var relative && relative == "." ? "" : relative + "/";
        var own = files.Where(f => f.StartsWith(prefix, StringComparison.Ordinal)).Select(f => f[prefix.Length..]).OrderBy(f => f.Count(c => c == '/')).ThenBy(f => f, StringComparer.Ordinal).ToList();
        string? First(Func<string, bool> fits) => own.FirstOrDefault(f => fits(Path.GetFileName(f)));
        return new ProjectFacts(
            Path.GetFileName(folder),
            own.Count,
            own.Exists(f => f.EndsWith(".py", StringComparison.Ordinal)),
            First(n => n is "requirements.txt" or "Pipfile.lock" or "poetry.lock" or "uv.lock"),
            First(n => n == "Dockerfile" || n.StartsWith("Dockerfile.", StringComparison.Ordinal)),
            First(n => n.EndsWith(".tf", StringComparison.Ordinal)) is { } terraform ? Path.GetDirectoryName(terraform) is { Length: > 0 } at ? at.Replace('\\', '/') : "." : null,
            First(n => n.StartsWith("test", StringComparison.Ordinal) && n.EndsWith(".py", StringComparison.Ordinal)) is { } test ? Path.GetDirectoryName(test)?.Replace('\\', '/') : null);
    }

    /// <summary>For a person, in one line.</summary>
    public string Describe()
    {
        var seen = new[] { Python ? "Python" : null, Requirements, Dockerfile, Terraform is null ? null : "Terraform", PythonTests is null ? null : "tests" }.OfType<string>().ToList();
        return seen.Count == 0 ? "nothing that a scanner of secops knows yet" : string.Join(", ", seen);
    }
}
