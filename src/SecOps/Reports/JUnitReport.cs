using System.Globalization;
using System.Text;
using System.Xml;
using SecOps.Findings;

namespace SecOps.Reports;

/// <summary>
/// JUnit's XML, as build servers read it: a suite a scanner, a failed test a finding, a skipped one a waived finding, and an error for a scanner
/// that did not complete, so that "not run" is never green. Valid after the schema of Jenkins' xUnit plugin (junit-10.xsd), so a case has no file and
/// line of its own: they are in its name.
/// </summary>
internal sealed class JUnitReport : IReportWriter
{
    public string Format => "junit";

    public string FileName => "findings.junit.xml";

    public IReadOnlyList<string> Write(Stream stream, FindingsDocument document)
    {
        var present = document.Findings.Where(f => f.State is FindingState.New or FindingState.Existing or FindingState.Waived).ToLookup(f => f.Scanners[0].Name);
        var suites = document.Coverage.Select(c => c.Scanner).Concat(present.Select(g => g.Key)).Distinct().Order(StringComparer.Ordinal).ToList();
        using var xml = XmlWriter.Create(stream, new XmlWriterSettings { Indent = true, Encoding = new UTF8Encoding(false), NewLineChars = "\n", CloseOutput = false });
        xml.WriteStartElement("testsuites");
        xml.WriteAttributeString("name", "secops");
        foreach (var name in suites)
        {
            Suite(xml, name, [.. document.Coverage.Where(c => c.Scanner == name)], [.. present[name]], document.Run);
        }

        xml.WriteEndElement();
        return [];
    }

    private static void Suite(XmlWriter xml, string name, List<Coverage> coverage, List<Finding> findings, RunInfo run)
    {
        var seconds = coverage.Sum(c => c.DurationMs) / 1000.0;
        xml.WriteStartElement("testsuite");
        xml.WriteAttributeString("name", Valid(name));
        xml.WriteAttributeString("tests", N(coverage.Count + findings.Count));
        xml.WriteAttributeString("failures", N(findings.Count(f => f.State != FindingState.Waived)));
        xml.WriteAttributeString("errors", N(coverage.Count(c => !c.IsComplete)));
        xml.WriteAttributeString("skipped", N(findings.Count(f => f.State == FindingState.Waived) + coverage.Count(IsSkipped)));
        xml.WriteAttributeString("time", seconds.ToString("0.000", CultureInfo.InvariantCulture));
        xml.WriteAttributeString("timestamp", run.StartedAt.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss", CultureInfo.InvariantCulture));
        foreach (var c in coverage)
        {
            Case(xml, name, "scan of " + c.Target);
            if (!c.IsComplete)
            {
                Outcome(xml, "error", FindingText.Ended(c), Words.Of(c.Status), string.Join('\n', c.Unread.Select(u => $"{u.Path}: {u.Reason}")));
            }
            else if (IsSkipped(c))
            {
                Outcome(xml, "skipped", c.Message ?? "skipped", null, "");
            }

            xml.WriteEndElement();
        }

        foreach (var f in findings)
        {
            Case(xml, name + "." + f.Rule.Id, Terminal.Clean($"{FindingText.Place(f)}: {f.Title} [{f.Id}]"));
            if (f.State == FindingState.Waived)
            {
                Outcome(xml, "skipped", "waived: " + FindingText.Waiver(f), null, "");
            }
            else
            {
                var facts = FindingText.Facts(f).Select(fact => $"{fact.Name}: {fact.Value}");
                Outcome(xml, "failure", Terminal.Clean($"{Words.Of(f.Severity)}, {FindingText.State(f.State)}: {f.Title}"), Words.Of(f.Severity), string.Join('\n', new[] { f.Message ?? "" }.Concat(facts)));
            }

            xml.WriteEndElement();
        }

        xml.WriteEndElement();
    }

    private static bool IsSkipped(Coverage c) => c is { IsComplete: true, Status: CoverageStatus.Skipped };

    private static void Case(XmlWriter xml, string group, string name)
    {
        xml.WriteStartElement("testcase");
        xml.WriteAttributeString("classname", Valid(group));
        xml.WriteAttributeString("name", Valid(name));
    }

    private static void Outcome(XmlWriter xml, string element, string message, string? type, string text)
    {
        xml.WriteStartElement(element);
        xml.WriteAttributeString("message", Valid(message));
        if (type is not null)
        {
            xml.WriteAttributeString("type", type);
        }

        xml.WriteString(Valid(text));
        xml.WriteEndElement();
    }

    private static string N(int number) => number.ToString(CultureInfo.InvariantCulture);

    /// <summary>XML has no way to write most control characters and lone surrogates.</summary>
    private static string Valid(string hostile)
    {
        var text = FindingText.Clean(hostile);
        var valid = new StringBuilder(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            if (i + 1 < text.Length && XmlConvert.IsXmlSurrogatePair(text[i + 1], text[i]))
            {
                valid.Append(text[i]).Append(text[++i]);
            }
            else
            {
                valid.Append(XmlConvert.IsXmlChar(text[i]) ? text[i] : '\uFFFD');
            }
        }

        return valid.ToString();
    }
}
