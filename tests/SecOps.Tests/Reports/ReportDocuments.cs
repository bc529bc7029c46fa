using SecOps.Findings;

namespace SecOps.Reports;

/// <summary>One fixed document that every format is approved over: each category, each state, hostile text, a scanner that did not run.</summary>
internal static class ReportDocuments
{
    /// <summary>Everything that one format or another takes for its own syntax.</summary>
    public const string Hostile = "<script>alert(1)</script> | `x` ::error::boom\n::error file=a::b @everyone #1 <!-- c --> [a](javascript:alert(1)) {0} </script> www.evil.example https://evil.example =cmd|'/c calc'!A0 \u202Egnp.exe";

    public static readonly DateTimeOffset Started = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    /// <summary>A fix that holds: the first of three lines is another, the last one goes, and one comes in between.</summary>
    public static Fix Proven { get; } = new("Call without a shell", null, Fix.Verified)
    {
        Engine = "rules", Risk = "The program is found by PATH | still.", Successors = ["B603 src/a file é.py:12"], PullRequest = "https://github.com/octocat/hello/pull/7",
        Changes = [new FixChange("src/a file é.py", [new FixEdit(12, 1, "    subprocess.call(x,\n", "    subprocess.call([x],\n"), new FixEdit(13, 1, "        shell=True)  # </script>\n", "        shell=False)  # </script>\n"), new FixEdit(20, 0, "", "import shlex\n")])],
    };

    public static FindingsDocument Full { get; } = Create();

    private static FindingsDocument Create()
    {
        List<Finding> findings =
        [
            Dependency("f1-00000000000000000001", Severity.Critical, "CVE-2024-34069", "GHSA-2g68-c3qc-8985", "werkzeug", "2.0.1", "3.0.3") with { Scanners = [new("safety", "CVE-2024-34069", null), new("trivy", "CVE-2024-34069", "HIGH")] },
            Code("f1-00000000000000000002", Severity.High, "B602", "src/a file é.py", 12, "subprocess call with shell=True identified, security issue.") with { Aliases = ["f0-2"], Fix = Proven },
            Code("f1-00000000000000000003", Severity.High, "B000", "src/[odd]|`name`.py", 3, Hostile) with { Message = Hostile + " " + Hostile },
            Code("f1-00000000000000000004", Severity.Low, "B602", "src/b.py", 7, "subprocess call - check for execution of untrusted input.") with { State = FindingState.Existing, Fix = new Fix("Pass a list", null, "rejected", "tests") { Reason = Hostile, Engine = "rules" } },
            Code("f1-00000000000000000005", Severity.Medium, "B104", "app.py", 99, "Possible binding to all interfaces.") with { State = FindingState.Waived, Waiver = new("behind the VPN | until Q1", "platform@example.com", new DateOnly(2027, 1, 31)) },
            new()
            {
                Id = "f1-00000000000000000006", Category = Category.Secret, Severity = Severity.Critical, Title = "AWS access key", Rule = new Rule("aws-access-token"),
                Location = new Location { Path = "config/.env", StartLine = 2, EndLine = 2, Snippet = "AWS_KEY=AKIA****************" }, Scanners = [new("gitleaks", "aws-access-token", null)],
            },
            new()
            {
                Id = "f1-00000000000000000007", Category = Category.Config, Severity = Severity.Medium, Title = "Image user should not be 'root'", Rule = new Rule("DS-0002", null, "https://avd.aquasec.com/misconfig/ds-0002"),
                Location = new Location { Path = "Dockerfile", Resource = "root" }, Scanners = [new("trivy", "DS002", "MEDIUM")], State = FindingState.Existing,
            },
            Dependency("f1-00000000000000000008", Severity.Unknown, "CVE-2030-1", "", "libc6", "2.36-9", null) with
            {
                Location = new Location { Package = new Package("pkg:deb/debian/libc6@2.36-9", "libc6", "2.36-9", null, null), Image = new Image("registry.example:5000/team/app:1.2@sha256:00", "sha256:00") },
                Scanners = [new("trivy", "CVE-2030-1", "UNKNOWN")],
            },
            new()
            {
                Id = "f1-00000000000000000009", Category = Category.Web, Severity = Severity.Info, Title = "Server leaks version", Message = "The header says too much.", Rule = new Rule("10036", "Server Leaks", "https://www.zaproxy.org/docs/alerts/10036/", ["CWE-200"]),
                Location = new Location { Url = "http://127.0.0.1:5000/item/1?q=<x>", Method = "GET", Parameter = "q" }, Scanners = [new("zap", "10036", "Informational")],
            },
            new()
            {
                Id = "f1-00000000000000000010", Category = Category.Cloud, Severity = Severity.High, Title = "Unusual API call", Rule = new Rule("Recon:IAMUser/X"),
                Location = new Location { Resource = "arn:aws:iam::123456789012:user/x" }, Scanners = [new("guardduty", "Recon:IAMUser/X", "8")], State = FindingState.NotRescanned,
            },
            Code("f1-00000000000000000011", Severity.High, "B324", "old.py", 1, "Use of weak MD5 hash") with { State = FindingState.Fixed },
        ];
        findings.Sort(FindingOrder.Instance);
        return new FindingsDocument
        {
            Run = new RunInfo { Id = "0123456789abcdef0123456789abcdef", StartedAt = Started, FinishedAt = Started.AddSeconds(9), Commit = "0123456789abcdef0123456789abcdef01234567", Branch = "main", SecopsVersion = "1.2.3" },
            Coverage =
            [
                new Coverage { Scanner = "bandit", Version = "1.9.4", Target = ".", Status = CoverageStatus.Completed, Findings = 5, DurationMs = 310, Unread = [new UnreadFile("bad file.py", "syntax error")] },
                new Coverage { Scanner = "gitleaks", Version = "8.0.0", Target = ".", Status = CoverageStatus.Completed, Findings = 1, DurationMs = 1200 },
                new Coverage { Scanner = "safety", Target = "requirements.txt", Status = CoverageStatus.TimedOut, DurationMs = 60000, Message = Hostile, Required = true },
                new Coverage { Scanner = "sonarqube", Target = ".", Status = CoverageStatus.Missing, Message = "not installed" },
                new Coverage { Scanner = "trivy", Version = "0.60.0", Target = "registry.example:5000/team/app:1.2", Status = CoverageStatus.Completed, Findings = 3, DurationMs = 65_000 },
            ],
            Findings = findings,
            WaiverNotes = ["secops.yml:9: the waiver for B101 expired on 2025-01-01 and no longer holds"],
            Gate = new GateResult(Verdict.Failed,
            [
                new GateReason("critical is above failOn: high", "f1-00000000000000000001", "CVE-2024-34069"),
                new GateReason("high is at failOn: high", "f1-00000000000000000003", "B000"),
                new GateReason("safety timed out: " + Hostile, Scanner: "safety"),
            ]),
        };
    }

    public static Finding Code(string id, Severity severity, string rule, string path, int line, string title) => new()
    {
        Id = id, Category = Category.Code, Severity = severity, Confidence = "high", Title = title,
        Rule = new Rule(rule, "rule_" + rule, $"https://bandit.readthedocs.io/{rule}.html", ["CWE-78"]),
        Location = new Location { Path = path, StartLine = line, EndLine = line + 1, StartColumn = 5, Snippet = "    subprocess.call(x,\n        shell=True)  # </script>" },
        Scanners = [new Detection("bandit", rule, Words.Of(severity).ToUpperInvariant())],
    };

    private static Finding Dependency(string id, Severity severity, string advisory, string other, string name, string version, string? fixedVersion) => new()
    {
        Id = id, Category = Category.Dependency, Severity = severity, Title = $"{name} {version} has {advisory}", Message = "The debugger can be made to run code.",
        Rule = new Rule(advisory, null, "https://nvd.nist.gov/vuln/detail/" + advisory, ["CWE-352"], other.Length > 0 ? [advisory, other] : [advisory]),
        Location = new Location { Package = new Package($"pkg:pypi/{name}@{version}", name, version, fixedVersion, "requirements.txt") },
        Scanners = [new Detection("trivy", advisory, "HIGH")],
    };

    public static string Render(string format, FindingsDocument? document = null)
    {
        using var stream = new MemoryStream();
        ReportList.Find(format)!.Write(stream, document ?? Full);
        return System.Text.Encoding.UTF8.GetString(stream.ToArray());
    }
}
