using SecOps.Scanners.Bandit;
using SecOps.Scanners.Sarif;
using SecOps.Scanners.Trivy;

namespace SecOps.Scanners;

/// <summary>Every scanner and report format, in the order of every list. To add one: a folder, three functions, a line here.</summary>
public static class ScannerList
{
    public static IReadOnlyList<IReportReader> Readers { get; } = [new BanditScanner(), new TrivyScanner(), new SarifReader()];

    public static IReadOnlyList<IScanner> Scanners { get; } = [.. Readers.OfType<IScanner>()];

    /// <summary>Null when the name is none of them.</summary>
    public static IReportReader? Find(string name) => Readers.FirstOrDefault(r => r.Name == name);
}
