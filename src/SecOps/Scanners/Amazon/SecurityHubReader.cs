using System.Globalization;
using SecOps.Findings;

namespace SecOps.Scanners.Amazon;

/// <summary>Security Hub's finding format, ASFF (https://docs.aws.amazon.com/securityhub/latest/userguide/securityhub-findings-format.html), of any product.</summary>
public sealed class SecurityHubReader : IReportReader
{
    private static readonly AmazonReport Format = new("a report in the AWS Security Finding Format", IsFinding, Take);

    public string Name => "securityhub";

    public void Read(Stream report, ReportSink sink) => Format.Read(report, sink);

    private static bool IsFinding(ReportNode f) => f["ProductArn"].Text is not null && f["GeneratorId"].Text is not null;

    private static void Take(ReportNode f, ReportSink sink)
    {
        var severity = f["Severity"];
        var word = severity["Label"].Text ?? severity["Normalized"].Text;
        sink.CountEntry(word);
        if (!IsActive(f))
        {
            return;
        }

        var resource = f["Resources"][0];
        var vulnerability = f["Vulnerabilities"][0];
        var other = resource["Details"]["Other"];
        var image = ImageOf(resource);
        var package = PackageOf(vulnerability["VulnerablePackages"][0], other, vulnerability["VulnerablePackages"].Items.Count);
        var id = vulnerability["Id"].Text ?? other["CVE ID"].Text
            ?? DetectorType(f) ?? f["Compliance"]["SecurityControlId"].Text ?? f["ProductFields"]["ControlId"].Text ?? f["GeneratorId"].Text!;
        var isDependency = image is not null && package is not null;
        var file = other["Filename"].Text;
        sink.Add(new Finding
        {
            Category = isDependency ? Category.Dependency : file is not null ? Category.Config : Category.Cloud,
            Severity = severity["Label"].Text is { } label ? AmazonReport.SeverityOf(label) : OfNumber(severity["Normalized"].Number),
            Title = ReportSink.Shorten(f["Title"].Text ?? id, 200)!,
            Message = ReportSink.Shorten(f["Description"].Text),
            Rule = new Rule(id, null, ReportSink.WebAddress(f["Remediation"]["Recommendation"]["Url"].Text), null, vulnerability["Id"].Text is null && other["CVE ID"].Text is null ? null : [id]),
            Location = new Location
            {
                Path = file is null ? null : sink.RelativePath(file),
                Package = package,
                Image = image,
                Resource = isDependency || file is not null ? null : ResourceOf(f, resource),
            },
            Scanners = [new Detection(sink.Scanner, f["GeneratorId"].Text!, word)],
            Fix = f["Remediation"]["Recommendation"]["Text"].Text is { } text && text != "None Provided" ? new Fix(ReportSink.Shorten(text, 500), package?.FixedVersion) : null,
        });
    }

    /// <summary>GuardDuty names its detector as the generator of everything; the finding's type is the last part of a path of types.</summary>
    private static string? DetectorType(ReportNode f) =>
        f["GeneratorId"].Text!.Contains(":detector/", StringComparison.Ordinal) ? f["Types"][0].Text?.Split('/')[^1] : null;

    /// <summary>An account has one ARN in all regions; what is wrong in one of them is another thing than in the next.</summary>
    private static string? ResourceOf(ReportNode f, ReportNode resource)
    {
        var region = resource["Region"].Text ?? f["Region"].Text;
        return resource["Type"].Text == "AwsAccount" && region is not null ? $"{resource["Id"].Text} in {region}" : resource["Id"].Text;
    }

    /// <summary>Archived, resolved and suppressed findings are history; a control that passed is none.</summary>
    private static bool IsActive(ReportNode f) =>
        f["RecordState"].Text is not "ARCHIVED"
        && f["Workflow"]["Status"].Text is not ("RESOLVED" or "SUPPRESSED")
        && f["Compliance"]["Status"].Text is not "PASSED";

    private static Severity OfNumber(double? normalized) => normalized switch
    {
        >= 90 => Severity.Critical,
        >= 70 => Severity.High,
        >= 40 => Severity.Medium,
        >= 1 => Severity.Low,
        >= 0 => Severity.Info,
        _ => Severity.Unknown,
    };

    private static Image? ImageOf(ReportNode resource)
    {
        var details = resource["Details"]["AwsEcrContainerImage"];
        if (details["RepositoryName"].Text is { } repository)
        {
            var tag = details["ImageTags"].Texts.FirstOrDefault();
            return new Image(tag is null ? repository : $"{repository}:{tag}", details["ImageDigest"].Text);
        }

        return resource["Details"]["Container"]["ImageName"].Text is { } name ? new Image(name, null) : null;
    }

    /// <summary>Trivy's template has no list of packages and writes them as it pleases.</summary>
    private static Package? PackageOf(ReportNode package, ReportNode other, int count)
    {
        var name = package["Name"].Text ?? other["PkgName"].Text;
        if (name is null)
        {
            return null;
        }

        var more = count > 1 ? string.Create(CultureInfo.InvariantCulture, $" and {count - 1} more") : "";
        var fixedIn = package["FixedInVersion"].Text ?? other["Patched Package"].Text;
        return new Package(null, name + more, package["Version"].Text ?? other["Installed Package"].Text, fixedIn is "NotAvailable" ? null : fixedIn, package["FilePath"].Text);
    }
}
