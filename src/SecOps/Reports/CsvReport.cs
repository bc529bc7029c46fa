using System.Buffers;
using System.Globalization;
using System.Text;
using SecOps.Findings;

namespace SecOps.Reports;

/// <summary>
/// A row a finding (RFC 4180, UTF-8). A spreadsheet takes a cell that starts with = + - @ or a tab for a formula, and a formula can run programs:
/// such a cell gets an apostrophe in front (https://owasp.org/www-community/attacks/CSV_Injection).
/// </summary>
internal sealed class CsvReport : IReportWriter
{
    private static readonly SearchValues<char> Quoted = SearchValues.Create("\",\r\n;\t");

    public string Format => "csv";

    public string FileName => "findings.csv";

    public IReadOnlyList<string> Write(Stream stream, FindingsDocument document)
    {
        using var text = new StreamWriter(stream, new UTF8Encoding(false), leaveOpen: true) { NewLine = "\r\n" };
        text.WriteLine("id,severity,score,category,state,rule,title,path,line,package,version,fixedVersion,image,url,parameter,resource,cwe,advisories,scanners,confidence,fix,fixOutcome,waiver,waiverOwner,waiverExpires,message");
        foreach (var f in document.Findings)
        {
            var l = f.Location;
            string?[] cells =
            [
                f.Id, Words.Of(f.Severity), SeverityScale.Score(f.Severity), Words.Of(f.Category), Words.Of(f.State), f.Rule.Id, f.Title,
                l.Path ?? l.Package?.Manifest, l.StartLine?.ToString(CultureInfo.InvariantCulture), l.Package?.Name, l.Package?.Version, l.Package?.FixedVersion, l.Image?.Reference,
                l.Url is null ? null : $"{l.Method} {l.Url}".Trim(), l.Parameter, l.Resource, string.Join(' ', f.Rule.Cwe), string.Join(' ', f.Rule.Advisories),
                string.Join(' ', f.Scanners.Select(s => s.Name).Distinct()), f.Confidence, FindingText.Fix(f), f.Fix?.Outcome,
                f.Waiver?.Reason, f.Waiver?.Owner, f.Waiver?.Expires.ToString("O", CultureInfo.InvariantCulture), f.Message,
            ];
            text.WriteLine(string.Join(',', cells.Select(Cell)));
        }

        return [];
    }

    internal static string Cell(string? value)
    {
        if (string.IsNullOrEmpty(value))
        {
            return "";
        }

        // Spaces before the sign do not stop every spreadsheet, and full-width signs are signs in some.
        var first = value.AsSpan().TrimStart(" \u00A0\u3000");
        var safe = first.Length > 0 && first[0] is '=' or '+' or '-' or '@' or '\t' or '\r' or '\n' or '＝' or '＋' or '－' or '＠' ? "'" + value : value;
        safe = FindingText.Clean(safe);
        return safe.AsSpan().ContainsAny(Quoted) ? $"\"{safe.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : safe;
    }
}
