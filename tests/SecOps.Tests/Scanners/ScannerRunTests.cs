using System.Net;
using System.Net.Sockets;
using SecOps.Findings;
using SecOps.Processes;
using SecOps.Scanners.Gitleaks;
using SecOps.Scanners.PipAudit;
using SecOps.Scanners.Safety;
using SecOps.Scanners.Trivy;
using SecOps.Scanners.Wapiti;
using SecOps.Scanners.Zap;
using SecOps.Testing;
using SecOps.Toolbox;
using Shouldly;
using Xunit;

namespace SecOps.Scanners;

public sealed class ScannerRunTests : IDisposable
{
    private const string TrivyReport = """{"SchemaVersion": 2, "ArtifactName": ".", "Results": [{"Target": "requirements.txt", "Class": "lang-pkgs", "Type": "pip", "Vulnerabilities": [{"VulnerabilityID": "CVE-2030-1", "PkgName": "x", "Severity": "HIGH"}]}]}""";

    private readonly StandIns tools = new();

    [NeedsFact("sh")]
    public async Task Trivy_is_called_with_the_folder_and_its_paths_become_relative_to_the_root()
    {
        tools.Write("sub/requirements.txt", "x==1");
        tools.Add("trivy", $"cat > \"$OUT\" <<'END'\n{TrivyReport}\nEND");
        var outcome = await tools.RunAsync(new TrivyScanner(), tools.Source("sub/requirements.txt") with { Path = "sub" });
        outcome.Coverage.Message.ShouldBeNull();
        outcome.Coverage.Status.ShouldBe(CoverageStatus.Completed);
        outcome.Coverage.Findings.ShouldBe(1);
        outcome.Findings.ShouldHaveSingleItem().Location.Path.ShouldBe("sub/requirements.txt");
        File.Exists(Path.Combine(tools.Raw, "trivy.json")).ShouldBeTrue();
        Approval.Approve(tools.ArgumentsOf("trivy"), "trivy-fs.args.txt");
    }

    [NeedsFact("sh")]
    public async Task Trivy_scans_an_image_offline_with_licences()
    {
        tools.Settings = new ScannerSettings { Offline = true, Licenses = true };
        tools.Add("trivy", $"cat > \"$OUT\" <<'END'\n{TrivyReport}\nEND");
        (await tools.RunAsync(new TrivyScanner(), new ImageTarget("example/app:1"))).Coverage.Status.ShouldBe(CoverageStatus.Completed);
        Approval.Approve(tools.ArgumentsOf("trivy"), "trivy-image-offline.args.txt");
    }

    [Theory]
    [InlineData("echo 'FATAL unable to open the cache: lock' >&2; exit 1", CoverageStatus.Failed, "exit code 1: FATAL unable to open the cache: lock")]
    [InlineData("printf '{\"SchemaVersion\": 2, \"Results\": [{\"Target\"' > \"$OUT\"", CoverageStatus.Failed, "cut off")]
    [InlineData("exit 0", CoverageStatus.Failed, "wrote no report")]
    [InlineData("printf '{}' > \"$OUT\"", CoverageStatus.Failed, "not a Trivy")]
    public async Task A_trivy_that_fails_is_failed_and_says_why(string script, CoverageStatus status, string message)
    {
        tools.Write("a", "");
        tools.Add("trivy", script);
        var outcome = await tools.RunAsync(new TrivyScanner(), tools.Source("a"));
        outcome.Coverage.Status.ShouldBe(status);
        outcome.Coverage.Message.ShouldNotBeNull().ShouldContain(message);
        outcome.Findings.ShouldBeEmpty();
    }

    [NeedsFact("sh")]
    public async Task A_trivy_that_hangs_is_ended_and_timed_out()
    {
        tools.Write("a", "");
        tools.Add("trivy", "sleep 100");
        (await tools.RunAsync(new TrivyScanner(), tools.Source("a"), TimeSpan.FromSeconds(1))).Coverage.Status.ShouldBe(CoverageStatus.TimedOut);
    }

    [NeedsFact("sh")]
    public async Task Two_trivy_scans_never_run_at_once()
    {
        tools.Write("a", "");
        tools.Add("trivy", $"mkdir \"$0.lock\" || exit 1\nsleep 0.3\nrmdir \"$0.lock\"\ncat > \"$OUT\" <<'END'\n{TrivyReport}\nEND");
        var trivy = new TrivyScanner();
        var outcomes = await tools.RunAsync(null, (trivy, tools.Source("a")), (trivy, new ImageTarget("a")));
        outcomes.ShouldAllBe(o => o.Coverage.Status == CoverageStatus.Completed);
    }

    /// <summary>Each waits until all five have started: one after the other they would wait for ever.</summary>
    [NeedsFact("sh")]
    public async Task Scanners_run_all_together_however_few_the_cores()
    {
        tools.Write("requirements.txt", "x==1");
        const string Meet = "touch \"$(dirname \"$0\")/$(basename \"$0\").here\"\nwhile [ $(ls \"$(dirname \"$0\")\" | grep -c 'here$') -lt 5 ]; do sleep 0.05; done\n";
        tools.Add("trivy", Meet + "echo '{\"SchemaVersion\": 2}' > \"$OUT\"");
        tools.Add("gitleaks", Meet + "echo '[]' > \"$OUT\"");
        tools.Add("pip-audit", Meet + "echo '[]' > \"$OUT\"");
        tools.Add("wapiti", Meet + "echo '{\"vulnerabilities\": {}, \"infos\": {}}' > \"$OUT\"");
        tools.Add("zap.sh", Meet + "echo '{\"@version\": \"2\", \"site\": []}' > \"$OUT\"");
        using var application = new TcpListener(IPAddress.Loopback, 0);
        application.Start();
        var (source, url) = (tools.Source("requirements.txt"), new UrlTarget(new Uri($"http://127.0.0.1:{((IPEndPoint)application.LocalEndpoint).Port}/")));
        var outcomes = await tools.RunAsync(
            TimeSpan.FromSeconds(60), (new TrivyScanner(), source), (new GitleaksScanner(), source), (new PipAuditScanner(), source), (new WapitiScanner(), url), (new ZapScanner(), url));
        outcomes.Select(o => o.Coverage.Status).ShouldAllBe(s => s == CoverageStatus.Completed);
        foreach (var tool in new[] { "gitleaks", "pip-audit", "wapiti", "zap.sh" })
        {
            Approval.Approve(tools.ArgumentsOf(tool).Replace(url.Address.Authority, "127.0.0.1:9", StringComparison.Ordinal), $"{tool}.args.txt");
        }
    }

    [NeedsFact("sh")]
    public async Task In_a_container_zap_writes_into_the_mounted_folder()
    {
        var location = new ToolLocation("ghcr.io/zaproxy/zaproxy:1", "container");
        var zap = new ZapScanner();
        var target = new UrlTarget(new Uri("http://127.0.0.1:5000/"));
        var call = zap.Plan(target, new PlanContext(tools.Raw, location, new ScannerSettings { ZapMode = "api" })).ShouldHaveSingleItem();
        var process = await new ContainerTool(new ProcessRunner(new Redactor()), new ScannerSettings()).WrapAsync(zap.Tool, location, call, target, "secops-zap-ID");
        process.Executable.ShouldBe("docker");
        Approval.Approve(string.Join('\n', process.Arguments).Replace(tools.Raw, "REPORTS", StringComparison.Ordinal) + "\n", "zap-container.args.txt");
    }

    [NeedsFact("sh")]
    public async Task An_application_that_is_not_there_is_a_failure_not_a_clean_one()
    {
        tools.Add("wapiti", "echo '{\"vulnerabilities\": {}, \"infos\": {}}' > \"$OUT\"");
        var outcome = await tools.RunAsync(new WapitiScanner(), new UrlTarget(new Uri($"http://127.0.0.1:{ClosedPort()}/")));
        outcome.Coverage.Status.ShouldBe(CoverageStatus.Failed);
        outcome.Coverage.Message.ShouldNotBeNull().ShouldContain("nothing answers at http://127.0.0.1:");
        tools.WasStarted("wapiti").ShouldBeFalse();
    }

    [Fact]
    public async Task A_tool_that_is_not_there_is_missing_and_the_message_says_what_to_do()
    {
        tools.Write("requirements.txt", "x==1");
        var outcome = await tools.RunAsync(new PipAuditScanner(), tools.Source("requirements.txt"));
        outcome.Coverage.Status.ShouldBe(CoverageStatus.Missing);
        outcome.Coverage.Message.ShouldNotBeNull().ShouldContain("--skip pip-audit");
    }

    [NeedsFact("sh")]
    public async Task Safety_without_a_key_is_missing_and_names_the_free_way()
    {
        tools.Write("requirements.txt", "x==1");
        tools.Add("safety", "exit 0");
        var outcome = await tools.RunAsync(new SafetyScanner(), tools.Source("requirements.txt"));
        outcome.Coverage.Status.ShouldBe(CoverageStatus.Missing);
        outcome.Coverage.Message.ShouldNotBeNull().ShouldContain("pip-audit");
        tools.WasStarted("safety").ShouldBeFalse();
    }

    [NeedsFact("sh")]
    public async Task Safety_prints_its_report_amid_other_text_and_ends_with_64()
    {
        tools.Write("requirements.txt", "x==1");
        tools.Settings = new ScannerSettings { Variable = name => name == "SAFETY_API_KEY" ? "key" : null };
        tools.Add("safety", "echo '+==== DEPRECATED ====+'; echo '[[\"x\", \"<2\", \"1\", \"bad\", \"7\"]]'; echo '+====+'; exit 64");
        var outcome = await tools.RunAsync(new SafetyScanner(), tools.Source("requirements.txt"));
        outcome.Coverage.Message.ShouldBeNull();
        outcome.Findings.ShouldHaveSingleItem().Location.Package!.Manifest.ShouldBe("requirements.txt");
        Approval.Approve(tools.ArgumentsOf("safety"), "safety.args.txt");
    }

    public void Dispose() => tools.Dispose();

    private static int ClosedPort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
