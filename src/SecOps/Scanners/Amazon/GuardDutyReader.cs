using SecOps.Findings;

namespace SecOps.Scanners.Amazon;

/// <summary>
/// GuardDuty (https://docs.aws.amazon.com/guardduty/latest/APIReference/API_Finding.html): <c>aws guardduty get-findings</c> with
/// capital letters, exports and events with small ones.
/// </summary>
public sealed class GuardDutyReader : IReportReader
{
    private static readonly AmazonReport Format = new("an answer of GuardDuty's get-findings", IsFinding, Take);

    public string Name => "guardduty";

    public void Read(Stream report, ReportSink sink) => Format.Read(report, sink);

    private static bool IsFinding(ReportNode f) => Of(f, "Type").Text is not null && Of(f, "Severity").Text is not null && Of(f, "Service").IsObject && Of(f, "Resource").IsObject;

    private static void Take(ReportNode f, ReportSink sink)
    {
        var word = Of(f, "Severity").Text;
        sink.CountEntry(word);
        if (Of(Of(f, "Service"), "Archived").IsTrue)
        {
            return;
        }

        var type = Of(f, "Type").Text!;
        sink.Add(new Finding
        {
            Category = Category.Cloud,
            Severity = Of(f, "Severity").Number switch { >= 9 => Severity.Critical, >= 7 => Severity.High, >= 4 => Severity.Medium, >= 1 => Severity.Low, >= 0 => Severity.Info, _ => Severity.Unknown },
            Title = ReportSink.Shorten(Of(f, "Title").Text ?? type, 200)!,
            Message = ReportSink.Shorten(Of(f, "Description").Text),
            Rule = new Rule(type, null, "https://docs.aws.amazon.com/guardduty/latest/ug/guardduty_finding-types-active.html"),
            Location = new Location { Resource = ResourceOf(f) },
            Scanners = [new Detection(sink.Scanner, type, word)],
        });
    }

    /// <summary>The ARN of what is affected, as far as the finding names it: an instance, a bucket, a cluster, a function, an access key's user.</summary>
    private static string? ResourceOf(ReportNode f)
    {
        var resource = Of(f, "Resource");
        var at = $"{Of(f, "Region").Text}:{Of(f, "AccountId").Text}";
        var instance = Of(Of(resource, "InstanceDetails"), "InstanceId").Text;
        var user = Of(Of(resource, "AccessKeyDetails"), "UserName").Text;
        return instance is not null ? $"arn:aws:ec2:{at}:instance/{instance}"
            : Of(Of(resource, "S3BucketDetails")[0], "Arn").Text
            ?? Of(Of(resource, "EcsClusterDetails"), "Arn").Text
            ?? Of(Of(resource, "EksClusterDetails"), "Arn").Text
            ?? Of(Of(resource, "LambdaDetails"), "FunctionArn").Text
            ?? Of(Of(resource, "RdsDbInstanceDetails"), "DbInstanceArn").Text
            ?? (user is null ? null : $"arn:aws:iam::{Of(f, "AccountId").Text}:user/{user}")
            ?? Of(f, "Arn").Text;
    }

    private static ReportNode Of(ReportNode node, string name) =>
        node.Has(name) ? node[name] : node[char.ToLowerInvariant(name[0]) + name[1..]];
}
