using SecOps.Findings;
using SecOps.Remediation.Containers;
using SecOps.Remediation.Python.Rules;
using SecOps.Remediation.Requirements;
using SecOps.Remediation.Terraform;

namespace SecOps.Remediation;

/// <summary>Every built-in rule. To add one: a file beside its kind, its fixtures beside the tests, a line here.</summary>
public static class RuleList
{
    /// <summary>Findings for which no honest fix exists in general; people get the reason instead of silence.</summary>
    private static readonly Dictionary<string, string> NeverClaimed = new(StringComparer.Ordinal)
    {
        ["B310"] = "which schemes a URL may have is the program's decision",
        ["B404"] = "the import alone is no weakness",
        ["B411"] = "the import alone is no weakness",
        ["B601"] = "a command for another host always goes through its shell",
        ["B603"] = "it stands for any process that is started; nothing is wrong with the call",
        ["B607"] = "where a program lies differs between systems",
        ["B702"] = "Mako has no default that can be set in one place",
    };

    private static readonly RequirementBump Bump = new();

    public static IReadOnlyList<IFixRule> Rules { get; } =
    [
        new BindAll(), new CertificateCheck(), new EvalLiteral(), new FilePermissions(), new FlaskDebug(), new HardcodedPassword(), new HostileXml(),
        new HostKeys(), new InsecureRandom(), new JinjaAutoescape(), new KeySize(), new MarkupEscape(), new OldTls(), new OsSystem(), new RequestTimeout(),
        new SqlParameters(), new SubprocessShell(), new SwallowedError(), new TarFilter(), new TemporaryFolder(), new TemporaryName(), new TorchLoad(),
        new UnverifiedContext(), new WeakHash(), new YamlLoad(),
        new AbsoluteWorkdir(), new AddToCopy(), new ApkNoCache(), new AptYes(), new MaintainerLabel(), new NoRecommends(), new NoSshPort(), new NoSudo(),
        new OneCommand(), new PinnedBase(), new RootUser(), new UpdateWithInstall(), new YumClean(),
        new BucketPublicAccess(), new BucketVersioning(), new DropInvalidHeaders(), new EcrImmutableTags(), new EcrScanOnPush(), new KeyRotation(),
        new LogValidation(), new MetadataTokens(), new NotPubliclyAccessible(), new PointInTimeRecovery(), new QueueEncryption(),
        Bump,
    ];

    /// <summary>The rule for a finding; null when there is none.</summary>
    public static IFixRule? Find(Finding finding) =>
        finding.Category == Category.Dependency
            ? finding.Scanners.Any(s => Bump.Scanners.Contains(s.Name)) ? Bump : null
            : Rules.FirstOrDefault(r => finding.Scanners.Any(s => r.Scanners.Contains(s.Name) && (r.RuleIds.Contains(s.RuleId) || r.RuleIds.Contains(TrivyRule.Canonical(s.RuleId)))));

    /// <summary>Whether some rule names it as what may take a finding's place.</summary>
    public static bool IsSuccessor(string ruleId) => Rules.Any(r => r.Successors.Contains(ruleId));

    /// <summary>Why no rule is for the finding.</summary>
    public static string WhyNone(Finding finding) =>
        NeverClaimed.TryGetValue(finding.Rule.Id, out var reason) ? reason : $"there is no built-in rule for {finding.Rule.Id}";
}
