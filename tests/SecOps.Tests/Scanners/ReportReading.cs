using System.Text;
using Shouldly;

namespace SecOps.Scanners;

/// <summary>What the tests of report readers share.</summary>
internal static class ReportReading
{
    public static ReportSink ReadText(this IReportReader reader, string report)
    {
        var sink = new ReportSink(reader.Name, "/repository");
        reader.Read(new MemoryStream(Encoding.UTF8.GetBytes(report)), sink);
        return sink;
    }

    /// <summary>The report is refused as no report of this tool, and says why.</summary>
    public static void ShouldRefuse(this IReportReader reader, string report, string why)
    {
        var refusal = Should.Throw<SecOpsException>(() => reader.ReadText(report));
        refusal.Code.ShouldBe(ExitCode.ToolFailed);
        refusal.Message.ShouldContain(why);
    }
}
