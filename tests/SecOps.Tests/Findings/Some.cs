using System.Text;

namespace SecOps.Findings;

/// <summary>Findings and documents for tests.</summary>
internal static class Some
{
    public static Finding Code(string path, int line, string snippet, string rule = "B602", string scanner = "bandit", string cwe = "CWE-78", Severity severity = Severity.High) => new()
    {
        Category = Category.Code,
        Severity = severity,
        Title = rule,
        Rule = new Rule(rule, Cwe: [cwe]),
        Location = new Location { Path = path, StartLine = line, EndLine = line, Snippet = snippet },
        Scanners = [new Detection(scanner, rule, Words.Of(severity).ToUpperInvariant())],
    };

    public static Finding Vulnerability(string id, string[] advisories, string scanner = "trivy", string purl = "pkg:pypi/flask@1.0", string manifest = "requirements.txt") => new()
    {
        Category = Category.Dependency,
        Severity = Severity.High,
        Title = id,
        Rule = new Rule(id, Advisories: advisories),
        Location = new Location { Package = new Package(purl, "flask", "1.0", null, manifest) },
        Scanners = [new Detection(scanner, id, "HIGH")],
    };

    public static Coverage Coverage(string scanner = "bandit", CoverageStatus status = CoverageStatus.Completed, string target = ".") =>
        new() { Scanner = scanner, Target = target, Status = status };

    public static FindingsDocument Document(IReadOnlyList<Finding> findings, params Coverage[] coverage) => new()
    {
        Run = new RunInfo { Id = "run", StartedAt = DateTimeOffset.UnixEpoch, FinishedAt = DateTimeOffset.UnixEpoch.AddMinutes(1), SecopsVersion = "1" },
        Coverage = coverage.Length > 0 ? coverage : [Coverage()],
        Findings = findings,
    };

    public static string Json(FindingsDocument document)
    {
        using var stream = new MemoryStream();
        FindingsWriter.Write(stream, document);
        return Encoding.UTF8.GetString(stream.ToArray());
    }

    public static FindingsDocument Read(string json) => FindingsReader.Read(new MemoryStream(Encoding.UTF8.GetBytes(json)), "test");

    /// <summary>
    /// A scanner of a few lines, for properties over edits: flags every line that holds one of some words, as scanners of code do.
    /// </summary>
    public static List<Finding> Scan(string path, IReadOnlyList<string> lines) =>
    [
        .. from l in lines.Select((text, i) => (Text: text, Line: i + 1))
           from word in FlaggedWords
           where l.Text.Contains(word, StringComparison.Ordinal)
           select Code(path, l.Line, l.Text, "no-" + word, "words", "CWE-1", Severity.Medium),
    ];

    public static readonly string[] FlaggedWords = ["import", "open", "subprocess", "assert", "password", "eval", "exec", "md5", "try"];

    public static bool IsFlagged(string line) => FlaggedWords.Any(w => line.Contains(w, StringComparison.Ordinal));
}
