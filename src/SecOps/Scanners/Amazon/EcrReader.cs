using System.Text.Json;
using SecOps.Findings;
using SecOps.Findings.Json;

namespace SecOps.Scanners.Amazon;

/// <summary>ECR's image scan (https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_DescribeImageScanFindings.html), basic and enhanced.</summary>
public sealed class EcrReader : IReportReader
{
    public string Name => "ecr";

    public void Read(Stream report, ReportSink sink) => ReportJson.Read(report, "the ECR report", sink, Document);

    private static SecOpsException NotEcr(string why) =>
        SecOpsException.Tool($"this is not an answer of ECR's describe-image-scan-findings ({why}).");

    private static void Document(ref JsonCursor json, ReportSink sink)
    {
        if (json.Peek() != JsonTokenType.StartObject)
        {
            throw NotEcr("it is no object");
        }

        var root = ReportNode.Read(ref json);
        var status = root["imageScanStatus"]["status"].Text;
        var findings = root["imageScanFindings"];
        if (!findings.IsObject && status is null)
        {
            throw NotEcr("it has neither \"imageScanFindings\" nor \"imageScanStatus\"");
        }

        // ACTIVE: enhanced scanning goes on, and what is there counts.
        if (status is not (null or "COMPLETE" or "ACTIVE"))
        {
            sink.Fail($"the image scan is {status}: {root["imageScanStatus"]["description"].Text ?? "no reason given"}");
        }

        if (root["nextToken"].Text is not null)
        {
            sink.AddUnread("(further pages)", "the answer ends with a token for the next page; save all pages");
        }

        var repository = root["repositoryName"].Text ?? "(unnamed repository)";
        var tag = root["imageId"]["imageTag"].Text;
        var image = new Image(tag is null ? repository : $"{repository}:{tag}", root["imageId"]["imageDigest"].Text);
        foreach (var f in findings.List("findings"))
        {
            Take(f, image, sink);
        }

        foreach (var f in findings.List("enhancedFindings"))
        {
            if (!InspectorReader.IsFinding(f))
            {
                throw NotEcr("an enhanced finding lacks its \"findingArn\"");
            }

            InspectorReader.Take(f, sink);
        }
    }

    private static void Take(ReportNode f, Image image, ReportSink sink)
    {
        var id = f["name"].Text ?? throw NotEcr("a finding lacks its \"name\"");
        var word = f["severity"].Text;
        string? Attribute(string key) => f["attributes"].Items.FirstOrDefault(a => a["key"].Text == key)?["value"].Text;

        var package = Attribute("package_name");
        sink.CountEntry(word);
        sink.Add(new Finding
        {
            Category = Category.Dependency,
            Severity = AmazonReport.SeverityOf(word),
            Title = package is null ? id : $"{id} in {package}",
            Message = ReportSink.Shorten(f["description"].Text),
            Rule = new Rule(id, Url: ReportSink.WebAddress(f["uri"].Text), Advisories: [id]),
            Location = new Location
            {
                Image = image,
                Package = package is null ? null : new Package(SystemPackage.OfAdvisory(f["uri"].Text, package, Attribute("package_version")), package, Attribute("package_version"), Attribute("patched_version"), null),
            },
            Scanners = [new Detection(sink.Scanner, id, word)],
        });
    }
}
