using System.Text.RegularExpressions;
using SecOps.Processes;
using SecOps.Testing;
using Xunit;

namespace SecOps.Reports;

/// <summary>Each format over one fixed document, compared with the approved file beside this test.</summary>
public sealed partial class ApprovedReportTests
{
    public static TheoryData<string> Formats => [.. ReportList.Writers.Select(w => w.FileName)];

    [Theory]
    [MemberData(nameof(Formats))]
    public void A_report_says_what_was_approved(string file)
    {
        using var stream = new MemoryStream();
        ReportList.Writers.Single(w => w.FileName == file).Write(stream, ReportDocuments.Full);
        var text = System.Text.Encoding.UTF8.GetString(stream.ToArray());
        Approval.Approve(file.EndsWith(".html", StringComparison.Ordinal) ? OwnCode().Replace(text, "$1$3$5…$2$4$6") : text, "reports.approved/" + file);
    }

    [Fact]
    public void The_terminal_says_what_was_approved()
    {
        using var output = new StringWriter();
        TerminalReport.Write(new Terminal(new Redactor(), output, TextWriter.Null) { Width = 100 }, ReportDocuments.Full);
        Approval.Approve(output.ToString(), "reports.approved/terminal.txt");
    }

    /// <summary>Style and script stand in files of their own; here their hashes and text would only repeat them.</summary>
    [GeneratedRegex(@"(<style>).*?(</style>)|(<script>).*?(</script>)|('sha256-).*?(')", RegexOptions.Singleline)]
    private static partial Regex OwnCode();
}
