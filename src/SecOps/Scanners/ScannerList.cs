using SecOps.Scanners.Amazon;
using SecOps.Scanners.Bandit;
using SecOps.Scanners.Gitleaks;
using SecOps.Scanners.PipAudit;
using SecOps.Scanners.Safety;
using SecOps.Scanners.Sarif;
using SecOps.Scanners.Sonar;
using SecOps.Scanners.Trivy;
using SecOps.Scanners.Wapiti;
using SecOps.Scanners.Zap;

namespace SecOps.Scanners;

/// <summary>Every scanner and report format, in the order of every list. To add one: a folder, three functions, a line here.</summary>
public static class ScannerList
{
    public static IReadOnlyList<IReportReader> Readers { get; } =
    [
        new BanditScanner(), new TrivyScanner(), new SafetyScanner(), new PipAuditScanner(), new GitleaksScanner(),
        new SonarScanner(), new ZapScanner(), new WapitiScanner(),
        new SarifReader(), new InspectorReader(), new EcrReader(), new GuardDutyReader(), new SecurityHubReader(),
    ];

    public static IReadOnlyList<IScanner> Scanners { get; } = [.. Readers.OfType<IScanner>()];

    /// <summary>Those that have something to look at, and are set up.</summary>
    public static IEnumerable<IScanner> Fitting(ScanTarget target, ScannerSettings settings) => Scanners.Where(s => s.Fits(target) && s.IsSetUp(target, settings));

    /// <summary>Null when the name is none of them.</summary>
    public static IReportReader? Find(string name) => Readers.FirstOrDefault(r => r.Name == name);
}
