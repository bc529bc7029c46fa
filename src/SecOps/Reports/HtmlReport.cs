using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Unicode;
using SecOps.Findings;

namespace SecOps.Reports;

/// <summary>
/// One file for a browser, without network. What is inside was written by scanners and attackers: markup is encoded, the list is data that a script
/// inserts as text, and the content security policy lets no script run but ours, by its hash.
/// </summary>
internal sealed class HtmlReport : IReportWriter
{
    /// <summary>Beyond this a browser takes seconds to open the file.</summary>
    private const int MaxFindings = 50_000;
    private const int MaxReasons = 20;

    // Leaves é and 漏 as they are; < > & ' and control characters are escaped, so the data cannot end its script element.
    private static readonly JsonWriterOptions DataOptions = new() { Encoder = JavaScriptEncoder.Create(UnicodeRanges.All), SkipValidation = true };

    public string Format => "html";

    public string FileName => "findings.html";

    public IReadOnlyList<string> Write(Stream stream, FindingsDocument document)
    {
        var left = document.Findings.Count - MaxFindings;
        IReadOnlyList<string> notes = left > 0 ? [string.Create(CultureInfo.InvariantCulture, $"{left} of {document.Findings.Count} findings, the least severe, are left out: a page holds {MaxFindings}; \"secops report --format json\" has all")] : [];
        using var text = new StreamWriter(stream, new UTF8Encoding(false), bufferSize: 16 * 1024, leaveOpen: true);
        var (style, script) = (Part("report.css"), Part("report.js"));
        text.Write($"""
            <!doctype html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src '{Hash(style)}'; script-src '{Hash(script)}'; base-uri 'none'; form-action 'none'">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="referrer" content="no-referrer">
            <title>{Encode(Title(document))}</title>
            <style>{style}</style>
            </head>
            <body>
            <a class="skip" href="#findings">Skip to the findings</a>

            """);
        Head(text, document, notes);
        text.Write("<section aria-label=\"Summary\">\n<h2>Summary</h2>\n<div class=\"pictures\">\n");
        HtmlPictures.Write(text, document);
        text.Write("</div>\n</section>\n");
        text.Write(Part("findings.html"));
        text.Write($"<footer>Written by secops {Encode(document.Run.SecopsVersion)}, run {Encode(document.Run.Id)}.</footer>\n<script type=\"application/json\" id=\"data\">");
        text.Flush();
        Data(stream, document.Findings.Take(MaxFindings), document.Gate);
        text.Write($"</script>\n<script>{script}</script>\n</body>\n</html>\n");
        return notes;
    }

    internal static string Encode(string? text) => WebUtility.HtmlEncode(Terminal.Clean(text));

    private static string Title(FindingsDocument document) =>
        string.Create(CultureInfo.InvariantCulture, $"{document.Summary.Total} security findings{(document.Gate is { } gate ? ", gate " + Words.Of(gate.Verdict) : "")}");

    private static void Head(StreamWriter text, FindingsDocument document, IReadOnlyList<string> notes)
    {
        var run = document.Run;
        string?[] where = [run.Branch, run.Commit is { Length: > 12 } commit ? commit[..12] : run.Commit, run.FinishedAt.ToUniversalTime().ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture)];
        text.Write($"<header>\n<h1>{Encode(Title(document))}</h1>\n<p class=\"run\">{Encode(string.Join(" · ", where.OfType<string>()))}</p>\n");
        if (FindingText.NotRun(document) is { } notRun)
        {
            text.Write($"<p class=\"absent\"><strong>Not complete:</strong> {Encode(notRun)}. What they would have found is not in this report.</p>\n");
        }

        if (document.Gate is { } gate)
        {
            text.Write($"<p class=\"verdict {Words.Of(gate.Verdict)}\">Gate {Words.Of(gate.Verdict)}</p>\n<ul class=\"reasons\">\n");
            var byId = document.Findings.ToDictionary(f => f.Id);
            foreach (var reason in gate.Reasons.Take(MaxReasons))
            {
                var what = reason.Finding is { } id && byId.TryGetValue(id, out var f)
                    ? $"<a href=\"#{Uri.EscapeDataString(id)}\">{Encode(f.Rule.Id)} at {Encode(FindingText.Place(f))}</a>: " : "";
                text.Write($"<li>{what}{Encode(reason.Because)}</li>\n");
            }

            text.Write("</ul>\n");
            if (gate.Reasons.Count > MaxReasons)
            {
                text.Write(string.Create(CultureInfo.InvariantCulture, $"<p>… and {gate.Reasons.Count - MaxReasons} more reasons; the findings say which.</p>\n"));
            }
        }

        if (document.WaiverNotes.Count + notes.Count > 0)
        {
            text.Write("<ul class=\"notes\">\n");
            foreach (var note in notes.Concat(document.WaiverNotes))
            {
                text.Write($"<li>{Encode(note)}</li>\n");
            }

            text.Write("</ul>\n");
        }

        text.Write("</header>\n");
    }

    private static void Data(Stream stream, IEnumerable<Finding> findings, GateResult? gate)
    {
        var reasons = (gate?.Reasons ?? []).Where(r => r.Finding is not null).DistinctBy(r => r.Finding).ToDictionary(r => r.Finding!, r => r.Because);
        using var json = new Utf8JsonWriter(stream, DataOptions);
        json.WriteStartObject();
        json.WriteStartArray("words"u8);
        foreach (var severity in Enum.GetValues<Severity>())
        {
            json.WriteStringValue(Words.Of(severity));
        }

        json.WriteEndArray();
        json.WriteStartArray("findings"u8);
        foreach (var f in findings)
        {
            Data(json, f, reasons.GetValueOrDefault(f.Id));
            json.FlushSometimes();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void Data(Utf8JsonWriter json, Finding f, string? reason)
    {
        json.WriteStartObject();
        json.WriteString("id"u8, f.Id);
        json.Texts("aliases", f.Aliases);
        json.WriteNumber("severity"u8, (int)f.Severity);
        json.WriteString("category"u8, Words.Of(f.Category));
        json.WriteString("title"u8, Terminal.Clean(f.Title));
        json.WriteString("message"u8, f.Message == f.Title ? "" : FindingText.Clean(f.Message));
        json.WriteString("rule"u8, f.Rule.Id);
        json.WriteString("url"u8, f.Rule.Url ?? "");
        json.Texts("cwe", f.Rule.Cwe);
        json.WriteString("place"u8, Terminal.Clean(FindingText.Place(f)));
        json.WriteString("file"u8, Terminal.Clean(SarifPlace.Address(f.Location)));
        json.WriteString("state"u8, FindingText.State(f.State));
        json.WriteString("fix"u8, f.Fix?.Outcome ?? "");
        json.Texts("scanners", f.Scanners.Select(s => s.Name).Distinct());
        json.WriteNumber("line"u8, f.Location.StartLine ?? 0);
        json.WriteNumber("end"u8, f.Location.EndLine ?? 0);
        json.WriteString("snippet"u8, FindingText.Clean(f.Location.Snippet));
        json.WriteStartArray("facts"u8);
        foreach (var (name, value) in FindingText.Facts(f, reason))
        {
            json.WriteStartArray();
            json.WriteStringValue(name);
            json.WriteStringValue(Terminal.Clean(value));
            json.WriteEndArray();
        }

        json.WriteEndArray();
        json.WriteStartArray("changes"u8);
        foreach (var change in f.Fix?.Changes ?? [])
        {
            json.WriteStartArray();
            json.WriteStringValue(Terminal.Clean(change.Path));
            json.WriteStringValue(FindingText.Clean(string.Join('\n', FindingText.Lines(change))));
            json.WriteEndArray();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static string Part(string name)
    {
        using var stream = typeof(HtmlReport).Assembly.GetManifestResourceStream("html/" + name) ?? throw new InvalidOperationException(name + " is not in the assembly");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd().ReplaceLineEndings("\n");
    }

    private static string Hash(string content) => "sha256-" + Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(content)));
}
