using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using SecOps.Findings;
using SecOps.Processes;
using SecOps.Testing;
using Shouldly;
using Xunit;

namespace SecOps.Reports;

public sealed partial class FormatTests
{
    [Theory]
    [InlineData("=1+1", "'=1+1")]
    [InlineData("+1", "'+1")]
    [InlineData("-1", "'-1")]
    [InlineData("@SUM(A1)", "'@SUM(A1)")]
    [InlineData(" =1", "' =1")]
    [InlineData("\t=1", "\"'\t=1\"")]
    [InlineData("＝1", "'＝1")]
    [InlineData("a,b", "\"a,b\"")]
    [InlineData("say \"x\"", "\"say \"\"x\"\"\"")]
    [InlineData("two\nlines", "\"two\nlines\"")]
    [InlineData("a-b", "a-b")]
    public void No_cell_of_a_table_is_a_formula(string text, string cell) => CsvReport.Cell(text).ShouldBe(cell);

    [Fact]
    public void Every_row_of_the_table_has_every_column()
    {
        var cells = Rows(ReportDocuments.Render("csv")).ToList();
        cells.Count.ShouldBe(ReportDocuments.Full.Findings.Count + 1);
        cells.ShouldAllBe(row => row.Count == cells[0].Count);
        cells.SelectMany(row => row).ShouldAllBe(cell => cell.Length == 0 || !"=+-@\t\r".Contains(cell[0]));
    }

    [Fact]
    public void A_build_server_sees_a_failed_test_for_each_finding_and_an_error_for_each_scanner_that_did_not_complete()
    {
        var suites = XDocument.Parse(ReportDocuments.Render("junit")).Root!.Elements("testsuite").ToList();
        suites.Elements("testcase").Elements("failure").Count().ShouldBe(8);
        suites.Elements("testcase").Elements("skipped").Count().ShouldBe(1);
        suites.Where(s => s.Attribute("errors")!.Value != "0").Select(s => s.Attribute("name")!.Value).ShouldBe(["bandit", "safety", "sonarqube"]);
        foreach (var suite in suites)
        {
            suite.Attribute("failures")!.Value.ShouldBe($"{suite.Elements("testcase").Elements("failure").Count()}");
            suite.Attribute("tests")!.Value.ShouldBe($"{suite.Elements("testcase").Count()}");
        }
    }

    /// <summary>What the schema that build servers validate with allows: junit-10.xsd of Jenkins' xUnit plugin.</summary>
    [Fact]
    public void A_build_server_that_validates_takes_the_report()
    {
        var allowed = new Dictionary<string, string[]>
        {
            ["testsuites"] = ["name"],
            ["testsuite"] = ["name", "tests", "failures", "errors", "skipped", "time", "timestamp"],
            ["testcase"] = ["name", "classname", "time"],
            ["failure"] = ["type", "message"],
            ["error"] = ["type", "message"],
            ["skipped"] = ["type", "message"],
        };
        var elements = XDocument.Parse(ReportDocuments.Render("junit")).Descendants().ToList();
        elements.ShouldAllBe(e => e.Attributes().All(a => allowed[e.Name.LocalName].Contains(a.Name.LocalName)));
        elements.Where(e => e.Name == "testsuite").ShouldAllBe(e => allowed["testsuite"].All(a => e.Attribute(a) != null) && Seconds().IsMatch(e.Attribute("time")!.Value));
        elements.Where(e => e.Name == "testcase").ShouldAllBe(e => e.Attribute("name")!.Value.Length > 0 && e.Elements().Count() <= 1);
    }

    [Fact]
    public void Text_that_xml_cannot_hold_does_not_break_the_report()
    {
        var finding = ReportDocuments.Code("f1-1", Severity.High, "B\0", "a\u0001.py", 1, "\ud800 \uffff ]]> \u001b[31m");
        Should.NotThrow(() => XDocument.Parse(ReportDocuments.Render("junit", ReportDocuments.Full with { Findings = [finding] })));
    }

    [Fact]
    public void Every_format_shows_the_same_severity_for_a_finding() => SeveritiesAgree(ReportDocuments.Full);

    [CorpusFact]
    public void Every_format_shows_the_same_severity_for_every_finding_of_the_corpus()
    {
        var documents = CorpusDocuments.All().ToList();
        documents.Sum(d => d.Document.Findings.Count).ShouldBeGreaterThan(5000);
        foreach (var (document, file) in documents)
        {
            Should.NotThrow(() => SeveritiesAgree(document), file);
        }
    }

    private static void SeveritiesAgree(FindingsDocument document)
    {
        var expected = document.Findings.ToDictionary(f => f.Id, f => Words.Of(f.Severity));
        Rows(ReportDocuments.Render("csv", document)).Skip(1).ShouldAllBe(row => expected[row[0]] == row[1]);
        XDocument.Parse(ReportDocuments.Render("junit", document)).Descendants("testcase").Where(c => c.Element("failure") is not null)
            .ShouldAllBe(c => expected[Id().Match(c.Attribute("name")!.Value).Value] == c.Element("failure")!.Attribute("type")!.Value);
        using var sarif = JsonDocument.Parse(ReportDocuments.Render("sarif", document));
        sarif.RootElement.GetProperty("runs").EnumerateArray().SelectMany(r => r.GetProperty("results").EnumerateArray())
            .ShouldAllBe(r => expected[r.GetProperty("partialFingerprints").GetProperty("secopsFinding/v1").GetString()!] == r.GetProperty("properties").GetProperty("severity").GetString());
        using var cyclonedx = JsonDocument.Parse(ReportDocuments.Render("cyclonedx", document));
        cyclonedx.RootElement.GetProperty("vulnerabilities").EnumerateArray()
            .ShouldAllBe(v => expected[v.GetProperty("bom-ref").GetString()!] == v.GetProperty("ratings")[0].GetProperty("severity").GetString());
        foreach (var report in GitLab(document))
        {
            report.GetProperty("vulnerabilities").EnumerateArray()
                .ShouldAllBe(v => expected[v.GetProperty("id").GetString()!].Equals(v.GetProperty("severity").GetString(), StringComparison.OrdinalIgnoreCase));
        }

        using var html = JsonDocument.Parse(Data().Match(ReportDocuments.Render("html", document)).Groups[1].Value);
        html.RootElement.GetProperty("findings").EnumerateArray().ShouldAllBe(f => expected[f.GetProperty("id").GetString()!] == html.RootElement.GetProperty("words")[f.GetProperty("severity").GetInt32()].GetString());
    }

    [Fact]
    public void A_waiver_is_a_vex_statement_that_admits_the_risk()
    {
        var finding = ReportDocuments.Full.Findings.First(f => f.Category == Category.Dependency) with { State = FindingState.Waived, Waiver = new AppliedWaiver("not reachable", "o", new DateOnly(2027, 1, 1)) };
        using var bom = JsonDocument.Parse(ReportDocuments.Render("cyclonedx", ReportDocuments.Full with { Findings = [finding] }));
        var analysis = bom.RootElement.GetProperty("vulnerabilities")[0].GetProperty("analysis");
        analysis.GetProperty("state").GetString().ShouldBe("exploitable");
        analysis.GetProperty("response")[0].GetString().ShouldBe("will_not_fix");
        analysis.GetProperty("detail").GetString().ShouldBe("not reachable (o, until 2027-01-01)");
    }

    [NeedsFact("cyclonedx-validate")]
    public async Task CycloneDX_is_valid_after_the_official_schema_for_every_report_that_has_a_reader()
    {
        using var folder = new TemporaryFolder();
        List<string> files = [folder.Write("full.json", ReportDocuments.Render("cyclonedx"))];
        foreach (var (document, _) in CorpusDocuments.All())
        {
            files.Add(folder.Write($"{files.Count}.json", ReportDocuments.Render("cyclonedx", document)));
        }

        foreach (var part in files.Chunk(200))
        {
            var result = await new ProcessRunner(new Redactor()).RunAsync(new ProcessCall(Parts.Executable("cyclonedx-validate"), part) { Timeout = TimeSpan.FromMinutes(10) }, CancellationToken.None);
            result.ExitCode.ShouldBe(0, result.Error);
            result.Output.ShouldContain($"{part.Length} files validated");
        }
    }

    /// <summary>
    /// What GitLab's schemas demand of a report: required members, patterns, lengths, words. Read off 15.0.7 as GitLab itself carries them
    /// (gitlabhq/gitlabhq, lib/gitlab/ci/parsers/security/validators/schemas).
    /// </summary>
    [Fact]
    public void GitLabs_reports_hold_what_its_schema_demands()
    {
        foreach (var report in GitLab())
        {
            var scan = report.GetProperty("scan");
            report.GetProperty("version").GetString()!.ShouldMatch(@"^\d+\.\d+\.\d+$");
            scan.GetProperty("status").GetString().ShouldBe("failure", "safety is required and timed out");
            scan.GetProperty("start_time").GetString()!.ShouldMatch(@"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}$");
            scan.GetProperty("end_time").GetString()!.ShouldMatch(@"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}$");
            new[] { "analyzer", "scanner" }.ShouldAllBe(t => scan.GetProperty(t).GetProperty("vendor").GetProperty("name").GetString()!.Length > 0 && scan.GetProperty(t).GetProperty("version").GetString()!.Length > 0);
            scan.GetProperty("messages").EnumerateArray().ShouldAllBe(m => m.GetProperty("value").GetString()!.Length > 0);
            report.GetProperty("vulnerabilities").GetArrayLength().ShouldBeGreaterThan(0);
            foreach (var v in report.GetProperty("vulnerabilities").EnumerateArray())
            {
                v.GetProperty("name").GetString()!.Length.ShouldBeInRange(1, 255);
                new[] { "Info", "Unknown", "Low", "Medium", "High", "Critical" }.ShouldContain(v.GetProperty("severity").GetString());
                v.GetProperty("id").GetString()!.Length.ShouldBeGreaterThan(0);
                v.GetProperty("description").GetString()!.Length.ShouldBeLessThanOrEqualTo(1_048_576);
                (v.TryGetProperty("solution", out var solution) ? solution.GetString()!.Length : 0).ShouldBeLessThanOrEqualTo(7000);
                v.GetProperty("identifiers").EnumerateArray().Where(i => i.TryGetProperty("url", out _)).ShouldAllBe(i => Regex.IsMatch(i.GetProperty("url").GetString()!, "^(https?|ftp)://.+"));
                v.GetProperty("identifiers").GetArrayLength().ShouldBeGreaterThan(0);
                v.GetProperty("identifiers").EnumerateArray().ShouldAllBe(i => i.GetProperty("type").GetString()!.Length > 0 && i.GetProperty("name").GetString()!.Length > 0 && i.GetProperty("value").GetString()!.Length > 0);
                var location = v.GetProperty("location");
                string[] demanded = scan.GetProperty("type").GetString() switch
                {
                    "container_scanning" => ["dependency", "operating_system", "image"],
                    "dependency_scanning" => ["dependency", "file"],
                    _ => ["file", "start_line", "end_line"],
                };
                demanded.Except(location.EnumerateObject().Select(p => p.Name)).ShouldBeEmpty();
                new[] { "file", "image", "operating_system" }.Where(n => location.TryGetProperty(n, out _)).ShouldAllBe(n => location.GetProperty(n).GetString()!.Length > 0);
                if (location.TryGetProperty("dependency", out var dependency))
                {
                    dependency.GetProperty("package").GetProperty("name").GetString()!.Length.ShouldBeGreaterThan(0);
                    dependency.GetProperty("version").ValueKind.ShouldBe(JsonValueKind.String);
                }
            }
        }

        GitLab().Single(r => r.GetProperty("scan").GetProperty("type").GetString() == "dependency_scanning").GetProperty("dependency_files")[0]
            .ShouldSatisfyAllConditions(
                f => f.GetProperty("path").GetString().ShouldBe("requirements.txt"),
                f => f.GetProperty("package_manager").GetString().ShouldBe("pypi"),
                f => f.GetProperty("dependencies")[0].GetProperty("version").GetString().ShouldBe("2.0.1"));
    }

    [Theory]
    [InlineData(40)]
    [InlineData(80)]
    [InlineData(120)]
    public void The_table_on_the_terminal_fits_its_width(int width)
    {
        var wide = ReportDocuments.Full with { Findings = [.. ReportDocuments.Full.Findings, ReportDocuments.Code("f1-9", Severity.Low, "漏洞漏洞漏洞漏洞漏洞", "漏洞漏洞漏洞漏洞漏洞漏洞漏洞漏洞漏洞漏洞漏洞漏洞漏洞漏洞/漏洞.py", 1, "漏洞漏洞漏洞漏洞漏洞漏洞漏洞漏洞漏洞漏洞漏洞漏洞漏洞漏洞漏洞漏洞")] };
        using var output = new StringWriter();
        TerminalReport.Write(new Terminal(new Redactor(), output, TextWriter.Null) { Width = width }, wide);
        output.ToString().Split('\n').ShouldAllBe(line => TextWidth.Of(line) <= width);
        output.ToString().ShouldContain("漏洞.py:1");
    }

    [Fact]
    public void The_terminal_marks_what_is_new_where_not_everything_is()
    {
        using var output = new StringWriter();
        TerminalReport.Write(new Terminal(new Redactor(), output, TextWriter.Null) { Width = 120 }, ReportDocuments.Full);
        output.ToString().Split('\n').Where(l => l.StartsWith('+')).Count().ShouldBe(6);
    }

    private static List<JsonElement> GitLab(FindingsDocument? document = null) =>
        [.. ReportList.Writers.Where(w => w.Format == "gitlab").Select(writer =>
        {
            using var stream = new MemoryStream();
            writer.Write(stream, document ?? ReportDocuments.Full);
            return JsonDocument.Parse(stream.ToArray()).RootElement;
        })];

    /// <summary>A reader of RFC 4180 of its own, so that the writer is not checked against itself.</summary>
    private static IEnumerable<List<string>> Rows(string csv)
    {
        var (row, cell, quoted) = (new List<string>(), new StringBuilder(), false);
        for (var i = 0; i < csv.Length; i++)
        {
            if (quoted && csv[i] == '"' && i + 1 < csv.Length && csv[i + 1] == '"')
            {
                cell.Append(csv[i++]);
            }
            else if (csv[i] == '"')
            {
                quoted = !quoted;
            }
            else if (!quoted && csv[i] is ',' or '\n')
            {
                row.Add(cell.ToString());
                cell.Clear();
                if (csv[i] == '\n')
                {
                    yield return row;
                    row = [];
                }
            }
            else if (quoted || csv[i] != '\r')
            {
                cell.Append(csv[i]);
            }
        }
    }

    [GeneratedRegex(@"^[0-9]+\.[0-9]{3}$")]
    private static partial Regex Seconds();

    [GeneratedRegex("f1-[0-9a-f]+")]
    private static partial Regex Id();

    [GeneratedRegex("<script type=\"application/json\" id=\"data\">(.*?)</script>", RegexOptions.Singleline)]
    private static partial Regex Data();
}
