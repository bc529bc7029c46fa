using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using SecOps.Findings;
using SecOps.Testing;
using Shouldly;
using Xunit;

namespace SecOps.Scanners.Wapiti;

public sealed class WapitiTests
{
    [NeedsFact("wapiti", "python3-flask")]
    public async Task The_real_wapiti_finds_the_weaknesses_of_the_sample_application()
    {
        using var folder = new TemporaryFolder();
        using var app = await StartAsync(folder);
        try
        {
            using var tools = new StandIns { Settings = new ScannerSettings { WapitiModules = "xss,exec" } };
            tools.Add("wapiti", $"exec '{Parts.Executable("wapiti")}' \"$@\"");
            var outcome = await tools.RunAsync(new WapitiScanner(), new UrlTarget(app.Address), TimeSpan.FromMinutes(3));

            outcome.Coverage.Status.ShouldBe(CoverageStatus.Completed, outcome.Coverage.Message);
            Found(outcome, "Cross Site Scripting").ShouldBe(("GET", "/search", "q"));
            Found(outcome, "Command execution").ShouldBe(("GET", "/tools", "host"));
        }
        finally
        {
            app.Process.Kill(entireProcessTree: true);
            await app.Process.WaitForExitAsync();
        }
    }

    [Fact]
    public void An_entry_becomes_a_web_finding_and_an_anomaly_a_note()
    {
        var sink = new WapitiScanner().ReadText("""
            {"classifications": {"SQL Injection": {"desc": "d", "sol": "s", "ref": {"CWE-89: SQL": "https://cwe.mitre.org/89.html"}}},
             "vulnerabilities": {"SQL Injection": [{"method": "post", "path": "/u/17", "info": "i", "level": 4, "parameter": "id"}], "Backup file": []},
             "anomalies": {"Internal Server Error": [{"path": "/"}]}, "infos": {"target": "http://h:5000/x", "version": "Wapiti 3.0.4"}}
            """);
        var f = sink.Findings.ShouldHaveSingleItem();
        f.Severity.ShouldBe(Severity.Critical);
        (f.Location.Method, f.Location.Url, f.Location.Parameter).ShouldBe(("POST", "http://h:5000/u/17", "id"));
        f.Rule.Cwe.ShouldBe(["CWE-89"]);
        sink.ToolVersion.ShouldBe("3.0.4");
        sink.Note.ShouldNotBeNull().ShouldContain("1 anomalies");
    }

    [Theory]
    [InlineData("{\"vulnerabilities\": [], \"infos\": {}}", "not a Wapiti")]
    [InlineData("{\"vulnerabilities\": {}}", "not a Wapiti")]
    [InlineData("[]", "not a Wapiti")]
    [InlineData("<report type=\"other\"/>", "root is <report>")]
    [InlineData("{\"vulnerabilities\": {\"XSS\": \"none\"}, \"infos\": {}}", "no list")]
    public void What_is_no_wapiti_report_is_refused(string report, string why) => new WapitiScanner().ShouldRefuse(report, why);

    private static (string?, string?, string?) Found(ScanOutcome outcome, string rule)
    {
        var finding = outcome.Findings.Where(f => f.Rule.Id == rule).ShouldHaveSingleItem();
        finding.Category.ShouldBe(Category.Web);
        return (finding.Location.Method, new Uri(finding.Location.Url!).AbsolutePath, finding.Location.Parameter);
    }

    private static async Task<Application> StartAsync(TemporaryFolder folder)
    {
        foreach (var file in Directory.EnumerateFiles(Path.Combine(Parts.Repository, "samples", "flask-app"), "*", SearchOption.AllDirectories))
        {
            var relative = Path.GetRelativePath(Path.Combine(Parts.Repository, "samples", "flask-app"), file);
            Directory.CreateDirectory(Path.GetDirectoryName(folder[relative])!);
            File.Copy(file, folder[relative]);
        }

        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        listener.Stop();
        var start = new ProcessStartInfo(Parts.Executable("python3-flask")) { WorkingDirectory = folder.Path, RedirectStandardError = true, RedirectStandardOutput = true };
        start.ArgumentList.Add("-c");
        start.ArgumentList.Add($"import app; app.app.run(host='127.0.0.1', port={port})");
        var process = Process.Start(start)!;
        process.BeginErrorReadLine();
        process.BeginOutputReadLine();
        var address = new Uri($"http://127.0.0.1:{port}/");
        using var http = new HttpClient();
        for (var tries = 0; ; tries++)
        {
            try
            {
                (await http.GetAsync(new Uri(address, "health"))).EnsureSuccessStatusCode();
                return new Application(process, address);
            }
            catch (HttpRequestException) when (tries < 300 && !process.HasExited)
            {
                await Task.Delay(100);
            }
        }
    }

    private sealed record Application(Process Process, Uri Address) : IDisposable
    {
        public void Dispose() => Process.Dispose();
    }

    [Fact]
    public void Xml_says_the_same_as_json()
    {
        var xml = new WapitiScanner().ReadText("""
            <?xml version="1.0" ?>
            <report type="security"><report_infos><info name="generatorVersion">Wapiti 3.0.4</info><info name="target">http://h:5000/x</info></report_infos>
            <vulnerabilities><vulnerability name="Backup file"><description/><entries></entries></vulnerability>
            <vulnerability name="SQL Injection"><description><![CDATA[d]]></description><solution>s</solution>
              <references><reference><title>CWE-89: SQL</title><url>https://cwe.mitre.org/89.html</url></reference></references>
              <entries><entry><method>POST</method><path>/u/17</path><level>4</level><parameter>id</parameter><info>i</info></entry></entries></vulnerability></vulnerabilities>
            <anomalies><anomaly name="Internal Server Error"><entries><entry><path>/</path></entry></entries></anomaly></anomalies></report>
            """);
        var f = xml.Findings.ShouldHaveSingleItem();
        (f.Location.Method, f.Location.Url, f.Location.Parameter, f.Severity, f.Message).ShouldBe(("POST", "http://h:5000/u/17", "id", Severity.Critical, "i"));
        f.Rule.Cwe.ShouldBe(["CWE-89"]);
        (xml.ToolVersion, xml.Entries).ShouldBe(("3.0.4", 1));
        xml.Note.ShouldNotBeNull().ShouldContain("1 anomalies");
    }

    [Fact]
    public void A_scan_that_reached_no_page_is_failed() =>
        new WapitiScanner().ReadText("""{"vulnerabilities": {}, "infos": {"target": "http://h/", "crawled_pages_nbr": 0}}""").Failure.ShouldNotBeNull().ShouldContain("http://h/");
}
