using System.Text.Json;
using SecOps.Findings;
using SecOps.Findings.Json;

namespace SecOps.Scanners.Amazon;

/// <summary>
/// What the reports of AWS share: an answer of the API (<c>{"findings": […]}</c>, also with a capital letter), a bare list, an
/// event of EventBridge (<c>{"detail": …}</c>), or one finding a line as exports to S3 have it.
/// </summary>
/// <param name="Name">Names the report in errors.</param>
/// <param name="IsFinding">Whether an entry is this service's: the answers of all of them look alike from outside.</param>
/// <param name="Take">Gives an entry to the sink.</param>
internal sealed record AmazonReport(string Name, Func<ReportNode, bool> IsFinding, Action<ReportNode, ReportSink> Take)
{
    public void Read(Stream report, ReportSink sink) => ReportJson.Read(report, Name, sink, Document);

    public SecOpsException Not(string why) => SecOpsException.Tool($"this is not {Name} ({why}).");

    private void Document(ref JsonCursor json, ReportSink sink)
    {
        switch (json.Peek())
        {
            case JsonTokenType.StartArray:
                List(ref json, sink);
                break;
            case JsonTokenType.StartObject:
                Answer(ref json, sink);
                break;
            default:
                throw Not("it is a lone value");
        }
    }

    private void Answer(ref JsonCursor json, ReportSink sink)
    {
        var members = new List<KeyValuePair<string, ReportNode>>();
        var listed = false;
        json.BeginObject();
        while (json.NextMember())
        {
            if ((json.Is("findings"u8) || json.Is("Findings"u8)) && json.Peek() == JsonTokenType.StartArray)
            {
                listed = true;
                List(ref json, sink);
            }
            else
            {
                var name = json.MemberName();
                members.Add(new(name, ReportNode.Read(ref json)));
            }
        }

        var rest = ReportNode.Of(members);
        if ((rest["nextToken"].Text ?? rest["NextToken"].Text) is not null)
        {
            sink.AddUnread("(further pages)", "the answer ends with a token for the next page; save all pages");
        }

        if (rest["detail"].IsObject)
        {
            var detail = rest["detail"];
            var findings = detail["findings"].IsArray ? detail["findings"].Items : [detail];
            foreach (var finding in findings)
            {
                Entry(finding, sink);
            }
        }
        else if (!listed)
        {
            // A lone finding, as exports write one a line.
            Entry(rest, sink);
        }
    }

    private void List(ref JsonCursor json, ReportSink sink)
    {
        json.BeginArray();
        while (json.NextElement())
        {
            Entry(ReportNode.Read(ref json), sink);
        }
    }

    private void Entry(ReportNode finding, ReportSink sink)
    {
        if (!IsFinding(finding))
        {
            throw Not("an entry lacks what its findings have");
        }

        Take(finding, sink);
    }

    public static Severity SeverityOf(string? word) => word?.ToUpperInvariant() switch
    {
        "CRITICAL" => Severity.Critical,
        "HIGH" => Severity.High,
        "MEDIUM" => Severity.Medium,
        "LOW" => Severity.Low,
        "INFORMATIONAL" or "INFO" => Severity.Info,
        _ => Severity.Unknown,
    };
}
