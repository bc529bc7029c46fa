using System.Globalization;
using SecOps.Findings.Json;
using SecOps.Toolbox;

namespace SecOps.Scanners.Trivy;

/// <summary>Trivy (https://trivy.dev): vulnerable dependencies, misconfigurations and secrets, in folders, images and bills of materials.</summary>
public sealed class TrivyScanner : IScanner
{
    public string Name => "trivy";

    public ToolSpecification Tool { get; } = new("trivy", "trivy") { Image = new(ToolNetwork.Outside) { CacheVariable = "TRIVY_CACHE_DIR" } };

    /// <summary>Its cache has a lock with five seconds' patience; a second Trivy fails (aquasecurity/trivy#10688).</summary>
    public bool IsExclusive => true;

    public bool Fits(ScanTarget target) => target is ImageTarget or SourceTarget { Files.Count: > 0 };

    public IReadOnlyList<ScannerCall> Plan(ScanTarget target, PlanContext context)
    {
        var report = Path.Combine(context.ReportFolder, "report.json");
        List<string> arguments = [CommandOf(target, context.Settings), "--format", "json", "--output", report, "--quiet"];
        if (arguments[0] is "fs" or "repo" or "image")
        {
            arguments.AddRange(["--scanners", "vuln,misconfig,secret" + (context.Settings.Licenses ? ",license" : "")]);
        }

        if (context.Settings.Offline)
        {
            arguments.AddRange(arguments[0] == "config" ? ["--skip-check-update"] : ["--skip-db-update", "--skip-java-db-update", "--skip-check-update", "--offline-scan"]);
        }

        var prefix = "";
        if (target is SourceTarget source)
        {
            if (arguments[0] is "fs" or "repo" or "config")
            {
                arguments.AddRange(["--skip-dirs", ".secops", "--skip-dirs", ".git"]);
            }

            // A name that starts with a dash must not be taken for an option.
            arguments.AddRange(["--", source.Path.Length > 0 ? "./" + source.Path : "."]);
            prefix = arguments[0] == "sbom" ? "" : source.FolderPrefix;
        }
        else
        {
            arguments.AddRange(["--", ((ImageTarget)target).Reference]);
        }

        return
        [
            new ScannerCall(arguments, report) { PathPrefix = prefix },
            new ScannerCall(["version", "--format", "json"], Path.Combine(context.ReportFolder, "version.json")) { ReportOnOutput = true, IsAboutTool = true },
        ];
    }

    public ExitMeaning Meaning(int exitCode) => exitCode == 0 ? ExitMeaning.Clean : ExitMeaning.Failed;

    public void Read(Stream report, ReportSink sink) => TrivyReport.Read(report, sink);

    /// <summary><c>{"Version": …, "VulnerabilityDB": {"UpdatedAt": …}}</c></summary>
    public void ReadAboutTool(Stream output, ReportSink sink) => ReportJson.Read(output, "the answer of trivy version", sink, (ref JsonCursor json, ReportSink s) =>
    {
        var root = ReportNode.Read(ref json);
        s.ToolVersion ??= root["Version"].Text;
        if (DateTimeOffset.TryParse(root["VulnerabilityDB"]["UpdatedAt"].Text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var date))
        {
            s.DatabaseDate = date;
        }
    });

    private static string CommandOf(ScanTarget target, ScannerSettings settings) => target switch
    {
        ImageTarget => "image",
        SourceTarget { Path: var path } when IsBillOfMaterials(path) => "sbom",
        _ => settings.TrivyCommand,
    };

    private static bool IsBillOfMaterials(string path) =>
        path.EndsWith(".cdx.json", StringComparison.OrdinalIgnoreCase) || path.EndsWith(".spdx.json", StringComparison.OrdinalIgnoreCase) || Path.GetFileName(path) is "bom.json" or "sbom.json";
}
