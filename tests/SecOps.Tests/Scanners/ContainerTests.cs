using SecOps.Findings;
using SecOps.Processes;
using SecOps.Scanners.Gitleaks;
using SecOps.Scanners.Trivy;
using SecOps.Testing;
using Shouldly;

namespace SecOps.Scanners;

/// <summary>Scanners from their images, on a real Engine: images of ours that play the tool and say what they see of the world.</summary>
public sealed class ContainerTests : IDisposable
{
    /// <summary>A report whose one package is named after what was seen.</summary>
    private const string Tool = """
        #!/bin/sh
        for a in "$@"; do case "$last" in --output|--report-path) OUT="$a";; --source) SRC="$a";; esac; last="$a"; done
        [ "$1" = version ] && { echo '{"Version": "1.99.0"}'; exit 0; }
        [ -e .hang ] && sleep 100
        touch ./written 2>/dev/null && w=writable || w=readonly
        [ -e /var/run/docker.sock ] && d=socket || d=nosocket
        n=$(ls /sys/class/net | grep -v '^lo$' | wc -l)
        [ -n "$TRIVY_CACHE_DIR" ] && touch "$TRIVY_CACHE_DIR/database"
        seen="uid=$(id -u) source=$w docker=$d networks=$n cap=$(grep CapEff /proc/self/status | tr -d '\t ') here=$(ls a.py 2>/dev/null)"
        if [ -n "$SRC" ]; then echo "[{\"RuleID\": \"seen\", \"File\": \"$seen\", \"Secret\": \"x\"}]" > "$OUT"
        else echo "{\"SchemaVersion\": 2, \"Results\": [{\"Target\": \"t\", \"Class\": \"lang-pkgs\", \"Vulnerabilities\": [{\"VulnerabilityID\": \"CVE-2030-1\", \"PkgName\": \"$seen\"}]}]}" > "$OUT"; fi
        """;

    private readonly StandIns tools = new();
    private readonly TemporaryFolder folder = new();
    private readonly ProcessRunner processes = new(new Redactor());
    private readonly string image = $"secops-test-scanner-{Guid.NewGuid():N}";

    public ContainerTests()
    {
        tools.Write("a.py", "x = 1\n");
        tools.Settings = new ScannerSettings
        {
            Variable = name => name == "SECOPS_CACHE" ? folder.Path : Environment.GetEnvironmentVariable(name),
            Images = new Dictionary<string, string> { ["trivy"] = image + ":v1.99.0", ["gitleaks"] = image + ":v1.99.0" },
        };
    }

    [NeedsFact("DOCKER_HOST", "SECOPS_TEST_BASE_IMAGE")]
    public async Task A_tool_runs_from_its_image_and_sees_the_source_alone()
    {
        await BuildAsync();
        var outcome = await tools.RunAsync(new TrivyScanner(), tools.Source("a.py"));

        outcome.Coverage.Status.ShouldBe(CoverageStatus.Completed, outcome.Coverage.Message);
        (outcome.Coverage.Source, outcome.Coverage.Version).ShouldBe(("container", "1.99.0"));
        var id = (await processes.RunAsync(new ProcessCall("id", ["-u"]), CancellationToken.None)).Output.Trim();
        var seen = outcome.Findings.ShouldHaveSingleItem().Location.Package!.Name;
        seen.ShouldContain($"uid={id} source=readonly docker=nosocket networks=1");
        seen.ShouldContain("here=a.py");
        File.Exists(Path.Combine(tools.Raw, "trivy.json")).ShouldBeTrue();
        File.Exists(Path.Combine(tools.Tree, "written")).ShouldBeFalse();
        File.Exists(folder["images/trivy/database"]).ShouldBeTrue("its database is kept");
        (await LeftAsync()).ShouldBeEmpty();
    }

    [NeedsFact("DOCKER_HOST", "SECOPS_TEST_BASE_IMAGE")]
    public async Task A_tool_that_needs_no_network_gets_none()
    {
        await BuildAsync();
        var outcome = await tools.RunAsync(new GitleaksScanner(), tools.Source("a.py"));
        outcome.Coverage.Status.ShouldBe(CoverageStatus.Completed, outcome.Coverage.Message);
        outcome.Findings.ShouldHaveSingleItem().Location.Path.ShouldNotBeNull().ShouldContain("networks=0");
    }

    [NeedsFact("DOCKER_HOST", "SECOPS_TEST_BASE_IMAGE")]
    public async Task The_scan_of_an_image_gets_the_Engine_and_no_source()
    {
        await BuildAsync();
        var outcome = await tools.RunAsync(new TrivyScanner(), new ImageTarget("app:1"));
        outcome.Coverage.Status.ShouldBe(CoverageStatus.Completed, outcome.Coverage.Message);
        var seen = outcome.Findings.ShouldHaveSingleItem().Location.Package!.Name;
        seen.ShouldContain("docker=socket");
        seen.ShouldEndWith("here=");
    }

    [NeedsFact("DOCKER_HOST", "SECOPS_TEST_BASE_IMAGE")]
    public async Task A_container_that_is_cancelled_or_takes_too_long_is_gone()
    {
        await BuildAsync();
        tools.Write(".hang", "");
        (await tools.RunAsync(new TrivyScanner(), tools.Source("a.py"), TimeSpan.FromSeconds(4))).Coverage.Status.ShouldBe(CoverageStatus.TimedOut);
        (await LeftAsync()).ShouldBeEmpty();

        using var cancel = new CancellationTokenSource();
        var run = tools.RunAsync(null, cancel.Token, (new GitleaksScanner(), tools.Source("a.py")));
        for (var tries = 0; tries < 200 && (await LeftAsync()).Length == 0; tries++)
        {
            await Task.Delay(50);
        }

        (await LeftAsync()).ShouldNotBeEmpty();
        await cancel.CancelAsync();
        (await run)[0].Coverage.Status.ShouldBe(CoverageStatus.Cancelled);
        (await LeftAsync()).ShouldBeEmpty();
    }

    [NeedsFact("DOCKER_HOST", "SECOPS_TEST_BASE_IMAGE")]
    public async Task An_image_that_cannot_be_had_leaves_the_scanner_missing()
    {
        tools.Settings = tools.Settings with { Offline = true };
        var outcome = await tools.RunAsync(new TrivyScanner(), tools.Source("a.py"));
        outcome.Coverage.Status.ShouldBe(CoverageStatus.Missing);
        outcome.Coverage.Message.ShouldNotBeNull().ShouldContain("--offline");

        tools.Settings = tools.Settings with { Offline = false, Images = new Dictionary<string, string> { ["trivy"] = "127.0.0.1:9/nothing:1" } };
        outcome = await tools.RunAsync(new TrivyScanner(), tools.Source("a.py"));
        outcome.Coverage.Status.ShouldBe(CoverageStatus.Missing);
        outcome.Coverage.Message.ShouldNotBeNull().ShouldContain("cannot be pulled");
    }

    [NeedsFact("sh")]
    public async Task Where_containers_are_off_or_the_Engine_is_another_machines_the_scanner_is_missing()
    {
        foreach (var settings in new[] { tools.Settings with { Containers = false }, tools.Settings with { Variable = name => name == "DOCKER_HOST" ? "tcp://127.0.0.1:9" : null } })
        {
            tools.Settings = settings;
            var outcome = await tools.RunAsync(new TrivyScanner(), tools.Source("a.py"));
            outcome.Coverage.Status.ShouldBe(CoverageStatus.Missing);
            outcome.Coverage.Message.ShouldNotBeNull().ShouldContain("secops tools install trivy");
        }
    }

    public void Dispose()
    {
        if (Environment.GetEnvironmentVariable("DOCKER_HOST") is not null)
        {
            DockerAsync("image", "rm", "--force", image + ":v1.99.0").GetAwaiter().GetResult();
        }

        tools.Dispose();
        folder.Dispose();
    }

    private async Task BuildAsync()
    {
        var container = image + "-build";
        foreach (var name in new[] { "trivy", "gitleaks" })
        {
            File.WriteAllText(folder[name], Tool.Replace("\r\n", "\n", StringComparison.Ordinal));
            File.SetUnixFileMode(folder[name], (UnixFileMode)0b111_101_101);
        }

        (await DockerAsync("create", "--name", container, Parts.Variable("SECOPS_TEST_BASE_IMAGE"), "true")).ExitCode.ShouldBe(0);
        (await DockerAsync("cp", folder["trivy"], container + ":/usr/local/bin/trivy")).ExitCode.ShouldBe(0);
        (await DockerAsync("cp", folder["gitleaks"], container + ":/usr/local/bin/gitleaks")).ExitCode.ShouldBe(0);
        (await DockerAsync("commit", container, image + ":v1.99.0")).ExitCode.ShouldBe(0);
        await DockerAsync("rm", container);
    }

    /// <summary>Names of containers that this scan left, running or not.</summary>
    private async Task<string> LeftAsync() =>
        (await DockerAsync("ps", "--all", "--filter", $"ancestor={image}:v1.99.0", "--filter", "name=^/secops-(trivy|gitleaks)-", "--format", "{{.Names}}")).Output.Trim();

    private Task<ProcessResult> DockerAsync(params string[] arguments) => processes.RunAsync(new ProcessCall("docker", arguments), CancellationToken.None);
}
