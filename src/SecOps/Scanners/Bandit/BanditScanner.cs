using SecOps.Toolbox;

namespace SecOps.Scanners.Bandit;

/// <summary>Bandit (https://bandit.readthedocs.io): Python source code.</summary>
public sealed class BanditScanner : IScanner
{
    /// <summary>The system's limit on all arguments together is 128 KB or more; a batch stays well below.</summary>
    private const int MaxBatchLength = 60_000;

    public string Name => "bandit";

    // Versions before 1.7 miss string-based checks on Python 3.8 and later; 1.7.5 is the oldest that is good on today's Pythons.
    public ToolSpecification Tool { get; } = new("bandit", "bandit") { OldestGood = new Version(1, 7, 5) };

    public bool Fits(ScanTarget target) => target is SourceTarget source && source.Files.Any(IsPython);

    public IReadOnlyList<ScannerCall> Plan(ScanTarget target, PlanContext context)
    {
        var source = (SourceTarget)target;
        var configuration = Configuration(source);
        var calls = new List<ScannerCall>();
        foreach (var batch in Batches(source.Files.Where(IsPython)))
        {
            var report = Path.Combine(context.ReportFolder, $"{calls.Count}.json");
            calls.Add(new ScannerCall(["-f", "json", "-q", "-o", report, .. configuration, .. batch], report) { WorkingDirectory = source.Root });
        }

        return calls;
    }

    public ExitMeaning Meaning(int exitCode) => exitCode switch
    {
        0 => ExitMeaning.Clean,
        1 => ExitMeaning.Findings,
        _ => ExitMeaning.Failed,
    };

    public void Read(Stream report, ReportSink sink) => BanditReport.Read(report, sink);

    private static bool IsPython(string file) => file.EndsWith(".py", StringComparison.Ordinal);

    /// <summary>Bandit looks for .bandit itself only when it walks folders; here it is given files, so it is told.</summary>
    private static List<string> Configuration(SourceTarget source)
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

    private static IEnumerable<List<string>> Batches(IEnumerable<string> files)
    {
        var batch = new List<string>();
        var length = 0;
        foreach (var file in files)
        {
            if (length + file.Length > MaxBatchLength)
            {
                yield return batch;
                (batch, length) = ([], 0);
            }

            // A name that starts with a dash must not be taken for an option.
            batch.Add("./" + file);
            length += file.Length + 3;
        }

        if (batch.Count > 0)
        {
            yield return batch;
        }
    }
}
