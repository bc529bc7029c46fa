using System.Globalization;
using System.Net;
using System.Text;
using System.Web;
using SecOps.Findings;
using SecOps.Testing;
using Shouldly;
using Xunit;

namespace SecOps.Scanners.Sonar;

/// <summary>A stand-in for the scanner, and one for the server that answers as its documentation says.</summary>
public sealed class SonarServerTests : IDisposable
{
    private readonly StandIns tools = new();
    private readonly HttpListener server = new();
    private readonly List<string> asked = [];
    private readonly string url;
    private string taskStatus = "SUCCESS";
    private string? branch;
    private int issues = 3;

    public SonarServerTests()
    {
        using var free = new System.Net.Sockets.TcpListener(IPAddress.Loopback, 0);
        free.Start();
        url = $"http://127.0.0.1:{((IPEndPoint)free.LocalEndpoint).Port}/";
        free.Stop();
        server.Prefixes.Add(url);
        server.Start();
        _ = ServeAsync();
        tools.Settings = new ScannerSettings { SonarUrl = url, SonarProject = "shop", Variable = name => name == "SONAR_TOKEN" ? "token-of-the-test" : null };
        tools.Write("a.py", "x = 1\n");
        tools.Add("sonar-scanner", """
            [ "$SONAR_TOKEN" = token-of-the-test ] || exit 1
            for a in "$@"; do case "$a" in -Dsonar.working.directory=*) DIR="${a#*=}";; esac; done
            mkdir -p "$DIR"; echo 'ceTaskId=T1' > "$DIR/report-task.txt"
            """);
    }

    [NeedsFact("sh")]
    public async Task The_scanner_runs_the_task_is_waited_for_and_open_issues_and_hotspots_are_fetched()
    {
        var outcome = await ScanAsync();
        outcome.Coverage.Message.ShouldBe("SonarQube's quality gate of shop is ERROR: new_coverage 41.2 is below 80, new_violations 3 is above 0");
        outcome.Coverage.Status.ShouldBe(CoverageStatus.Completed);
        outcome.Coverage.Findings.ShouldBe(4);
        var quality = outcome.Coverage.Quality.ShouldNotBeNull();
        (quality.ProjectKey, quality.Gate, quality.Bugs, quality.Vulnerabilities, quality.CodeSmells, quality.Hotspots).ShouldBe(("shop", "ERROR", 3, 0, 0, 1));
        outcome.Findings.Select(f => f.Severity).Distinct().Order().ShouldBe([Severity.Medium, Severity.High]);
        asked.Count(a => a.StartsWith("api/ce/task", StringComparison.Ordinal)).ShouldBe(2);
        asked.ShouldContain(a => a == "api/qualitygates/project_status?analysisId=A1");
        Approval.Approve(tools.ArgumentsOf("sonar-scanner").Replace(url, "URL", StringComparison.Ordinal), "sonar-scanner.args.txt");
    }

    [NeedsFact("sh")]
    public async Task More_issues_than_the_server_lists_are_asked_for_by_severity_page_by_page()
    {
        issues = 12_500;
        (await ScanAsync()).Coverage.Findings.ShouldBe(12_501);
    }

    [NeedsFact("sh")]
    public async Task Of_a_branch_its_own_issues_are_asked_for()
    {
        branch = "feature/x";
        await ScanAsync();
        asked.Where(a => a.StartsWith("api/issues/", StringComparison.Ordinal) || a.StartsWith("api/hotspots/", StringComparison.Ordinal)).ShouldAllBe(a => a.Contains("&branch=feature%2Fx"));
    }

    [Fact]
    public void Where_nobody_set_it_up_it_is_not_missed_and_a_part_of_the_tree_is_no_project()
    {
        var scanner = new SonarScanner();
        var source = tools.Source("a.py");
        scanner.IsSetUp(source, new ScannerSettings()).ShouldBeFalse();
        scanner.IsSetUp(source, new ScannerSettings { SonarUrl = url }).ShouldBeTrue();
        tools.Write("sonar-project.properties", "sonar.projectKey=shop\n");
        scanner.IsSetUp(source, new ScannerSettings()).ShouldBeTrue();
        scanner.Fits(source).ShouldBeTrue();
        scanner.Fits(source with { IsApart = true }).ShouldBeFalse();
    }

    [NeedsFact("sh")]
    public async Task A_failed_analysis_is_failed()
    {
        taskStatus = "FAILED";
        var outcome = await ScanAsync();
        outcome.Coverage.Status.ShouldBe(CoverageStatus.Failed);
        outcome.Coverage.Message.ShouldNotBeNull().ShouldContain("out of memory");
    }

    [NeedsFact("sh")]
    public async Task Without_a_server_it_is_missing()
    {
        tools.Settings = new ScannerSettings();
        (await ScanAsync()).Coverage.Status.ShouldBe(CoverageStatus.Missing);
    }

    public void Dispose()
    {
        server.Close();
        tools.Dispose();
    }

    private Task<ScanOutcome> ScanAsync() => tools.RunAsync(new SonarScanner { Poll = TimeSpan.FromMilliseconds(10) }, tools.Source("a.py"));

    private async Task ServeAsync()
    {
        while (server.IsListening)
        {
            try
            {
                var context = await server.GetContextAsync();
                var request = context.Request;
                var authorized = request.Headers["Authorization"] == "Bearer token-of-the-test";
                asked.Add(request.RawUrl![1..]);
                context.Response.StatusCode = authorized ? 200 : 401;
                context.Response.OutputStream.Write(Encoding.UTF8.GetBytes(Answer(request.Url!.AbsolutePath, HttpUtility.ParseQueryString(request.Url.Query))));
                context.Response.Close();
            }
            catch (Exception e) when (e is HttpListenerException or ObjectDisposedException)
            {
                return;
            }
        }
    }

    private string Answer(string path, System.Collections.Specialized.NameValueCollection query)
    {
        switch (path)
        {
            case "/api/ce/task":
                return asked.Count < 2 ? """{"task": {"status": "PENDING"}}""" : $$"""{"task": {"status": "{{taskStatus}}", "analysisId": "A1", {{(branch is null ? "" : $"\"branch\": \"{branch}\", ")}}"errorMessage": "out of memory"} }""";
            case "/api/qualitygates/project_status":
                return """
                    {"projectStatus": {"status": "ERROR", "conditions": [
                      {"status": "ERROR", "metricKey": "new_coverage", "comparator": "LT", "errorThreshold": "80", "actualValue": "41.2"},
                      {"status": "OK", "metricKey": "new_duplicated_lines_density", "comparator": "GT", "errorThreshold": "3", "actualValue": "0.0"},
                      {"status": "ERROR", "metricKey": "new_violations", "comparator": "GT", "errorThreshold": "0", "actualValue": "3"}]}}
                    """;
            case "/api/hotspots/search":
                return """{"paging": {"pageIndex": 1, "pageSize": 500, "total": 1}, "hotspots": [{"component": "shop:a.py", "project": "shop", "securityCategory": "xss", "vulnerabilityProbability": "HIGH", "status": "TO_REVIEW", "line": 1, "ruleKey": "py:S1"}]}""";
            default:
                // All issues are MAJOR or MINOR, half each when there are many.
                var total = query["severities"] switch { null => issues, "MAJOR" => issues / 2, "MINOR" => issues - (issues / 2), _ => 0 };
                var (page, size) = (int.Parse(query["p"]!, CultureInfo.InvariantCulture), int.Parse(query["ps"]!, CultureInfo.InvariantCulture));
                var count = Math.Clamp(total - ((page - 1) * size), 0, size);
                var list = Enumerable.Range(0, count).Select(i => $$"""{"rule": "py:S2", "severity": "MAJOR", "type": "BUG", "component": "shop:a.py", "project": "shop", "status": "OPEN", "message": "m", "line": {{i + 1}} }""");
                return $$"""{"paging": {"pageIndex": {{page}}, "pageSize": {{size}}, "total": {{total}}}, "issues": [{{string.Join(',', list)}}]}""";
        }
    }
}
