using System.Globalization;
using SecOps.Findings;

namespace SecOps.Reports;

/// <summary>The pictures on top of the HTML report, drawn as SVG in the page: what is found, how much of it is new, and who looked.</summary>
internal static class HtmlPictures
{
    private const int Width = 420;
    private const int Label = 112;
    private const int Number = 45;
    private const int Bar = Width - Label - Number;

    public static void Write(TextWriter text, FindingsDocument document)
    {
        var present = document.Findings.Where(f => f.State is FindingState.New or FindingState.Existing or FindingState.Waived).ToList();
        var severities = Enum.GetValues<Severity>().Reverse().ToList();
        Stacked(text, "Severity by category",
            [.. Enum.GetValues<Category>().Select(c => (Words.Of(c), present.Where(f => f.Category == c).ToList())).Where(g => g.Item2.Count > 0)
                .Select(g => (g.Item1, Parts(severities.Select(s => (Words.Of(s), g.Item2.Count(f => f.Severity == s))))))]);
        Stacked(text, "New and known",
            [.. Enum.GetValues<FindingState>().Select(s => (State: s, Count: document.Findings.Count(f => f.State == s))).Where(s => s.Count > 0)
                .Select(s => (FindingText.State(s.State), Parts([(Words.Of(s.State), s.Count)])))], legend: false);
        Coverage(text, document.Coverage);
    }

    private static List<(string Name, int Count)> Parts(IEnumerable<(string Name, int Count)> parts) => [.. parts.Where(p => p.Count > 0)];

    private static void Stacked(TextWriter text, string caption, List<(string Name, List<(string Name, int Count)> Parts)> bars, bool legend = true)
    {
        text.Write($"<figure><figcaption>{caption}</figcaption>\n");
        if (bars.Count == 0)
        {
            text.Write("<p>Nothing found.</p></figure>\n");
            return;
        }

        var most = bars.Max(b => b.Parts.Sum(p => p.Count));
        var words = string.Join("; ", bars.Select(b => $"{b.Name}: {(legend ? string.Join(", ", b.Parts.Select(p => N(p.Count) + " " + p.Name)) : N(b.Parts.Sum(p => p.Count)))}"));
        text.Write($"<svg viewBox=\"0 0 {N(Width)} {N(bars.Count * 30)}\" role=\"img\" aria-label=\"{caption}: {words}\">\n");
        for (var row = 0; row < bars.Count; row++)
        {
            var (y, x) = ((row * 30) + 4, (double)Label);
            text.Write($"<text x=\"0\" y=\"{N(y + 16)}\">{bars[row].Name}</text>");
            foreach (var (name, count) in bars[row].Parts)
            {
                // Always wide enough to be seen.
                var width = Math.Max(3, (double)Bar * count / most);
                text.Write($"<rect class=\"{name}\" x=\"{N(x)}\" y=\"{N(y)}\" width=\"{N(width)}\" height=\"22\"><title>{N(count)} {name}</title></rect>");
                x += width;
            }

            text.Write($"<text x=\"{N(Math.Min(x + 6, Width - Number + 15))}\" y=\"{N(y + 16)}\">{N(bars[row].Parts.Sum(p => p.Count))}</text>\n");
        }

        text.Write("</svg>\n");
        if (legend)
        {
            text.Write("<ul class=\"legend\" aria-hidden=\"true\">");
            foreach (var name in Words.Severities.Where(s => bars.Exists(b => b.Parts.Exists(p => p.Name == s))))
            {
                text.Write($"<li><svg viewBox=\"0 0 1 1\"><rect class=\"{name}\" width=\"1\" height=\"1\"/></svg>{name}</li>");
            }

            text.Write("</ul>");
        }

        text.Write("</figure>\n");
    }

    private static void Coverage(TextWriter text, IReadOnlyList<Coverage> coverage)
    {
        text.Write("<figure><figcaption>Who looked, and who did not</figcaption>\n<ul class=\"coverage\">\n");
        foreach (var c in coverage)
        {
            var (mark, word) = c.IsComplete ? ("yes", "✓") : ("no", "✗");
            var needed = c.Required ? ", required" : "";
            text.Write($"<li><span class=\"{mark}\" role=\"img\" aria-label=\"{(c.IsComplete ? "complete" : "not complete")}\">{word}</span> <strong>{HtmlReport.Encode(c.Scanner)}</strong> {HtmlReport.Encode(c.Version)} on {HtmlReport.Encode(c.Target)}{needed}: {HtmlReport.Encode(FindingText.Ended(c))}</li>\n");
        }

        text.Write(coverage.Count == 0 ? "<li><span class=\"no\">No scanner ran.</span></li></ul></figure>\n" : "</ul></figure>\n");
    }

    private static string N(double number) => number.ToString("0.##", CultureInfo.InvariantCulture);
}
