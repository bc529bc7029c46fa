using SecOps.Toolbox;

namespace SecOps.Scanners.Bandit;

/// <summary>Bandit (https://bandit.readthedocs.io): Python source code.</summary>
public sealed class BanditScanner : IFileScanner
{
    public string Name => "bandit";

    // Versions before 1.7 miss string-based checks on Python 3.8 and later; 1.7.5 is the oldest that is good on today's Pythons.
    public ToolSpecification Tool { get; } = new("bandit", "bandit") { OldestGood = new Version(1, 7, 5) };

    public bool Fits(ScanTarget target) => target is SourceTarget source && source.Files.Any(IsPython);

    public IEnumerable<string> FilesOf(SourceTarget target) => target.Files.Where(IsPython);

    public IReadOnlyList<ScannerCall> Plan(ScanTarget target, PlanContext context)
    {
        var calls = new List<ScannerCall>();
        var length = 0;
        foreach (var batch in FilesOf((SourceTarget)target).GroupBy(file => (length += file.Length + 3) / FileScan.MaxBatchLength))
        {
            calls.Add(PlanFiles((SourceTarget)target, [.. batch], Path.Combine(context.ReportFolder, $"{calls.Count}.json")));
        }

        return calls;
    }

    public ScannerCall PlanFiles(SourceTarget target, IReadOnlyList<string> files, string report) =>
        // A name that starts with a dash must not be taken for an option.
        new(["-f", "json", "-q", "-o", report, .. Options(target), .. files.Select(f => f.StartsWith('-') ? "./" + f : f)], report) { WorkingDirectory = target.Root, IsBusy = true };

    public string ConfigurationOf(SourceTarget target)
    {
        var options = Options(target);
        var contents = options.Where((_, i) => i % 2 == 1).Select(file => File.ReadAllText(Path.Combine(target.Root, file)));
        return string.Join('\0', options.Concat(contents));
    }

    public ExitMeaning Meaning(int exitCode) => exitCode switch
    {
        0 => ExitMeaning.Clean,
        1 => ExitMeaning.Findings,
        _ => ExitMeaning.Failed,
    };

    public void Read(Stream report, ReportSink sink) => BanditReport.Read(report, sink);

    public IReadOnlyDictionary<string, string> Split(Stream report, Func<string, string> relative) => BanditParts.Split(report, relative);

    public void Join(IEnumerable<string> parts, Stream report) => BanditParts.Join(parts, report);

    private static bool IsPython(string file) => file.EndsWith(".py", StringComparison.Ordinal);

    /// <summary>Bandit looks for .bandit itself only when it walks folders; here it is given files, so it is told. Pairs of option and file.</summary>
    private static List<string> Options(SourceTarget source)
    {
        var arguments = new List<string>();
        var yaml = new[] { "bandit.yaml", "bandit.yml" }.FirstOrDefault(f => File.Exists(Path.Combine(source.Root, f)));
        var pyproject = Path.Combine(source.Root, "pyproject.toml");
        if (yaml is not null)
        {
            arguments.AddRange(["-c", yaml]);
        }
        else if (File.Exists(pyproject) && File.ReadAllText(pyproject).Contains("[tool.bandit", StringComparison.Ordinal))
        {
            arguments.AddRange(["-c", "pyproject.toml"]);
        }

        if (File.Exists(Path.Combine(source.Root, ".bandit")))
        {
            arguments.AddRange(["--ini", ".bandit"]);
        }

        return arguments;
    }
}
