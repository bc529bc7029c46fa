using System.Text;
using SecOps.Findings;
using Shouldly;
using Xunit;

namespace SecOps.Reports;

public sealed class MarkdownTests
{
    [Theory]
    [InlineData("a | b", "a &#124; b")]
    [InlineData("`x`", "&#96;x&#96;")]
    [InlineData("@everyone", "&#64;&#8203;everyone")]
    [InlineData("fixes #1", "fixes &#35;&#8203;1")]
    [InlineData("<!-- x -->", "&#60;&#33;-- x --&#62;")]
    [InlineData("one\n::error::two", "one &#58;&#58;error&#58;&#58;two")]
    [InlineData("https://evil.example", "https&#58;//evil.example")]
    [InlineData("www.evil.example", "www&#46;evil.example")]
    [InlineData("[a](javascript:b)", "&#91;a&#93;(javascript:b)")]
    [InlineData("**b** _i_ ~s~ $m$ \\", "&#42;&#42;b&#42;&#42; &#95;i&#95; &#126;s&#126; &#36;m&#36; &#92;")]
    [InlineData("app.py:12", "app.py:12")]
    [InlineData("漏洞 é", "漏洞 é")]
    public void Text_loses_every_meaning_it_could_have(string text, string safe) => MarkdownText.Escape(text).ShouldBe(safe);

    [Fact]
    public void A_hostile_finding_adds_no_line_no_cell_no_tag_and_no_mention()
    {
        var text = ReportDocuments.Render("markdown");
        var lines = text.Split('\n');
        lines.ShouldAllBe(l => l.Length == 0 || "#-|*0123456789".Contains(l[0]));
        lines.Where(l => l.StartsWith('|')).ShouldAllBe(l => l.Count(c => c == '|') == 6);
        text.Replace("<code>", "").Replace("</code>", "").Replace("</a>", "").ShouldSatisfyAllConditions(
            t => t.ShouldNotContain("<script"),
            t => t.ShouldNotContain("<!--"),
            t => t.ShouldNotContain("@"),
            t => t.ShouldNotContain("::"));
    }

    [Fact]
    public void A_page_keeps_its_limit_and_says_how_many_findings_it_leaves_out()
    {
        var findings = Enumerable.Range(0, 5000).Select(i => ReportDocuments.Code($"f1-{i:x20}", Severity.High, "B602", $"src/{i}.py", 1, "漏洞 " + ReportDocuments.Hostile)).ToList();
        var (text, left) = MarkdownReport.Render(ReportDocuments.Full with { Findings = findings }, 65_000);
        Encoding.UTF8.GetByteCount(text).ShouldBeLessThanOrEqualTo(65_000);
        left.ShouldBeGreaterThan(0);
        text.ShouldContain($"**{left} more findings");
        (text.Split('\n').Count(l => l.StartsWith("| high", StringComparison.Ordinal)) + left).ShouldBe(5000);
    }

    [Fact]
    public void Many_notes_are_counted() =>
        ReportDocuments.Render("markdown", ReportDocuments.Full with { WaiverNotes = [.. Enumerable.Range(0, 25).Select(i => $"note {i}")] }).ShouldContain("- and 5 more notes on waivers");

    [Fact]
    public void A_difference_lists_what_is_new_fixed_and_not_rescanned_and_keeps_its_limit()
    {
        var text = DiffMarkdown.Render(ReportDocuments.Full, 65_000);
        text.ShouldStartWith("## 6 new security findings\n\n6 new, 1 fixed, 2 existing, 1 waived, 1 not rescanned.\n");
        text.Split('\n').Where(l => l.StartsWith("| ", StringComparison.Ordinal)).Count().ShouldBe(8 + (3 * 2));
        text.ShouldNotContain("<script");
        var many = Enumerable.Range(0, 5000).Select(i => ReportDocuments.Code($"f1-{i}", Severity.High, "B1", "a.py", i, ReportDocuments.Hostile)).ToList();
        var cut = DiffMarkdown.Render(ReportDocuments.Full with { Findings = many }, 65_000);
        Encoding.UTF8.GetByteCount(cut).ShouldBeLessThanOrEqualTo(65_000);
        cut.ShouldContain("more are left out here");
        var mixed = DiffMarkdown.Render(ReportDocuments.Full with { Findings = [.. many, many[0] with { Id = "f1-gone", State = FindingState.Fixed }] }, 65_000);
        Encoding.UTF8.GetByteCount(mixed).ShouldBeLessThanOrEqualTo(65_000);
        mixed.ShouldContain("**Fixed: 1, left out here.**");
    }
}
